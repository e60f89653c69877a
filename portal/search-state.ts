import type { DatasetFilter, FacetField, SearchDatasetsQueryVariables } from '../clients/typescript/gen/operations.js';

export const RESULTS_PER_PAGE = 20;

/** Buckets that a facet shows at first, and when all are asked for. */
export const FACET_SIZE = { few: 8, many: 100 } as const;

/** A field of the filter under its name in the API's input, which is also its name in the URL. */
export type FilterField = keyof DatasetFilter;

/** The facets in the order of the page. */
export const FACETS: readonly { readonly field: FilterField; readonly facet: FacetField; readonly label: string }[] = [
  { field: 'repository', facet: 'REPOSITORY', label: 'Repository' },
  { field: 'resourceType', facet: 'RESOURCE_TYPE', label: 'Type' },
  { field: 'subject', facet: 'SUBJECT', label: 'Subject' },
  { field: 'year', facet: 'YEAR', label: 'Year' },
  { field: 'license', facet: 'LICENSE', label: 'Licence' },
  { field: 'creator', facet: 'CREATOR', label: 'Creator' },
];

/** All that a search is: it lives in the URL and nowhere else. */
export interface SearchState {
  readonly text: string;
  /** Values that are ticked, each once, in the order of ticking; a field without any is absent. */
  readonly filter: Readonly<Partial<Record<FilterField, readonly string[]>>>;
  readonly sort: 'RELEVANCE' | 'ID';
  /** Cursor after which the page begins; undefined on the first one. */
  readonly after: string | undefined;
  /** Counted from 1; 1 when there is no cursor. Only for people: the cursor decides. */
  readonly page: number;
  readonly showsAllFacets: boolean;
}

export const EMPTY_SEARCH: SearchState = {
  text: '',
  filter: {},
  sort: 'RELEVANCE',
  after: undefined,
  page: 1,
  showsAllFacets: false,
};

/** Longest text that the API takes. */
const MAX_TEXT_LENGTH = 2000;

/** Reads what a URL says; what it does not say, or says wrongly, is the default. */
export function parseSearch(query: URLSearchParams): SearchState {
  const filter: Partial<Record<FilterField, readonly string[]>> = {};
  for (const { field } of FACETS) {
    const values = [...new Set(query.getAll(field))].filter((value) => value !== '');
    if (values.length > 0) filter[field] = values;
  }
  const after = query.get('after') || undefined;
  return {
    text: (query.get('q') ?? '').slice(0, MAX_TEXT_LENGTH),
    filter,
    sort: query.get('sort') === 'id' ? 'ID' : 'RELEVANCE',
    after,
    page: after === undefined ? 1 : parsePage(query.get('page')),
    showsAllFacets: query.get('facets') === 'all',
  };
}

/** The path and query of a search, the shortest that says it. */
export function searchHref(state: SearchState): string {
  const query = new URLSearchParams();
  if (state.text !== '') query.set('q', state.text);
  for (const { field } of FACETS) for (const value of state.filter[field] ?? []) query.append(field, value);
  if (state.sort === 'ID') query.set('sort', 'id');
  if (state.showsAllFacets) query.set('facets', 'all');
  if (state.after !== undefined) {
    query.set('after', state.after);
    query.set('page', String(state.page));
  }
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** Ticks a value, or unticks it; begins again at the first page, since the matches change. */
export function toggleFilter(state: SearchState, field: FilterField, value: string): SearchState {
  const before = state.filter[field] ?? [];
  const values = before.includes(value) ? before.filter((other) => other !== value) : [...before, value];
  const { [field]: _replaced, ...others } = state.filter;
  return firstPage({ ...state, filter: values.length === 0 ? others : { ...others, [field]: values } });
}

export const firstPage = (state: SearchState): SearchState => ({ ...state, after: undefined, page: 1 });

/** How many values are ticked. */
export const countFilters = (state: SearchState): number =>
  FACETS.reduce((count, { field }) => count + (state.filter[field]?.length ?? 0), 0);

/** What to ask the API for a page of this search. */
export function searchVariables(state: SearchState): SearchDatasetsQueryVariables {
  return {
    text: state.text,
    ...(countFilters(state) === 0 ? {} : { filter: state.filter }),
    sort: state.sort,
    first: RESULTS_PER_PAGE,
    ...(state.after === undefined ? {} : { after: state.after }),
    facetSize: state.showsAllFacets ? FACET_SIZE.many : FACET_SIZE.few,
  };
}

/** A page number of a URL: a whole number from 2, else 1. */
export function parsePage(text: string | null): number {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
}
