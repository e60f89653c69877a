import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReadChunksResponse, WriteChunksRequest } from '../../proto/gen/sciclomatic/storage/v1/chunk.js';
import { decodeReadFrame, decodeWriteFrame, encodeReadFrame, encodeWriteFrame } from './chunk-frame-codec.js';

const uint32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constant(2 ** 32 - 1));
const bytes = fc.uint8Array({ maxLength: 300 });
const readFrame = fc.record({ chunkIndex: uint32, chunkSizeBytes: uint32, bytes });
const writeFrame = fc.record({ chunkId: fc.uint8Array({ maxLength: 40 }), chunkSizeBytes: uint32, bytes });

const plain = <Frame extends { bytes: Uint8Array }>(frame: Frame) =>
  Object.fromEntries(
    Object.entries(frame).map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value]),
  );

describe('the hand-written frame codec', () => {
  it('writes the same bytes as the generated one', () => {
    fc.assert(
      fc.property(readFrame, writeFrame, (read, write) => {
        expect(encodeReadFrame(read).equals(ReadChunksResponse.encode(read).finish())).toBe(true);
        expect(encodeWriteFrame(write).equals(WriteChunksRequest.encode(write).finish())).toBe(true);
      }),
    );
  });

  it('is read by the generated one, and reads what that one writes', () => {
    fc.assert(
      fc.property(readFrame, writeFrame, (read, write) => {
        expect(plain(ReadChunksResponse.decode(encodeReadFrame(read)))).toEqual(plain(read));
        expect(plain(WriteChunksRequest.decode(encodeWriteFrame(write)))).toEqual(plain(write));
        expect(plain(decodeReadFrame(Buffer.from(ReadChunksResponse.encode(read).finish())))).toEqual(plain(read));
        expect(plain(decodeWriteFrame(Buffer.from(WriteChunksRequest.encode(write).finish())))).toEqual(plain(write));
      }),
    );
  });

  it('reads fields in another order and skips fields of a later version, as proto3 asks', () => {
    const reordered = Buffer.concat([
      Buffer.from([0x1a, 2, 7, 8]),
      Buffer.from([0x22, 1, 9]),
      Buffer.from([0x10, 2]),
      Buffer.from([0x08, 5]),
    ]);
    expect(plain(decodeReadFrame(reordered))).toEqual({ chunkIndex: 5, chunkSizeBytes: 2, bytes: [7, 8] });
  });

  it('never reads past a message that lies about its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        const message = Buffer.from(noise);
        let expected: unknown;
        try {
          expected = plain(ReadChunksResponse.decode(message));
        } catch {
          expect(() => decodeReadFrame(message)).toThrow();
          return;
        }
        expect(plain(decodeReadFrame(message))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a cut message', () => {
    const whole = encodeReadFrame({ chunkIndex: 1, chunkSizeBytes: 9, bytes: Buffer.from('nine bytes') });
    expect(() => decodeReadFrame(whole.subarray(0, -1))).toThrow();
  });
});
