import type { DatasetRecord } from '../../formats/dataset-record.js';

/** Most records in a batch. */
export const MAX_BATCH_RECORDS = 1000;
/** Most bytes of a batch's records as JSON, so that it fits into one gRPC message; one record alone may be larger. */
export const MAX_BATCH_BYTES = 3 * 1024 * 1024;

/** Bytes of the record as JSON: what counts towards MAX_BATCH_BYTES. */
export function measureRecord(record: DatasetRecord): number {
  return Buffer.byteLength(JSON.stringify(record));
}
