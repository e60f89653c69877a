import { type ErrorCode, SciclomaticError } from '../../core/errors.js';
import type { RecordProblem } from './contract.js';

/** Faults of one record. Any other failure is the source's or ours, and ends the listing. */
const RECORD_FAULTS: ReadonlySet<ErrorCode> = new Set(['SOURCE_INVALID_ANSWER', 'MALFORMED_ID', 'UNSAFE_PATH']);

/** The problem that a record's own fault is told as. @throws the error itself when it is not the record's fault */
export function createRecordProblem(localId: string, error: unknown): RecordProblem {
  if (error instanceof SciclomaticError && RECORD_FAULTS.has(error.code)) return { localId, message: error.message };
  throw error;
}
