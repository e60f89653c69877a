import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nodeCrypto } from '../core/node-crypto.js';
import { encodeHex } from './bytes.js';
import type { FormatCrypto } from './crypto.js';
import { createFileVerifier } from './file-verifier.js';
import { CHUNK_BYTES, type ManifestFile } from './manifest.js';
import { nobleCrypto } from './noble-crypto.js';

const bytes = randomFillSync(new Uint8Array(2 * CHUNK_BYTES + 5));
const mismatch = (message: RegExp) =>
  expect.objectContaining({ code: 'CHECKSUM_MISMATCH', message: expect.stringMatching(message) });

function describeFile(content: Uint8Array): ManifestFile {
  const chunkIds: string[] = [];
  for (let start = 0; start < content.length; start += CHUNK_BYTES) {
    chunkIds.push(encodeHex(nodeCrypto.blake3(content.subarray(start, start + CHUNK_BYTES))));
  }
  const value = encodeHex(nodeCrypto.sha256(content));
  return {
    path: 'a/b',
    sizeBytes: content.length,
    checksums: [{ algorithm: 'sha256', value, origin: 'SWARM' }],
    chunkIds,
  };
}

function verify(file: ManifestFile, pieces: readonly Uint8Array[], crypto: FormatCrypto = nodeCrypto): number {
  const verifier = createFileVerifier(file, crypto);
  for (const piece of pieces) verifier.push(piece);
  verifier.end();
  return verifier.verifiedBytes;
}

describe('createFileVerifier', () => {
  const file = describeFile(bytes);

  it('accepts the file in pieces of any size, even when the caller uses one buffer again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (cuts) => {
        const points = [0, ...cuts.sort((left, right) => left - right), bytes.length];
        const buffer = new Uint8Array(bytes.length);
        const verifier = createFileVerifier(file, nodeCrypto);
        points.slice(1).forEach((end, index) => {
          const piece = bytes.subarray(points[index], end);
          buffer.set(piece);
          verifier.push(buffer.subarray(0, piece.length));
        });
        verifier.end();
        expect(verifier.verifiedBytes).toBe(bytes.length);
      }),
      { numRuns: 30 },
    );
  });

  it('agrees with the browser implementation, and takes an empty file', () => {
    const small = bytes.subarray(0, 70_000);
    expect(verify(describeFile(small), [small], nobleCrypto)).toBe(70_000);
    expect(verify(describeFile(new Uint8Array(0)), [])).toBe(0);
  });

  it('names the path and the chunk when one bit is wrong', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const wrong = bytes.slice();
        wrong[at] = (wrong[at] ?? 0) ^ (1 << bit);
        const chunk = Math.floor(at / CHUNK_BYTES);
        expect(() => verify(file, [wrong])).toThrow(mismatch(new RegExp(`"a/b": chunk ${chunk} hashes`)));
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a short file, a long one, and a manifest that states a wrong SHA-256', () => {
    expect(() => verify(file, [bytes.subarray(0, -1)])).toThrow(mismatch(/ends after 2097156 of 2097157 bytes/));
    expect(() => verify(file, [bytes, Uint8Array.of(0)])).toThrow(mismatch(/more bytes/));
    const lying: ManifestFile = {
      ...file,
      checksums: [{ algorithm: 'sha256', value: '0'.repeat(64), origin: 'SWARM' }],
    };
    expect(() => verify(lying, [bytes])).toThrow(mismatch(/SHA-256 is/));
    const quick = createFileVerifier(lying, nodeCrypto, { checkSha256: false });
    quick.push(bytes);
    expect(() => quick.end()).not.toThrow();
  });
});
