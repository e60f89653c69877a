import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../../core/cursor.js';
import { SciclomaticError } from '../../../core/errors.js';

/** Where a listing by search stands. */
export interface RestPosition {
  /** Lower bound of `updated`, inclusive, to the millisecond; undefined = from the beginning. */
  readonly since: string | undefined;
  /** Page of the search with that bound, from 1. */
  readonly page: number;
  /** Record numbers told that come again: whose `updated` is exactly `since`, or that are on this page. */
  readonly told: ReadonlySet<string>;
}

export const REST_BEGINNING: RestPosition = { since: undefined, page: 1, told: new Set() };

/** Records changed in one millisecond that a cursor holds: no search gives more than its window of 10,000. */
const positionSchema = z.strictObject({
  since: z.iso.datetime().optional(),
  page: z.number().int().min(1).max(10_000),
  told: z.array(z.string().regex(/^\d{1,15}$/)).max(10_000),
});

/** @throws LIMIT_EXCEEDED when so many records changed in one millisecond that a cursor cannot name them */
export function encodePosition(list: string, position: RestPosition): string {
  const cursor = encodeCursor(list, JSON.stringify({ ...position, told: [...position.told] }));
  if (cursor.length > 64 * 1024) {
    throw new SciclomaticError('LIMIT_EXCEEDED', `${position.told.size} records changed in the same millisecond`);
  }
  return cursor;
}

/** @throws BAD_CURSOR */
export function decodePosition(list: string, cursor: string): RestPosition {
  const text = decodeCursor(list, cursor);
  try {
    const { since, page, told } = positionSchema.parse(JSON.parse(text));
    return { since, page, told: new Set(told) };
  } catch (error) {
    throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by this list', { cause: error });
  }
}
