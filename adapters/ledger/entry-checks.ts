import { SciclomaticError } from '../../core/errors.js';
import { MAX_ENTRY_BYTES } from './contract.js';

/** @throws LIMIT_EXCEEDED when an entry is too long to be kept; then none of them is */
export function assertEntries(entries: readonly Uint8Array[]): void {
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new SciclomaticError(
        'LIMIT_EXCEEDED',
        `A log entry has at most ${MAX_ENTRY_BYTES} bytes, this one has ${entry.length}`,
      );
    }
  }
}

/** @throws BAD_INPUT when the range is none, NOT_FOUND when it ends past the end of the log */
export function assertEntryRange(start: number, end: number, size: number): void {
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end) {
    throw new SciclomaticError('BAD_INPUT', `Entries ${start} to ${end} are no range`);
  }
  if (end > size) throw new SciclomaticError('NOT_FOUND', `The log ends at ${size}, before ${end}`);
}

/** @throws NOT_FOUND when the log has not grown to that size yet */
export function assertKnownSize(wanted: number, size: number): void {
  if (wanted > size) throw new SciclomaticError('NOT_FOUND', `The log has ${size} entries, not ${wanted}`);
}
