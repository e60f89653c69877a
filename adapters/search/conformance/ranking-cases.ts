import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../conformance.js';
import { createRecord, createRecords, findIds, listHitIds, search, upsert } from './case-tools.js';
import type { SearchSubject } from './search-subject.js';

/** Filler, so that the words of a case are rare in the corpus, as they are in a real one. */
const filler = createRecords(20, (number) => ({ title: `Rainfall series of station ${number}` }), 'filler');

export const rankingCases: readonly ConformanceCase<SearchSubject>[] = [
  {
    name: 'a match in the title ranks above one in subjects, creators and description, in this order',
    async run(index) {
      await upsert(
        index,
        ...filler,
        createRecord('a:4', 'Soil samples', { description: 'Collected near the basalt quarry' }),
        createRecord('a:3', 'Soil samples', { creators: [{ name: 'Basalt, Ann' }] }),
        createRecord('a:2', 'Soil samples', { subjects: ['basalt'] }),
        createRecord('a:1', 'Basalt samples'),
      );
      assert.deepEqual(await findIds(index, 'basalt'), ['a:1', 'a:2', 'a:3', 'a:4']);
    },
  },
  {
    name: 'a record with both words ranks above records with one, and a rare word counts more than a common one',
    async run(index) {
      await upsert(
        index,
        ...filler,
        createRecord('a:both', 'Rainfall glacier', {}),
        createRecord('a:rare', 'Moraine glacier', {}),
        createRecord('a:common', 'Moraine rainfall', {}),
      );
      const ids = await findIds(index, 'rainfall glacier');
      assert.deepEqual(ids.slice(0, 2), ['a:both', 'a:rare']);
      assert.equal(ids.length, filler.length + 3, 'every word is optional');
    },
  },
  {
    name: 'a word that fills a short description outranks the same word lost in a long one',
    async run(index) {
      const long = Array.from({ length: 200 }, (_, number) => `w${number}`).join(' ');
      await upsert(
        index,
        ...filler,
        createRecord('a:long', 'Samples', { description: `${long} plankton` }),
        createRecord('a:short', 'Samples', { description: 'plankton counts' }),
      );
      assert.deepEqual(await findIds(index, 'plankton'), ['a:short', 'a:long']);
    },
  },
  {
    name: 'equal records are ordered by id, in code-unit order',
    async run(index) {
      const ids = ['b:2', 'b:10', 'b:1', 'B:1', 'a:é', 'a:z'];
      await upsert(index, ...filler, ...ids.map((id) => createRecord(id, 'Same words')));
      assert.deepEqual(await findIds(index, 'same'), [...ids].sort());
    },
  },
  {
    name: 'scores fall along the list; without text and by id they are 0',
    async run(index) {
      await upsert(
        index,
        ...filler,
        createRecord('a:1', 'Glacier glacier'),
        createRecord('a:2', 'A long title, glacier'),
      );
      const ranked = (await search(index, { text: 'glacier' })).hits.map((hit) => hit.score);
      assert.equal(ranked.length, 2);
      assert.ok((ranked[0] ?? 0) > (ranked[1] ?? 0) && (ranked[1] ?? 0) > 0, `scores ${ranked}`);
      for (const request of [{ text: '' }, { text: 'glacier', sort: 'ID' as const }]) {
        const scores = (await search(index, request)).hits.map((hit) => hit.score);
        assert.deepEqual([...new Set(scores)], [0]);
      }
    },
  },
  {
    name: 'empty text lists every record by id; text of no known word lists none',
    async run(index) {
      await upsert(index, ...filler.toReversed());
      const ids = filler.map((record) => record.id).sort();
      assert.deepEqual(listHitIds(await search(index, { text: '' })), ids);
      assert.deepEqual(listHitIds(await search(index, { text: '  \n' })), ids);
      const none = await search(index, { text: 'xylophone', facets: [{ field: 'repository', size: 5 }] });
      assert.deepEqual([none.totalCount, none.hasNextPage, none.hits], [0, false, []]);
      assert.deepEqual(none.facets, [{ field: 'repository', buckets: [], otherCount: 0, missingCount: 0 }]);
    },
  },
  {
    name: 'sorted by id, text still selects',
    async run(index) {
      await upsert(index, ...filler, createRecord('z:1', 'Ice core'), createRecord('a:1', 'Core of ice, of ice'));
      assert.deepEqual(listHitIds(await search(index, { text: 'ice', sort: 'ID' })), ['a:1', 'z:1']);
    },
  },
  {
    name: 'a hit is the whole record, as it was given',
    async run(index) {
      const record = createRecord('a:1', 'Everything', {
        description: 'All fields',
        creators: [{ name: 'Noether, Emmy', orcid: '0000-0002-1825-0097', affiliation: 'Göttingen' }],
        subjects: ['algebra', 'algebra', ''],
        license: 'CC0-1.0',
        doi: '10.1234/abc',
        publishedAt: '1918-07-26',
        resourceType: 'Dataset',
        parameters: [{ name: 'seed', value: '7' }],
        files: [
          { path: 'a.csv', sizeBytes: 3, checksums: [{ algorithm: 'md5', value: '0'.repeat(32), origin: 'SOURCE' }] },
          { path: 'b.csv', sizeBytes: null, checksums: [] },
        ],
      });
      await upsert(index, record);
      assert.deepEqual((await search(index, { text: 'everything' })).hits[0]?.record, record);
    },
  },
];
