import { SciclomaticError } from '../../core/errors.js';
import type { ChunkId } from '../../core/ids.js';
import { hexBlake3 } from '../../core/node-hashes.js';
import { MAX_CHUNK_BYTES } from './contract.js';

/** @throws LIMIT_EXCEEDED over MAX_CHUNK_BYTES, CHECKSUM_MISMATCH when the bytes do not hash to the id */
export function verifyChunk(id: ChunkId, bytes: Uint8Array, source?: string): void {
  const options = source === undefined ? {} : { source };
  if (bytes.length > MAX_CHUNK_BYTES) {
    throw new SciclomaticError(
      'LIMIT_EXCEEDED',
      `Chunk ${id} has ${bytes.length} bytes; the maximum is ${MAX_CHUNK_BYTES}`,
      options,
    );
  }
  const actual = hexBlake3(bytes);
  if (actual !== id)
    throw new SciclomaticError('CHECKSUM_MISMATCH', `The bytes given for chunk ${id} hash to ${actual}`, options);
}

/** The bytes of stored chunks, counted against a quota before they are written. */
export interface StorageQuota {
  readonly storedBytes: number;
  readonly chunkCount: number;
  /** Null without a quota. */
  readonly freeBytes: number | null;
  /** Sets room aside for one chunk. @throws STORAGE_FULL */
  reserve(sizeBytes: number): void;
  /** Gives back what was set aside. */
  release(sizeBytes: number): void;
  /** Turns what was set aside into a chunk that is stored. */
  commit(sizeBytes: number): void;
  /** Forgets a stored chunk. */
  remove(sizeBytes: number): void;
}

export function createStorageQuota(
  quotaBytes: number | undefined,
  stored = { chunkCount: 0, storedBytes: 0 },
): StorageQuota {
  let { chunkCount, storedBytes } = stored;
  let reservedBytes = 0;
  const free = (): number => Math.max(0, (quotaBytes ?? Number.POSITIVE_INFINITY) - storedBytes - reservedBytes);
  return {
    get storedBytes() {
      return storedBytes;
    },
    get chunkCount() {
      return chunkCount;
    },
    get freeBytes() {
      return quotaBytes === undefined ? null : free();
    },
    reserve: (sizeBytes) => {
      if (sizeBytes > free()) {
        throw new SciclomaticError(
          'STORAGE_FULL',
          `${sizeBytes} bytes do not fit: ${free()} of the quota of ${quotaBytes ?? 0} bytes are free`,
        );
      }
      reservedBytes += sizeBytes;
    },
    release: (sizeBytes) => {
      reservedBytes -= sizeBytes;
    },
    commit: (sizeBytes) => {
      reservedBytes -= sizeBytes;
      storedBytes += sizeBytes;
      chunkCount += 1;
    },
    remove: (sizeBytes) => {
      storedBytes -= sizeBytes;
      chunkCount -= 1;
    },
  };
}
