import type { Database } from 'lmdb';
import { checkRoom, commit, openEnvironment } from '../../core/lmdb.js';
import type { PartHealth } from '../../core/part.js';

/** What the storage subgraph itself keeps: one LMDB environment, one table for each thing. */
export interface StorageState {
  openTable<Value>(name: string): Database<Value, string>;
  /** Runs changes as one; on disk when it resolves. @throws STORAGE_FULL */
  commit(changes: () => void): Promise<void>;
  /** DEGRADED while its disk is full. */
  checkHealth(): Promise<PartHealth>;
  close(): Promise<void>;
}

const MAX_TABLES = 16;

export function openStorageState(dir: string): StorageState {
  const environment = openEnvironment({ path: dir, maxDbs: MAX_TABLES });
  return {
    openTable: (name) => environment.openDB({ name }),
    commit: (changes) => commit(environment, changes),
    checkHealth: () => checkRoom(environment, 'What is noted of uploads and transfers'),
    close: () => environment.close(),
  };
}
