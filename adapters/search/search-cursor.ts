import { createHash } from 'node:crypto';
import { SciclomaticError } from '../../core/errors.js';
import { FACET_FIELDS, type SearchRequest } from './contract.js';

/** Where a page ended. `generation` names the state of the index in which score and order hold. */
export type SearchPosition =
  | { readonly sort: 'ID'; readonly id: string }
  | { readonly sort: 'RELEVANCE'; readonly id: string; readonly score: number; readonly generation: string };

type CursoredRequest = Pick<SearchRequest, 'text' | 'filter' | 'sort'>;

/** The part of a request that a cursor belongs to; the order of values in a filter does not matter. */
export function describeQuery(request: CursoredRequest): string {
  const filter = FACET_FIELDS.map((field) => {
    const values = request.filter[field];
    return values === undefined ? null : [...new Set(values)].sort();
  });
  return JSON.stringify([request.sort, request.text, filter]);
}

/** @param query as `describeQuery` gives it, once for all the hits of an answer */
export function encodeSearchCursor(query: string, position: SearchPosition): string {
  const fields = position.sort === 'ID' ? [position.id] : [position.id, position.score, position.generation];
  const text = JSON.stringify(fields);
  return Buffer.from(`${checksum(query, text)}${text}`).toString('base64url');
}

/**
 * The position of a cursor that was issued for this very query and sort.
 * @throws BAD_CURSOR when it was altered, or belongs to another query
 */
export function parseSearchCursor(request: CursoredRequest, cursor: string): SearchPosition {
  const decoded = Buffer.from(cursor, 'base64url');
  const text = decoded.subarray(CHECKSUM_LENGTH).toString();
  const valid =
    decoded.toString('base64url') === cursor &&
    decoded.subarray(0, CHECKSUM_LENGTH).toString() === checksum(describeQuery(request), text);
  const fields: unknown = valid ? JSON.parse(text) : undefined;
  if (Array.isArray(fields)) {
    const [id, score, generation] = fields as readonly unknown[];
    if (typeof id === 'string' && request.sort === 'ID') return { sort: 'ID', id };
    if (typeof id === 'string' && typeof score === 'number' && typeof generation === 'string')
      return { sort: 'RELEVANCE', id, score, generation };
  }
  throw new SciclomaticError('BAD_CURSOR', 'This cursor was not issued for this search, its filter and its sort');
}

const CHECKSUM_LENGTH = 12;

/** Tells altered cursors from issued ones. It is no signature: a cursor opens nothing that its query does not. */
function checksum(query: string, text: string): string {
  return createHash('sha256').update(query).update('\0').update(text).digest('base64').slice(0, CHECKSUM_LENGTH);
}
