import { parseSearch, type SearchState } from './search-state.js';

/** What a URL of the portal shows. */
export type Route =
  | { readonly page: 'search'; readonly search: SearchState }
  | { readonly page: 'dataset'; readonly id: string; readonly lists: ListPositions }
  | { readonly page: 'adapters' }
  | { readonly page: 'missing'; readonly path: string };

/** Where the two lists of a dataset's page stand. */
export interface ListPositions {
  readonly files: ListPosition;
  readonly records: ListPosition;
}

export interface ListPosition {
  /** Cursor after which the page begins; undefined on the first one. */
  readonly after: string | undefined;
  /** Rows before the page, for the people who read "51 to 100"; 0 without a cursor. */
  readonly offset: number;
}

export const LIST_START: ListPosition = { after: undefined, offset: 0 };

/** Reads the path and query of a URL of the portal; a dataset's id is one encoded segment. */
export function parseRoute(url: URL): Route {
  const [first = '', second, ...others] = url.pathname.split('/').slice(1);
  if (first === '' && second === undefined) return { page: 'search', search: parseSearch(url.searchParams) };
  if (first === 'adapters' && (second ?? '') === '' && others.length === 0) return { page: 'adapters' };
  const id = first === 'dataset' && others.length === 0 ? decodeSegment(second ?? '') : '';
  if (id === '') return { page: 'missing', path: url.pathname };
  const lists = { files: parsePosition(url, 'files'), records: parsePosition(url, 'records') };
  return { page: 'dataset', id, lists };
}

/** The path and query of a dataset's page. */
export function datasetHref(id: string, lists: Partial<ListPositions> = {}): string {
  const query = new URLSearchParams();
  for (const name of ['files', 'records'] as const) {
    const { after, offset } = lists[name] ?? LIST_START;
    if (after === undefined) continue;
    query.set(name, after);
    query.set(`${name}-offset`, String(offset));
  }
  const text = query.toString();
  return `/dataset/${encodeURIComponent(id)}${text === '' ? '' : `?${text}`}`;
}

export const ADAPTERS_HREF = '/adapters';

function parsePosition(url: URL, name: 'files' | 'records'): ListPosition {
  const after = url.searchParams.get(name);
  if (after === null || after === '') return LIST_START;
  const offset = url.searchParams.get(`${name}-offset`) ?? '';
  return { after, offset: /^\d{1,15}$/.test(offset) ? Number(offset) : 0 };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
