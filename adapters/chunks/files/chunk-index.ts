import type { RootDatabase } from 'lmdb';
import type { ChunkId } from '../../../core/ids.js';
import { commit, openEnvironment } from '../../../core/lmdb.js';

/** What was counted when the store was last closed in order. */
export interface IndexTotals {
  readonly chunkCount: number;
  readonly storedBytes: number;
}

/** Chunk id → size in bytes, in LMDB. A change is on disk when its promise resolves. */
export interface ChunkIndex {
  /** Undefined when the chunk is not held. */
  readSize(id: ChunkId): number | undefined;
  add(entries: readonly { readonly id: ChunkId; readonly sizeBytes: number }[]): Promise<void>;
  remove(id: ChunkId): Promise<void>;
  /** Ids in order, from `start` (inclusive) to `end` (exclusive). */
  list(start?: ChunkId, end?: ChunkId): Iterable<{ readonly id: ChunkId; readonly sizeBytes: number }>;
  /** Totals left by an orderly close, taken away so that a crash from now on is noticed; undefined after a crash. */
  takeTotals(): Promise<IndexTotals | undefined>;
  /** Leaves the totals for the next open. */
  close(totals: IndexTotals): Promise<void>;
}

const TOTALS = 'totals';

const keyOf = (id: ChunkId): Buffer => Buffer.from(id, 'hex');

/** @throws what LMDB throws when the folder cannot be used */
export function openChunkIndex(dir: string): ChunkIndex {
  const environment: RootDatabase = openEnvironment({ path: dir, maxDbs: 2 });
  const chunks = environment.openDB<number, Buffer>({ name: 'chunks', keyEncoding: 'binary' });
  const state = environment.openDB<IndexTotals, string>({ name: 'state' });
  return {
    readSize: (id) => chunks.get(keyOf(id)),
    add: async (entries) => {
      await commit(environment, () => {
        for (const { id, sizeBytes } of entries) void chunks.put(keyOf(id), sizeBytes);
      });
    },
    remove: async (id) => {
      await commit(environment, () => {
        void chunks.remove(keyOf(id));
      });
    },
    list: (start, end) =>
      chunks
        .getRange({
          ...(start === undefined ? {} : { start: keyOf(start) }),
          ...(end === undefined ? {} : { end: keyOf(end) }),
        })
        .map(({ key, value }) => ({ id: key.toString('hex') as ChunkId, sizeBytes: value })),
    takeTotals: async () => {
      const totals = state.get(TOTALS);
      await commit(environment, () => {
        void state.remove(TOTALS);
      });
      return totals;
    },
    close: async (totals) => {
      try {
        await commit(environment, () => {
          void state.put(TOTALS, totals);
        });
      } finally {
        await environment.close();
      }
    },
  };
}
