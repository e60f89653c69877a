import { useEffect } from 'preact/hooks';
import { SearchDatasets, type SearchDatasetsQuery } from '../../clients/typescript/gen/operations.js';
import { formatCount, formatQuantity } from '../format.js';
import { useNavigation } from '../navigation.js';
import { Pager } from '../parts/pager.js';
import { Failure, PartialFailures } from '../parts/problem.js';
import { Skeleton } from '../parts/skeleton.js';
import {
  countFilters,
  firstPage,
  RESULTS_PER_PAGE,
  type SearchState,
  searchHref,
  searchVariables,
} from '../search-state.js';
import { failureOf, useQuery } from '../use-query.js';
import { FacetPanel } from './facet-panel.js';
import { FilterChips } from './filter-chips.js';
import { ResultList } from './result-list.js';
import type { SearchAnswer } from './search-answer.js';
import { SearchBox } from './search-box.js';
import { SourceBar } from './source-bar.js';

/** Asks again while a repository is being harvested for the first time: more will come. */
const HARVESTING_POLL_MS = 4000;

/** Search: the box, what narrows it, what answered, and the matches. */
export function SearchPage({ search }: { readonly search: SearchState }) {
  const { navigate } = useNavigation();
  const query = useQuery(SearchDatasets, searchVariables(search), {
    pollMs: (latest) => (isHarvesting(latest) ? HARVESTING_POLL_MS : undefined),
  });
  const { data, errors, isLoading, reload } = query;
  const answer = data?.searchDatasets ?? undefined;
  const failure = failureOf(query, answer === undefined);
  useEffect(() => {
    document.title = search.text === '' ? 'Sciclomatic' : `${search.text} · Sciclomatic`;
  }, [search.text]);
  const change = (next: SearchState): void => navigate(searchHref(next), { staysInPlace: true });

  return (
    <>
      <h1 class="visually-hidden">Search datasets</h1>
      <SearchBox search={search} />
      <div class="search-columns">
        <FacetPanel facets={answer?.facets} search={search} onChange={change} />
        <section class="results" aria-label="Results" aria-busy={isLoading}>
          <FilterChips search={search} onChange={change} />
          <div class="results-head">
            <p class="results-count" aria-live="polite">
              {summarize(answer, isLoading)}
            </p>
            <SortChoice search={search} onChange={change} />
          </div>
          {answer !== undefined && <SourceBar sources={answer.sources} />}
          {failure === undefined ? (
            <>
              <PartialFailures errors={errors} />
              <Matches answer={answer} isLoading={isLoading} search={search} hasErrors={errors.length > 0} />
            </>
          ) : (
            <>
              <Failure failure={failure} onRetry={reload} />
              {failure.code === 'CURSOR_EXPIRED' && (
                <button type="button" onClick={() => change(firstPage(search))}>
                  Start from the first page
                </button>
              )}
            </>
          )}
        </section>
      </div>
    </>
  );
}

function isHarvesting(data: SearchDatasetsQuery): boolean {
  return data.searchDatasets?.sources.some(({ state }) => state === 'HARVESTING') ?? false;
}

function summarize(answer: SearchAnswer | undefined, isLoading: boolean): string {
  if (isLoading) return 'Searching…';
  if (answer === undefined) return '';
  return answer.totalCount === null
    ? 'Datasets found, how many is unknown'
    : `${formatQuantity(answer.totalCount, 'dataset')} found`;
}

interface MatchesProps {
  readonly answer: SearchAnswer | undefined;
  readonly isLoading: boolean;
  readonly search: SearchState;
  readonly hasErrors: boolean;
}

function Matches({ answer, isLoading, search, hasErrors }: MatchesProps) {
  if (answer === undefined) return isLoading ? <Skeleton rows={6} label="Loading results" /> : null;
  if (answer.edges.length === 0) {
    return isLoading || hasErrors ? null : <NoMatches search={search} answer={answer} />;
  }
  return (
    <div class={isLoading ? 'is-stale' : ''}>
      <ResultList edges={answer.edges} from={searchHref(search)} />
      <SearchPager answer={answer} search={search} />
    </div>
  );
}

function NoMatches({ search, answer }: { readonly search: SearchState; readonly answer: SearchAnswer }) {
  const { navigate } = useNavigation();
  if (search.text === '' && countFilters(search) === 0) {
    return (
      <div class="empty">
        <p>
          <strong>No datasets are indexed yet.</strong>
        </p>
        <p class="quiet">
          {isHarvesting({ searchDatasets: answer })
            ? 'Repositories are being harvested; this page will show them as they come.'
            : 'Harvest a repository, then search again.'}
        </p>
      </div>
    );
  }
  return (
    <div class="empty">
      <p>
        <strong>Nothing matches.</strong>
      </p>
      <p class="quiet">Try fewer or other words{countFilters(search) > 0 ? ', or remove a filter' : ''}.</p>
      {countFilters(search) > 0 && (
        <button type="button" onClick={() => navigate(searchHref(firstPage({ ...search, filter: {} })))}>
          Remove all filters
        </button>
      )}
    </div>
  );
}

function SearchPager({ answer, search }: { readonly answer: SearchAnswer; readonly search: SearchState }) {
  const { state } = useNavigation();
  const { hasNextPage, endCursor } = answer.pageInfo;
  const start = (search.page - 1) * RESULTS_PER_PAGE;
  const trail = state.trail ?? [];
  const previous = trail.at(-1);
  const total = answer.totalCount === null ? '' : ` of ${formatCount(answer.totalCount)}`;
  return (
    <Pager
      label="Pages of results"
      position={`${formatCount(start + 1)} to ${formatCount(start + answer.edges.length)}${total}`}
      first={search.after === undefined ? undefined : { href: searchHref(firstPage(search)) }}
      previous={
        previous === undefined
          ? undefined
          : {
              href: searchHref({ ...search, after: previous ?? undefined, page: search.page - 1 }),
              state: { trail: trail.slice(0, -1) },
            }
      }
      next={
        hasNextPage && endCursor !== null
          ? {
              href: searchHref({ ...search, after: endCursor, page: search.page + 1 }),
              state: { trail: [...trail, search.after ?? null] },
            }
          : undefined
      }
    />
  );
}

interface SortChoiceProps {
  readonly search: SearchState;
  readonly onChange: (search: SearchState) => void;
}

function SortChoice({ search, onChange }: SortChoiceProps) {
  return (
    <label class="sort">
      <span>Sort</span>
      <select
        value={search.sort}
        onChange={(event) =>
          onChange(firstPage({ ...search, sort: event.currentTarget.value === 'ID' ? 'ID' : 'RELEVANCE' }))
        }
      >
        <option value="RELEVANCE">Relevance</option>
        <option value="ID">Id</option>
      </select>
    </label>
  );
}
