import type { SearchDatasetsQuery } from '../../clients/typescript/gen/operations.js';

/** What came of a search, as the parts of its page show it. */
export type SearchAnswer = NonNullable<SearchDatasetsQuery['searchDatasets']>;
