import DataLoader from 'dataloader';
import type { Call } from '../../core/call.js';
import type { LogReader } from './log-reader.js';
import type { ProvenanceRecordParent } from './parents.js';

/** Batches what one request asks of the log. */
export interface Loaders {
  /** Record by entry index; null where none is. */
  readonly record: DataLoader<number, ProvenanceRecordParent | null>;
  /** Proof text by entry index; those of one batch are over the same checkpoint. */
  readonly proof: DataLoader<number, string>;
}

export function createLoaders(log: LogReader, call: Call): Loaders {
  return {
    record: new DataLoader(async (entryIndexes) => {
      const records = await log.readRecords(entryIndexes, call);
      return records.map((record) => record ?? null);
    }),
    proof: new DataLoader((entryIndexes) => log.readProofs(entryIndexes, call)),
  };
}
