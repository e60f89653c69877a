import type { RootDatabase } from 'lmdb';
import type { ChunkId } from '../../../core/ids.js';
import { commit } from '../../../core/lmdb.js';

/** Which chunks a peer's manifests name, and since when nobody asked for the others; in LMDB. */
export interface ChunkNames {
  /** Sequence number of the last manifest whose chunks are noted. */
  readThrough(): number;
  /** Notes what the next manifest names; on disk when it resolves. */
  addManifest(sequence: number, ids: readonly ChunkId[]): Promise<void>;
  isNamed(id: ChunkId): boolean;
  /** When an unnamed chunk was last asked for, milliseconds since the epoch; undefined when it is not noted. */
  readAskedAt(id: ChunkId): number | undefined;
  /** Notes chunks that no manifest names. */
  addUnnamed(ids: readonly ChunkId[], nowMs: number): Promise<void>;
  /** Notes that somebody asked for chunks; counts at once. Without effect on those that are not noted as unnamed. */
  renew(ids: readonly ChunkId[], nowMs: number): void;
  /** Unnamed chunks after one, in order. */
  listUnnamed(after: ChunkId | undefined, limit: number): ChunkId[];
  /** No longer unnamed, or no longer there. */
  forgetUnnamed(id: ChunkId): Promise<void>;
}

/** Chunks noted in one transaction. */
const BATCH = 4096;
const THROUGH = 'through';

const keyOf = (id: ChunkId): Buffer => Buffer.from(id, 'hex');

/**
 * Kept beside the manifests, in the same environment: what is said of them must not outlive them.
 * @param environment open for as long as this is used
 */
export function openChunkNames(environment: RootDatabase): ChunkNames {
  const named = environment.openDB<boolean, Buffer>({ name: 'named-chunks', keyEncoding: 'binary' });
  const unnamed = environment.openDB<number, Buffer>({ name: 'unnamed-chunks', keyEncoding: 'binary' });
  const progress = environment.openDB<number, string>({ name: 'named-progress' });
  // What is put is read only once it is on disk; until then its time stands here.
  const renewing = new Map<ChunkId, number>();
  const readAskedAt = (id: ChunkId): number | undefined => renewing.get(id) ?? unnamed.get(keyOf(id));

  return {
    readThrough: () => progress.get(THROUGH) ?? 0,
    addManifest: async (sequence, ids) => {
      for (let start = 0; start < ids.length; start += BATCH) {
        await commit(environment, () => {
          for (const id of ids.slice(start, start + BATCH)) void named.put(keyOf(id), true);
        });
      }
      await commit(environment, () => {
        void progress.put(THROUGH, sequence);
      });
    },
    isNamed: (id) => named.get(keyOf(id)) !== undefined,
    readAskedAt,
    addUnnamed: async (ids, nowMs) => {
      await commit(environment, () => {
        for (const id of ids) void unnamed.put(keyOf(id), nowMs);
      });
    },
    renew: (ids, nowMs) => {
      // Most peers have none: then nothing is looked up.
      if (unnamed.getCount() === 0) return;
      for (const id of ids) {
        if (readAskedAt(id) === undefined) continue;
        renewing.set(id, nowMs);
        commit(environment, () => {
          void unnamed.put(keyOf(id), nowMs);
        }).then(
          () => {
            if (renewing.get(id) === nowMs) renewing.delete(id);
          },
          // On a full disk it stands in memory, where it counts as well.
          () => undefined,
        );
      }
    },
    listUnnamed: (after, limit) =>
      [...unnamed.getKeys({ limit: limit + 1, ...(after === undefined ? {} : { start: keyOf(after) }) })]
        .map((key) => key.toString('hex') as ChunkId)
        .filter((id) => id !== after)
        .slice(0, limit),
    forgetUnnamed: async (id) => {
      renewing.delete(id);
      await commit(environment, () => {
        void unnamed.remove(keyOf(id));
      });
    },
  };
}
