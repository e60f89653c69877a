import type { Call } from '../../core/call.js';
import type { ChunkId } from '../../core/ids.js';

export interface ChunksSupports {
  /** Survives a restart of its process. */
  readonly persistent: boolean;
}

export interface ChunksUsage {
  readonly chunkCount: number;
  readonly storedBytes: number;
  /** Bytes of chunks that quota and disk still take, about; null = no limit is known. */
  readonly freeBytes: number | null;
}

/** Largest chunk, in bytes. Every chunk of a file has this size but the last. */
export const MAX_CHUNK_BYTES = 1024 * 1024;

/**
 * A peer's content-addressed chunks. A chunk's id is the BLAKE3-256 of its bytes, so equal bytes are stored once.
 * Implementations MUST verify on write and on read, MUST never show half a chunk, and MUST have the bytes on disk
 * (fsync) before `write` resolves when `persistent`.
 */
export interface ChunkStore {
  readonly supports: ChunksSupports;
  /** True when the chunk was new. @throws CHECKSUM_MISMATCH, LIMIT_EXCEEDED over MAX_CHUNK_BYTES, STORAGE_FULL */
  write(id: ChunkId, bytes: Uint8Array, call: Call): Promise<boolean>;
  /** @throws NOT_FOUND; CHECKSUM_MISMATCH when the stored bytes are damaged (they are then no longer held) */
  read(id: ChunkId, call: Call): Promise<Uint8Array>;
  /** One entry for each id, in order; by index, without reading bytes. */
  has(ids: readonly ChunkId[], call: Call): Promise<boolean[]>;
  /** Bytes that this freed; undefined when it was not there. */
  delete(id: ChunkId, call: Call): Promise<number | undefined>;
  /** Every id, in order. */
  list(call: Call): AsyncIterable<ChunkId>;
  readUsage(): Promise<ChunksUsage>;
  close(): Promise<void>;
}
