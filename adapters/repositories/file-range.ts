import { SciclomaticError } from '../../core/errors.js';
import type { FileRange } from './contract.js';

/** Largest piece that `openFile` yields, in bytes. */
export const MAX_PIECE_BYTES = 1024 * 1024;

/**
 * First byte (inclusive) and last byte (exclusive) that a range names in a file of that size. A length that reaches
 * past the end is cut there, as HTTP does (RFC 9110 §14.1.2).
 * @throws BAD_INPUT when the offset lies beyond the end, or a number is negative or not whole
 */
export function resolveFileRange(range: FileRange, sizeBytes: number): { start: number; end: number } {
  const { offset, length } = range;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > sizeBytes) {
    throw new SciclomaticError('BAD_INPUT', `Offset ${offset} is outside a file of ${sizeBytes} bytes`);
  }
  if (length !== undefined && (!Number.isSafeInteger(length) || length < 0)) {
    throw new SciclomaticError('BAD_INPUT', `Length ${length} is not a whole number of bytes`);
  }
  return { start: offset, end: Math.min(sizeBytes, offset + (length ?? sizeBytes)) };
}
