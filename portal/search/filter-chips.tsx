import { countFilters, FACETS, firstPage, type SearchState, toggleFilter } from '../search-state.js';

interface FilterChipsProps {
  readonly search: SearchState;
  readonly onChange: (search: SearchState) => void;
}

/** The values that are ticked, each a button that unticks it. */
export function FilterChips({ search, onChange }: FilterChipsProps) {
  if (countFilters(search) === 0) return null;
  return (
    <ul class="chips" aria-label="Active filters">
      {FACETS.flatMap(({ field, label }) =>
        (search.filter[field] ?? []).map((value) => (
          <li key={`${field} ${value}`}>
            <button
              type="button"
              class="chip"
              aria-label={`Remove filter ${label}: ${value}`}
              onClick={() => onChange(toggleFilter(search, field, value))}
            >
              <span class="quiet">{label}</span> <span class="chip-value">{value}</span>{' '}
              <span aria-hidden="true">×</span>
            </button>
          </li>
        )),
      )}
      <li>
        <button type="button" class="quiet-button" onClick={() => onChange(firstPage({ ...search, filter: {} }))}>
          Remove all
        </button>
      </li>
    </ul>
  );
}
