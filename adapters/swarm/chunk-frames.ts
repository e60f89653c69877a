import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId } from '../../core/ids.js';
import { verifyChunk } from '../chunks/chunk-checks.js';
import { MAX_CHUNK_BYTES } from '../chunks/contract.js';

/** Bytes of a chunk in one message at most: large enough to be cheap, small enough that 16 of them may wait in a stream. */
export const FRAME_BYTES = 256 * 1024;

/** Most ids in one request. */
export const MAX_REQUEST_IDS = 65_536;

/** The pieces in which a chunk travels; one empty piece for an empty chunk. */
export function* splitIntoFrames(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start === 0 || start < bytes.length; start += FRAME_BYTES) {
    yield bytes.subarray(start, start + FRAME_BYTES);
  }
}

/** A 32-byte id from the wire. @throws MALFORMED_ID */
export function decodeChunkId(bytes: Uint8Array): ChunkId {
  if (bytes.length !== 32) throw new SciclomaticError('MALFORMED_ID', `A chunk id has 32 bytes, not ${bytes.length}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex') as ChunkId;
}

export const encodeChunkId = (id: string): Buffer => Buffer.from(id, 'hex');

export interface ChunkAssembler {
  /** The whole chunk, verified, once its last frame came; undefined before. */
  push(id: ChunkId, sizeBytes: number, frame: Uint8Array): Uint8Array | undefined;
  /** @throws SOURCE_INVALID_ANSWER when a chunk is only half there */
  end(): void;
}

/**
 * Puts the frames of chunks together, one chunk at a time, in a buffer that is never larger than the largest chunk
 * whatever the sender claims.
 * @param source who sends, for messages
 */
export function createChunkAssembler(source: string): ChunkAssembler {
  let current: { id: ChunkId; buffer: Buffer; filled: number } | undefined;
  const refuse = (problem: string) => new SciclomaticError('SOURCE_INVALID_ANSWER', problem, { source });
  return {
    push: (id, sizeBytes, frame) => {
      if (sizeBytes > MAX_CHUNK_BYTES) {
        throw new SciclomaticError('LIMIT_EXCEEDED', `Chunk ${id} of ${sizeBytes} bytes is over ${MAX_CHUNK_BYTES}`, {
          source,
        });
      }
      current ??= { id, buffer: Buffer.allocUnsafeSlow(sizeBytes), filled: 0 };
      if (current.id !== id || current.buffer.length !== sizeBytes) {
        throw refuse(`Chunk ${current.id} was cut short by a frame of ${id}`);
      }
      if (current.filled + frame.length > sizeBytes || (frame.length === 0 && sizeBytes > 0)) {
        throw refuse(`The frames of chunk ${id} do not add up to ${sizeBytes} bytes`);
      }
      current.buffer.set(frame, current.filled);
      current.filled += frame.length;
      if (current.filled < sizeBytes) return undefined;
      const { buffer } = current;
      current = undefined;
      verifyChunk(id, buffer, source);
      return buffer;
    },
    end: () => {
      if (current) throw refuse(`Chunk ${current.id} ends after ${current.filled} of ${current.buffer.length} bytes`);
    },
  };
}
