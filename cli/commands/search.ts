import { SearchDatasets, type SearchDatasetsQueryVariables } from '../../clients/typescript/gen/operations.js';
import { SciclomaticError } from '../../core/errors.js';
import { formatBytes, formatQuantity } from '../output.js';
import { required, type Session } from '../session.js';

export interface SearchOptions {
  readonly first: number;
  readonly after?: string;
  readonly filter?: readonly string[];
  readonly sort: 'relevance' | 'id';
  readonly facets?: boolean;
}

const FILTER_FIELDS = ['repository', 'subject', 'creator', 'license', 'year', 'resourceType'] as const;

/** `sc search`: datasets that match, with the state of each source. */
export async function search(session: Session, words: readonly string[], options: SearchOptions): Promise<void> {
  const variables: SearchDatasetsQueryVariables = {
    text: words.join(' '),
    first: options.first,
    after: options.after ?? null,
    sort: options.sort === 'id' ? 'ID' : 'RELEVANCE',
    filter: parseFilter(options.filter ?? []),
    withFacets: options.facets === true || session.output.json,
  };
  const { data, errors } = await session.client.request(SearchDatasets, variables, { signal: session.signal });
  const found = required(data.searchDatasets, errors, 'The search');
  session.output.partial(errors);
  for (const { repository, state, message } of found.sources) {
    if (state !== 'OK') session.output.remark(`${repository.id}: ${state}: ${message ?? ''}`);
  }
  const lines = found.edges.flatMap(({ node }) => [
    node.title,
    `  ${node.id}  ${node.health?.state ?? 'not in the swarm'}  ${node.files ? `${formatQuantity(node.files.totalCount, 'file')}, ${formatBytes(node.files.totalSizeBytes)}` : 'files not listed'}`,
  ]);
  const facets = options.facets
    ? (found.facets ?? []).map(
        ({ field, buckets }) =>
          `${field}: ${buckets.map(({ value, count }) => `${value} (${count})`).join(', ') || 'none'}`,
      )
    : [];
  const { hasNextPage, endCursor } = found.pageInfo;
  const more = hasNextPage && endCursor !== null ? [`more: --after ${endCursor}`] : [];
  session.output.result(found, [
    found.totalCount === null ? 'an unknown number of datasets' : formatQuantity(found.totalCount, 'dataset'),
    ...lines,
    ...facets,
    ...more,
  ]);
}

function parseFilter(filters: readonly string[]): Partial<Record<(typeof FILTER_FIELDS)[number], string[]>> {
  const parsed: Partial<Record<(typeof FILTER_FIELDS)[number], string[]>> = {};
  for (const filter of filters) {
    const [name = '', ...rest] = filter.split('=');
    const field = FILTER_FIELDS.find((one) => one === name);
    if (field === undefined || rest.length === 0) {
      throw new SciclomaticError(
        'BAD_INPUT',
        `--filter is field=value with one of ${FILTER_FIELDS.join(', ')}; not ${JSON.stringify(filter)}`,
      );
    }
    parsed[field] = [...(parsed[field] ?? []), rest.join('=')];
  }
  return parsed;
}
