import { type Database, open } from 'lmdb';

/** What the storage subgraph itself keeps: one LMDB environment, one table for each thing. */
export interface StorageState {
  openTable<Value>(name: string): Database<Value, string>;
  /** Runs changes as one; on disk when it resolves. */
  commit(changes: () => void): Promise<void>;
  close(): Promise<void>;
}

const MAX_TABLES = 16;

export function openStorageState(dir: string): StorageState {
  const environment = open({ path: dir, maxDbs: MAX_TABLES });
  return {
    openTable: (name) => environment.openDB({ name }),
    commit: async (changes) => {
      await environment.transaction(changes);
      await environment.flushed;
    },
    close: () => environment.close(),
  };
}
