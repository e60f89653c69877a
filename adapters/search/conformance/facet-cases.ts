import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../conformance.js';
import type { FacetResult, SearchFilter, SearchRequest } from '../contract.js';
import { createRecord, listHitIds, search, upsert } from './case-tools.js';
import type { SearchSubject } from './search-subject.js';

const corpus = [
  createRecord('a:1', 'Ice one', { subjects: ['ice', 'snow'], license: 'CC0-1.0', publishedAt: '2019-04-01' }),
  createRecord('a:2', 'Ice two', { subjects: ['ice'], license: 'CC-BY-4.0', publishedAt: '2019' }),
  createRecord('b:1', 'Ice three', { subjects: ['ice', 'rock'], license: 'CC0-1.0', publishedAt: '2020-01' }),
  createRecord('b:2', 'Fire four', { subjects: ['Ice', 'ice', 'ice'], license: 'MIT', publishedAt: 'undated' }),
  createRecord('c:1', 'Ice five', { creators: [{ name: 'Agassiz, Louis' }], resourceType: 'Dataset' }),
];

const facet = (result: { facets: readonly FacetResult[] }, field: string): FacetResult | undefined =>
  result.facets.find((one) => one.field === field);

const counts = (one: FacetResult | undefined): [string, number][] =>
  (one?.buckets ?? []).map(({ value, count }) => [value, count]);

function filterCase(
  name: string,
  filter: SearchFilter,
  ids: readonly string[],
  request: Partial<SearchRequest> = {},
): ConformanceCase<SearchSubject> {
  return {
    name,
    async run(index) {
      await upsert(index, ...corpus);
      const result = await search(index, { sort: 'ID', filter, ...request });
      assert.deepEqual(listHitIds(result), ids);
      assert.equal(result.totalCount, ids.length);
    },
  };
}

export const facetCases: readonly ConformanceCase<SearchSubject>[] = [
  filterCase('a filter keeps records with the value', { subject: ['rock'] }, ['b:1']),
  filterCase('values within a field are alternatives', { subject: ['rock', 'snow'] }, ['a:1', 'b:1']),
  filterCase('fields are conjoined', { subject: ['ice'], license: ['CC0-1.0'], year: ['2019'] }, ['a:1']),
  filterCase('a filter and text are conjoined', { license: ['CC0-1.0'] }, ['a:1'], { text: 'one two' }),
  filterCase('filters are exact and case-sensitive', { subject: ['Ice'] }, ['b:2']),
  filterCase('a year is found for any precision of date', { year: ['2019', '2020'] }, ['a:1', 'a:2', 'b:1']),
  filterCase('repository, creator and resource type filter', { repository: ['c'], resourceType: ['Dataset'] }, ['c:1']),
  filterCase('a filter by a creator', { creator: ['Agassiz, Louis', 'Nobody'] }, ['c:1']),
  filterCase('a value that no record has matches none', { license: ['GPL-3.0'] }, []),
  filterCase('a field with an empty list of values matches none', { repository: [] }, []),
  {
    name: 'facets count each matching record once, most frequent first, ties by value',
    async run(index) {
      await upsert(index, ...corpus);
      const result = await search(index, { facets: [{ field: 'subject', size: 10 }], first: 0 });
      assert.deepEqual(facet(result, 'subject'), {
        field: 'subject',
        buckets: [
          { value: 'ice', count: 4 },
          { value: 'Ice', count: 1 },
          { value: 'rock', count: 1 },
          { value: 'snow', count: 1 },
        ],
        otherCount: 0,
        missingCount: 1,
      });
      assert.equal(result.totalCount, 5);
    },
  },
  {
    name: 'otherCount is the sum of the counts not shown, missingCount the matches without a value',
    async run(index) {
      await upsert(index, ...corpus);
      const result = await search(index, {
        facets: [
          { field: 'subject', size: 1 },
          { field: 'year', size: 1 },
          { field: 'creator', size: 1 },
        ],
      });
      assert.deepEqual(counts(facet(result, 'subject')), [['ice', 4]]);
      assert.deepEqual([facet(result, 'subject')?.otherCount, facet(result, 'subject')?.missingCount], [3, 1]);
      assert.deepEqual(counts(facet(result, 'year')), [['2019', 2]]);
      assert.deepEqual([facet(result, 'year')?.otherCount, facet(result, 'year')?.missingCount], [1, 2]);
      assert.deepEqual([facet(result, 'creator')?.otherCount, facet(result, 'creator')?.missingCount], [0, 4]);
    },
  },
  {
    name: 'a facet ignores its own filter and heeds the text and the others’',
    async run(index) {
      await upsert(index, ...corpus);
      const result = await search(index, {
        text: 'ice',
        filter: { license: ['CC0-1.0'], repository: ['a'] },
        facets: [
          { field: 'license', size: 10 },
          { field: 'repository', size: 10 },
          { field: 'year', size: 10 },
        ],
      });
      assert.deepEqual(listHitIds(result), ['a:1']);
      assert.deepEqual(counts(facet(result, 'license')), [
        ['CC-BY-4.0', 1],
        ['CC0-1.0', 1],
      ]);
      assert.deepEqual(counts(facet(result, 'repository')), [
        ['a', 1],
        ['b', 1],
      ]);
      assert.deepEqual(counts(facet(result, 'year')), [['2019', 1]]);
    },
  },
  {
    name: 'facets come in the order in which they were asked for, and count the whole list on every page',
    async run(index) {
      await upsert(index, ...corpus);
      const request = {
        sort: 'ID',
        first: 2,
        facets: [{ field: 'year', size: 9 } as const, { field: 'repository', size: 9 } as const],
      } as const;
      const page = await search(index, request);
      const next = await search(index, { ...request, after: page.hits[1]?.cursor });
      assert.deepEqual(
        page.facets.map((one) => one.field),
        ['year', 'repository'],
      );
      assert.deepEqual(next.facets, page.facets);
      assert.equal(next.totalCount, 5);
    },
  },
  {
    name: 'values that name properties of objects are counted like others',
    async run(index) {
      const subjects = ['__proto__', 'constructor', 'toString'];
      await upsert(index, createRecord('a:1', 'One', { subjects }), createRecord('a:2', 'constructor __proto__'));
      const result = await search(index, { facets: [{ field: 'subject', size: 10 }] });
      assert.deepEqual(
        counts(facet(result, 'subject')),
        subjects.map((value) => [value, 1]),
      );
      assert.deepEqual(listHitIds(await search(index, { filter: { subject: ['__proto__'] } })), ['a:1']);
      assert.deepEqual(listHitIds(await search(index, { text: 'tostring' })), ['a:1']);
    },
  },
];
