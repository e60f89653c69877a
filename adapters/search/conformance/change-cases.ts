import assert from 'node:assert/strict';
import { createCall } from '../../../core/call.js';
import type { DatasetId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import type { ConformanceCase } from '../../conformance.js';
import {
  assertRefused,
  createCaseCall,
  createRecord,
  createRecords,
  findIds,
  lastCursor,
  listHitIds,
  listRest,
  remove,
  search,
  upsert,
} from './case-tools.js';
import type { SearchSubject } from './search-subject.js';

async function listAllIds(index: SearchSubject, repository: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const id of index.listIds(repository, createCaseCall())) ids.push(id);
  return ids;
}

const readAll = (index: SearchSubject, ...ids: string[]) =>
  index.readDatasets(ids as readonly string[] as readonly DatasetId[], createCaseCall());

export const changeCases: readonly ConformanceCase<SearchSubject>[] = [
  {
    name: 'an upsert replaces the whole record: old words and values are gone',
    async run(index) {
      await upsert(index, createRecord('a:1', 'Glacier', { subjects: ['ice'], license: 'MIT' }));
      await upsert(index, createRecord('a:1', 'Volcano', { subjects: ['fire'] }));
      assert.deepEqual(await findIds(index, 'glacier ice'), []);
      const result = await search(index, {
        text: 'volcano',
        facets: [
          { field: 'subject', size: 5 },
          { field: 'license', size: 5 },
        ],
      });
      assert.deepEqual([listHitIds(result), result.totalCount], [['a:1'], 1]);
      assert.deepEqual(
        result.facets.map((facet) => facet.buckets),
        [[{ value: 'fire', count: 1 }], []],
      );
    },
  },
  {
    name: 'a deletion removes the record everywhere; what is not there may be deleted',
    async run(index) {
      await upsert(index, createRecord('a:1', 'Ice'), createRecord('a:2', 'Ice'));
      await remove(index, 'a:1', 'a:404');
      await remove(index, 'a:1');
      assert.deepEqual(await findIds(index, 'ice'), ['a:2']);
      assert.deepEqual(await readAll(index, 'a:1'), [undefined]);
      assert.deepEqual(await listAllIds(index, 'a'), ['a:2']);
      await upsert(index, createRecord('a:1', 'Ice back'));
      assert.deepEqual(await findIds(index, 'back'), ['a:1']);
    },
  },
  {
    name: 'one change may hold upserts and deletions, and is idempotent',
    async run(index) {
      await upsert(index, createRecord('a:1', 'Ice'), createRecord('a:2', 'Ice'));
      const change = {
        upserts: [createRecord('a:3', 'Ice'), createRecord('a:2', 'Ice two')],
        deletes: ['a:1' as DatasetId],
      };
      await index.apply(change, createCaseCall());
      const once = await search(index, { text: 'ice', facets: [{ field: 'repository', size: 1 }] });
      await index.apply(change, createCaseCall());
      const twice = await search(index, { text: 'ice', facets: [{ field: 'repository', size: 1 }] });
      assert.deepEqual([...listHitIds(twice)].sort(), ['a:2', 'a:3']);
      assert.deepEqual([twice.totalCount, twice.facets], [once.totalCount, once.facets]);
      assert.deepEqual(
        twice.hits.map((hit) => hit.score),
        once.hits.map((hit) => hit.score),
      );
    },
  },
  {
    name: 'of several upserts of one id in a change the last one stays',
    async run(index) {
      await upsert(index, createRecord('a:1', 'First'), createRecord('a:1', 'Second'));
      assert.deepEqual([await findIds(index, 'first'), await findIds(index, 'second')], [[], ['a:1']]);
    },
  },
  {
    name: 'changes made at the same time are all there afterwards',
    async run(index) {
      const records = createRecords(30, (number) => ({ title: `Ice ${number}` }));
      await Promise.all(records.map((record) => upsert(index, record)));
      assert.equal((await search(index, { text: 'ice', first: 0 })).totalCount, 30);
    },
  },
  {
    name: 'a change whose call has ended is refused and leaves no trace',
    async run(index) {
      const call = createCall({ log: silentLogger, signal: AbortSignal.abort() });
      await assertRefused('CANCELLED', index.apply({ upserts: [createRecord('a:1', 'Ice')], deletes: [] }, call));
      assert.equal((await search(index, {})).totalCount, 0);
    },
  },
  {
    name: 'totalCount is exact through many small changes',
    async run(index) {
      for (let round = 0; round < 40; round++) {
        await upsert(index, ...createRecords(3, () => ({ title: `Ice ${round}` }), `r${round % 10}`));
        if (round % 4 === 3) await remove(index, `r${round % 10}:001`);
      }
      const result = await search(index, { text: 'ice', first: 1000, facets: [{ field: 'repository', size: 100 }] });
      const sum = result.facets[0]?.buckets.reduce((total, bucket) => total + bucket.count, 0);
      assert.deepEqual([result.totalCount, result.hits.length, sum], [27, 27, 27]);
    },
  },
  {
    name: 'readDatasets answers in the order of its ids, undefined where there is no such record',
    async run(index) {
      const [one, two] = [createRecord('a:1', 'One'), createRecord('a:2', 'Two', { files: [] })];
      await upsert(index, one, two);
      assert.deepEqual(await readAll(index, 'a:2', 'a:404', 'a:1', 'a:2'), [two, undefined, one, two]);
      assert.deepEqual(await readAll(index), []);
    },
  },
  {
    name: 'countByRepository counts records and knows only repositories that have some',
    async run(index) {
      await upsert(index, ...createRecords(3, () => ({ title: 'Ice' }), 'a'), createRecord('b:1', 'Ice'));
      await upsert(index, createRecord('a:001', 'Ice changed'), createRecord('c:1', 'Ice'));
      await remove(index, 'b:1', 'a:002');
      assert.deepEqual([...(await index.countByRepository(createCaseCall()))].sort(), [
        ['a', 2],
        ['c', 1],
      ]);
    },
  },
  {
    name: 'listIds gives every id of one repository in code-unit order, and of no other',
    async run(index) {
      const ids = Array.from({ length: 2500 }, (_, number) => `a:${number}`);
      await upsert(index, ...ids.map((id) => createRecord(id, 'Ice')), createRecord('a.b:1', 'Ice'));
      await upsert(
        index,
        createRecord('ab:1', 'Ice'),
        createRecord('a:\u{1f30d}', 'Ice'),
        createRecord('a:\uffff', 'Ice'),
      );
      assert.deepEqual(await listAllIds(index, 'a'), [...ids, 'a:\u{1f30d}', 'a:\uffff'].sort());
      assert.deepEqual(await listAllIds(index, 'none'), []);
    },
  },
  {
    name: 'ids of the greatest length are kept apart',
    async run(index) {
      const ids = ['1', '2'].map((end) => `a:${'x'.repeat(8000)}${end}`);
      await upsert(index, ...ids.map((id) => createRecord(id, 'Ice')));
      await remove(index, ids[0] ?? '');
      assert.deepEqual(await findIds(index, 'ice'), [ids[1]]);
    },
  },
  {
    name: 'a list of 25,000 files comes back whole and in order',
    async run(index) {
      const files = Array.from({ length: 25_000 }, (_, number) => ({
        path: `data/${String(number).padStart(6, '0')}.csv`,
        sizeBytes: number,
        checksums: [],
      }));
      await upsert(index, createRecord('a:1', 'Ice', { files }));
      assert.deepEqual((await readAll(index, 'a:1'))[0]?.files, files);
      assert.deepEqual(await findIds(index, '000001'), [], 'names of files are not searched here');
    },
  },
  {
    name: 'after a restart every record, count, score and order is as before',
    needs: 'reopens',
    async run(index) {
      const records = createRecords(60, (number) => ({
        title: `Ice ${'cold '.repeat(number % 7)}`,
        subjects: [`s${number % 5}`],
      }));
      for (let start = 0; start < 60; start += 6) await upsert(index, ...records.slice(start, start + 6));
      await upsert(index, createRecord('zenodo:007', 'Changed ice'));
      await remove(index, 'zenodo:011', 'zenodo:012');
      const request = { text: 'ice cold', highlight: true, facets: [{ field: 'subject', size: 3 } as const] };
      const before = await search(index, request);
      await index.reopen();
      assert.deepEqual(await search(index, request), before);
      assert.equal(before.totalCount, 58);
      await upsert(index, createRecord('zenodo:011', 'Ice after the restart'));
      assert.equal((await search(index, request)).totalCount, 59);
    },
  },
  {
    name: 'cursors by id and by relevance go on after a restart',
    needs: 'reopens',
    async run(index) {
      await upsert(index, ...createRecords(30, (number) => ({ title: `Ice ${'cold '.repeat(number % 4)}` })));
      for (const sort of ['ID', 'RELEVANCE'] as const) {
        const request = { text: 'ice', sort, first: 4 };
        const whole = listHitIds(await search(index, { ...request, first: 100 })).filter((id) => !id.startsWith('zzz'));
        const after = lastCursor(await search(index, request));
        await upsert(index, createRecord(`zzz:${sort}`, 'Ice'));
        await index.reopen();
        const rest = await listRest(index, { ...request, after });
        assert.deepEqual(
          rest.filter((id) => !id.startsWith('zzz')),
          whole.slice(4),
        );
      }
    },
  },
];
