import { SciclomaticError } from './errors.js';

/** Largest page that any list gives. */
export const MAX_PAGE_SIZE = 1000;

/** @throws LIMIT_EXCEEDED, BAD_INPUT */
export function assertPageSize(first: number, maximum: number = MAX_PAGE_SIZE): void {
  if (!Number.isInteger(first) || first < 0)
    throw new SciclomaticError('BAD_INPUT', `first must be a whole number from 0 to ${maximum}, not ${first}`);
  if (first > maximum) throw new SciclomaticError('LIMIT_EXCEEDED', `first is ${first}; the maximum is ${maximum}`);
}

/** An opaque cursor of a list: its position, tagged with the list that issued it. */
export function encodeCursor(list: string, position: string): string {
  return Buffer.from(JSON.stringify([list, position])).toString('base64url');
}

/** The position in a cursor. @throws BAD_CURSOR when it is not one of this list */
export function decodeCursor(list: string, cursor: string): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(parsed) &&
      parsed.length === 2 &&
      parsed[0] === list &&
      typeof parsed[1] === 'string' &&
      encodeCursor(list, parsed[1]) === cursor
    ) {
      return parsed[1];
    }
  } catch {
    // Falls through to the error: whatever cannot be parsed is not our cursor.
  }
  throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued by this list');
}

/**
 * One page of a list that is sorted by a unique key in code-unit order; its cursors hold for ever.
 * @throws LIMIT_EXCEEDED, BAD_CURSOR
 */
export function pageByKey<Item>(
  list: string,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  first: number,
  after: string | null | undefined,
): { nodes: Item[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } {
  assertPageSize(first);
  const position = after === null || after === undefined ? undefined : decodeCursor(list, after);
  const rest = position === undefined ? items : items.filter((item) => keyOf(item) > position);
  const nodes = rest.slice(0, first);
  const last = nodes.at(-1);
  return {
    nodes,
    pageInfo: {
      hasNextPage: rest.length > nodes.length,
      endCursor: last === undefined ? null : encodeCursor(list, keyOf(last)),
    },
  };
}
