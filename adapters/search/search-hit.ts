import type { DatasetRecord } from '../../formats/dataset-record.js';
import type { SearchHit, SearchRequest } from './contract.js';
import { listHighlights } from './highlight.js';
import { describeQuery, encodeSearchCursor } from './search-cursor.js';

/**
 * Makes the hits of one answer: cursor and highlights.
 * @param generation name of the state of the index that was searched
 */
export function createHitMaker(
  request: SearchRequest,
  terms: readonly string[],
  generation: string,
): (record: DatasetRecord, score: number) => SearchHit {
  const query = describeQuery(request);
  const marked = new Set(request.highlight ? terms : []);
  return (record, score) => ({
    record,
    score,
    cursor: encodeSearchCursor(query, { sort: request.sort, id: record.id, score, generation }),
    highlights: listHighlights(record, marked),
  });
}
