import { assertPageSize } from '../../core/cursor.js';
import { SciclomaticError } from '../../core/errors.js';
import type { SearchRequest } from './contract.js';
import { listQueryTerms } from './text-analysis.js';

/** Most buckets of one facet. */
export const MAX_FACET_SIZE = 1000;
/** Most distinct terms of one query: a pasted abstract passes, a pasted book does not. */
export const MAX_QUERY_TERMS = 512;

/**
 * Checks the limits that the contract states and returns the terms of the text.
 * @throws LIMIT_EXCEEDED over a maximum; BAD_INPUT for sizes that are no whole numbers or below their minimum
 */
export function verifySearchRequest(request: SearchRequest): string[] {
  assertPageSize(request.first);
  for (const { field, size } of request.facets) {
    if (!Number.isInteger(size) || size < 1)
      throw new SciclomaticError('BAD_INPUT', `size of facet ${field} must be a whole number from 1, not ${size}`);
    if (size > MAX_FACET_SIZE)
      throw new SciclomaticError(
        'LIMIT_EXCEEDED',
        `size of facet ${field} is ${size}; the maximum is ${MAX_FACET_SIZE}`,
      );
  }
  const terms = listQueryTerms(request.text);
  if (terms.length > MAX_QUERY_TERMS)
    throw new SciclomaticError('LIMIT_EXCEEDED', `text has ${terms.length} words; the maximum is ${MAX_QUERY_TERMS}`);
  return terms;
}
