import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
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

/** While more datasets are on their way, and while a source does not answer or has failed. */
const POLL_MS = { arriving: 4000, troubled: 10_000 } as const;

/** Search: the box, what narrows it, what answered, and the matches. */
export function SearchPage({ search }: { readonly search: SearchState }) {
  const { navigate, state } = useNavigation();
  const query = useQuery(SearchDatasets, searchVariables(search), { pollMs });
  const { data, errors, isLoading, reload } = query;
  const answer = data?.searchDatasets ?? undefined;
  const failure = failureOf(query, answer === undefined);
  useEffect(() => {
    document.title = search.text === '' ? 'Sciclomatic' : `${search.text} · Sciclomatic`;
  }, [search.text]);
  const change = (next: SearchState): void => navigate(searchHref(next), { staysInPlace: true });
  const results = useRef<HTMLElement>(null);
  /** For a button that is gone afterwards: the focus must not go with it. */
  const changeAndFocus = (next: SearchState): void => {
    change(next);
    results.current?.focus({ preventScroll: true });
  };
  useScrollOnce(answer === undefined ? undefined : state.scrollY);

  return (
    <>
      <h1 class="visually-hidden">Search datasets</h1>
      <SearchBox search={search} />
      <div class="search-columns">
        <FacetPanel facets={answer?.facets} search={search} onChange={change} />
        <section class="results" ref={results} tabIndex={-1} aria-label="Results" aria-busy={isLoading}>
          <FilterChips search={search} onChange={changeAndFocus} />
          <div class="results-head">
            <p class="results-count" aria-live="polite">
              {summarize(answer, isLoading)}
            </p>
            <SortChoice search={search} onChange={change} />
          </div>
          {answer !== undefined && <SourceBar sources={answer.sources} />}
          {failure === undefined ? (
            <PartialFailures errors={errors} />
          ) : (
            <Failure failure={failure} onRetry={reload} showsLast={answer !== undefined} />
          )}
          {failure?.code === 'CURSOR_EXPIRED' && (
            <button type="button" onClick={() => change(firstPage(search))}>
              Start from the first page
            </button>
          )}
          {(failure === undefined || answer !== undefined) && (
            <Matches
              answer={answer}
              isLoading={isLoading}
              search={search}
              hasErrors={errors.length > 0}
              onChange={changeAndFocus}
            />
          )}
        </section>
      </div>
    </>
  );
}

/** Scrolls to where the page was left, once there is something to scroll: the browser tries before the answer is there. */
function useScrollOnce(scrollY: number | undefined): void {
  const isDone = useRef(false);
  useLayoutEffect(() => {
    if (scrollY === undefined || isDone.current) return;
    isDone.current = true;
    window.scrollTo(0, scrollY);
  }, [scrollY]);
}

function pollMs({ searchDatasets }: SearchDatasetsQuery): number | undefined {
  if (!searchDatasets) return undefined;
  const { sources } = searchDatasets;
  // A house that has just been started has no sources yet, or none with datasets.
  if (isHarvesting(searchDatasets) || sources.every(({ datasetCount }) => !datasetCount)) return POLL_MS.arriving;
  return sources.some(({ state }) => state !== 'OK') ? POLL_MS.troubled : undefined;
}

function isHarvesting({ sources }: SearchAnswer): boolean {
  return sources.some(({ state }) => state === 'HARVESTING');
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
  readonly onChange: (search: SearchState) => void;
}

function Matches({ answer, isLoading, search, hasErrors, onChange }: MatchesProps) {
  if (answer === undefined) return isLoading ? <Skeleton rows={6} label="Loading results" /> : null;
  if (answer.edges.length === 0) {
    return isLoading || hasErrors ? null : <NoMatches search={search} answer={answer} onChange={onChange} />;
  }
  return (
    <div class={isLoading ? 'is-stale' : ''}>
      <ResultList edges={answer.edges} from={searchHref(search)} />
      <SearchPager answer={answer} search={search} />
    </div>
  );
}

interface NoMatchesProps {
  readonly search: SearchState;
  readonly answer: SearchAnswer;
  readonly onChange: (search: SearchState) => void;
}

function NoMatches({ search, answer, onChange }: NoMatchesProps) {
  if (search.text === '' && countFilters(search) === 0) {
    return (
      <div class="empty">
        <p>
          <strong>No datasets are indexed yet.</strong>
        </p>
        <p class="quiet">
          {isHarvesting(answer)
            ? 'Repositories are being harvested; this page will show them as they come.'
            : 'What is harvested appears here by itself.'}
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
        <button type="button" onClick={() => onChange(firstPage({ ...search, filter: {} }))}>
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
