import { assertActive } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { ChunkId } from '../../../core/ids.js';
import { createStorageQuota, verifyChunk } from '../chunk-checks.js';
import type { ChunkStore } from '../contract.js';

export interface MemoryChunkStoreOptions {
  /** Bytes of chunks kept at most; absent = no limit. */
  readonly quotaBytes?: number | undefined;
  /** Where the chunks are kept; a test that passes its own can damage them. */
  readonly chunks?: Map<ChunkId, Uint8Array> | undefined;
}

/** Chunks in this process's memory: the reference implementation of the contract. */
export function createMemoryChunkStore(options: MemoryChunkStoreOptions = {}): ChunkStore {
  const chunks = options.chunks ?? new Map<ChunkId, Uint8Array>();
  const quota = createStorageQuota(options.quotaBytes);
  const drop = (id: ChunkId): number | undefined => {
    const bytes = chunks.get(id);
    if (bytes === undefined) return undefined;
    quota.remove(bytes.length);
    chunks.delete(id);
    return bytes.length;
  };
  return {
    supports: { persistent: false },
    write: async (id, bytes, call) => {
      assertActive(call);
      verifyChunk(id, bytes);
      if (chunks.has(id)) return false;
      quota.reserve(bytes.length);
      chunks.set(id, Uint8Array.from(bytes));
      quota.commit(bytes.length);
      return true;
    },
    read: async (id, call) => {
      assertActive(call);
      const bytes = chunks.get(id);
      if (!bytes) throw new SciclomaticError('NOT_FOUND', `Chunk ${id} is not held`);
      try {
        verifyChunk(id, bytes);
      } catch (error) {
        drop(id);
        throw error;
      }
      return Uint8Array.from(bytes);
    },
    has: async (ids, call) => {
      assertActive(call);
      return ids.map((id) => chunks.has(id));
    },
    delete: async (id, call) => {
      assertActive(call);
      return drop(id);
    },
    list: async function* (call) {
      for (const id of [...chunks.keys()].sort()) {
        assertActive(call);
        yield id;
      }
    },
    readUsage: async () => ({
      chunkCount: quota.chunkCount,
      storedBytes: quota.storedBytes,
      freeBytes: quota.freeBytes,
    }),
    close: async () => undefined,
  };
}
