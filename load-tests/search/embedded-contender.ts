import { createEmbeddedSearchIndex } from '../../adapters/search/embedded/embedded-search-index.js';
import { createTestCall } from '../../core/test-call.js';
import type { Contender } from './contender.js';

/** Longer than any step of the load test. */
const CALL_TIMEOUT_MS = 600_000;

export async function openEmbedded(dir: string): Promise<Contender> {
  const index = await createEmbeddedSearchIndex({ dir });
  const call = () => createTestCall(CALL_TIMEOUT_MS);
  return {
    add: (records) => index.apply({ upserts: records, deletes: [] }, call()),
    // An empty change waits for the merges of those before it.
    finish: () => index.apply({ upserts: [], deletes: [] }, call()),
    async search({ words, filterField, filterValue }) {
      const { hits, totalCount, facets } = await index.search(
        {
          text: words.join(' '),
          filter: { [filterField]: [filterValue] },
          sort: 'RELEVANCE',
          first: 10,
          facets: [
            { field: 'subject', size: 10 },
            { field: 'creator', size: 10 },
            { field: 'year', size: 100 },
          ],
          highlight: true,
        },
        call(),
      );
      const years = new Map(facets[2]?.buckets.map(({ value, count }) => [value, count]));
      return { totalCount, years, topRecords: hits.map((hit) => hit.record) };
    },
    close: () => index.close(),
  };
}
