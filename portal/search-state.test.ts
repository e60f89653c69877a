import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  countFilters,
  EMPTY_SEARCH,
  FACETS,
  type FilterField,
  parseSearch,
  type SearchState,
  searchHref,
  searchVariables,
  toggleFilter,
} from './search-state.js';

// URLSearchParams replaces lone surrogates, so whole characters only, as a keyboard gives them.
const text = fc.string({ unit: 'grapheme' });
const value = text.filter((candidate) => candidate !== '');
const field = fc.constantFrom<FilterField>(...FACETS.map((facet) => facet.field));
const filter = fc
  .uniqueArray(fc.tuple(field, fc.uniqueArray(value, { minLength: 1, maxLength: 4 })), { selector: ([name]) => name })
  .map((entries) => Object.fromEntries(entries) as SearchState['filter']);
const position = fc.oneof(
  fc.constant({ after: undefined, page: 1 }),
  fc.record({ after: value, page: fc.integer({ min: 1, max: 999_999_999 }) }),
);
const search: fc.Arbitrary<SearchState> = fc
  .record({ text, filter, sort: fc.constantFrom('RELEVANCE' as const, 'ID' as const), showsAllFacets: fc.boolean() })
  .chain((state) => position.map((where) => ({ ...state, ...where })));

const parse = (href: string): SearchState => parseSearch(new URL(href, 'http://portal/').searchParams);

describe('the URL of a search', () => {
  it('says all of its state and nothing else', () => {
    fc.assert(fc.property(search, (state) => expect(parse(searchHref(state))).toEqual(state)));
  });

  it('is the bare path for the empty search', () => {
    expect(searchHref(EMPTY_SEARCH)).toBe('/');
    expect(parse('/')).toEqual(EMPTY_SEARCH);
  });

  it('can be typed: what is wrong or unknown in it is the default', () => {
    const state = parse('/?q=ice&sort=weight&page=7&year=2019&year=2019&year=&colour=red&facets=some');
    expect(state).toEqual({ ...EMPTY_SEARCH, text: 'ice', filter: { year: ['2019'] } });
    expect(parse('/?after=x&page=-3').page).toBe(1);
    expect(parse(`/?q=${'a'.repeat(3000)}`).text).toHaveLength(2000);
  });
});

describe('toggleFilter', () => {
  it('ticks and unticks, and goes to the first page', () => {
    fc.assert(
      fc.property(search, field, value, (state, name, ticked) => {
        const without = (state.filter[name] ?? []).includes(ticked) ? toggleFilter(state, name, ticked) : state;
        const once = toggleFilter(without, name, ticked);
        expect(once.filter[name]).toContain(ticked);
        expect(countFilters(once)).toBe(countFilters(without) + 1);
        expect([once.after, once.page]).toEqual([undefined, 1]);
        expect(toggleFilter(once, name, ticked).filter).toEqual(without.filter);
      }),
    );
  });
});

describe('searchVariables', () => {
  it('leaves out what is not asked', () => {
    expect(searchVariables(EMPTY_SEARCH)).toEqual({ text: '', sort: 'RELEVANCE', first: 20, facetSize: 8 });
    const state = parse('/?q=ice&license=CC0-1.0&sort=id&after=c&page=2&facets=all');
    expect(searchVariables(state)).toEqual({
      text: 'ice',
      filter: { license: ['CC0-1.0'] },
      sort: 'ID',
      first: 20,
      after: 'c',
      facetSize: 100,
    });
  });
});
