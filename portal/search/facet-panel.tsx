import { useEffect, useState } from 'preact/hooks';
import { formatCount } from '../format.js';
import { countFilters, FACETS, type FilterField, type SearchState, toggleFilter } from '../search-state.js';
import type { SearchAnswer } from './search-answer.js';

type Facet = NonNullable<SearchAnswer['facets']>[number];

interface FacetPanelProps {
  readonly facets: readonly Facet[] | undefined;
  readonly search: SearchState;
  readonly onChange: (search: SearchState) => void;
}

/** What narrows the search: open beside the results, folded above them where there is no room. */
export function FacetPanel({ facets, search, onChange }: FacetPanelProps) {
  const isWide = useIsWide();
  const ticked = countFilters(search);
  // Nothing is known to narrow by: no button that opens nothing.
  if (!facets?.some(({ buckets }) => buckets.length > 0) && ticked === 0 && !isWide) return null;
  const hasHidden = facets?.some(({ otherCount }) => otherCount > 0) ?? false;
  return (
    <details class="facets" open={isWide}>
      <summary>Filters{ticked > 0 ? ` (${ticked})` : ''}</summary>
      <form aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        {FACETS.map(({ field, facet: name, label }) => (
          <FacetGroup
            key={field}
            field={field}
            label={label}
            facet={facets?.find((facet) => facet.field === name)}
            search={search}
            onChange={onChange}
          />
        ))}
        {(hasHidden || search.showsAllFacets) && (
          <button
            type="button"
            class="quiet-button"
            onClick={() => onChange({ ...search, showsAllFacets: !search.showsAllFacets })}
          >
            {search.showsAllFacets ? 'Show fewer values' : 'Show more values'}
          </button>
        )}
      </form>
    </details>
  );
}

interface FacetGroupProps {
  readonly field: FilterField;
  readonly label: string;
  readonly facet: Facet | undefined;
  readonly search: SearchState;
  readonly onChange: (search: SearchState) => void;
}

function FacetGroup({ field, label, facet, search, onChange }: FacetGroupProps) {
  const ticked = search.filter[field] ?? [];
  const buckets = facet?.buckets ?? [];
  const unlisted = ticked.filter((value) => !buckets.some((bucket) => bucket.value === value));
  if (buckets.length === 0 && unlisted.length === 0) return null;
  const rows: readonly { value: string; count: number | undefined }[] = [
    ...unlisted.map((value) => ({ value, count: undefined })),
    ...buckets,
  ];
  return (
    <fieldset>
      <legend>{label}</legend>
      {rows.map(({ value, count }) => (
        <label key={value} class="facet-value">
          <input
            type="checkbox"
            checked={ticked.includes(value)}
            onChange={() => onChange(toggleFilter(search, field, value))}
          />
          <span class="facet-name">{value}</span>
          {count !== undefined && (
            <span class="facet-count">
              <span class="visually-hidden">, </span>
              {formatCount(count)}
            </span>
          )}
        </label>
      ))}
      {facet !== undefined && facet.otherCount > 0 && <p class="quiet facet-note">and other values</p>}
      {facet !== undefined && facet.missingCount > 0 && (
        <p class="quiet facet-note">{formatCount(facet.missingCount)} without a value</p>
      )}
    </fieldset>
  );
}

/** Whether the page is wide enough for two columns; the same width stands in search.css. */
function useIsWide(): boolean {
  const [isWide, setIsWide] = useState(() => window.matchMedia(WIDE).matches);
  useEffect(() => {
    const query = window.matchMedia(WIDE);
    const follow = (): void => setIsWide(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return isWide;
}

const WIDE = '(min-width: 56rem)';
