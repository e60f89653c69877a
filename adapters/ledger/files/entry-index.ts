import { commit, openEnvironment } from '../../../core/lmdb.js';

/** Where each entry is, by its leaf hash: makes append idempotent. It follows the tiles and can always be made from them. */
export interface EntryIndex {
  /** How many entries of the log it knows; it may be behind the log, never ahead. */
  readSize(): number;
  readIndex(leafHash: Uint8Array): number | undefined;
  /** The entries from `start` on, by leaf hash; readable when it resolves. */
  add(start: number, leafHashes: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

const SIZE = 'size';

/**
 * In LMDB, because a map in memory costs about 150 bytes an entry and reading every tile at each start; this way a start
 * reads only what was appended since the last commit of the index, and memory stays level.
 */
export function openEntryIndex(dir: string): EntryIndex {
  const environment = openEnvironment({ path: dir, maxDbs: 2 });
  const entries = environment.openDB<number, Buffer>({ name: 'entries', keyEncoding: 'binary' });
  const state = environment.openDB<number, string>({ name: 'state' });
  return {
    readSize: () => state.get(SIZE) ?? 0,
    readIndex: (leafHash) => entries.get(Buffer.from(leafHash)),
    add: async (start, leafHashes) => {
      await commit(environment, () => {
        leafHashes.forEach((hash, at) => {
          const key = Buffer.from(hash);
          // The first one counts, should a log of another program hold an entry twice.
          if (entries.get(key) === undefined) void entries.put(key, start + at);
        });
        void state.put(SIZE, start + leafHashes.length);
      });
    },
    close: () => environment.close(),
  };
}
