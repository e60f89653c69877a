import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../conformance.js';
import { RELEVANCE_CURSOR_LIFETIME_MS, type SearchRequest } from '../contract.js';
import {
  assertRefused,
  createRecord,
  createRecords,
  lastCursor,
  listHitIds,
  listRest,
  remove,
  search,
  upsert,
} from './case-tools.js';
import type { SearchSubject } from './search-subject.js';

/** Records of different scores and many ties for “ice”. */
const corpus = createRecords(40, (number) => ({
  title: number % 3 === 0 ? 'Ice' : `Ice and ${'water '.repeat(number % 4)}`,
  subjects: [number % 2 === 0 ? 'even' : 'odd'],
}));
const ids = corpus.map((record) => record.id);
const byRelevance = { text: 'ice', sort: 'RELEVANCE', first: 3 } as const;
const byId = { text: '', sort: 'ID', first: 3 } as const;

export const cursorCases: readonly ConformanceCase<SearchSubject>[] = [
  {
    name: 'pages by relevance and by id join to the whole list, in its order',
    async run(index) {
      await upsert(index, ...corpus);
      for (const request of [byRelevance, byId, { ...byRelevance, text: '' }, { ...byId, text: 'ice water' }]) {
        const whole = listHitIds(await search(index, { ...request, first: 100 }));
        assert.equal(whole.length, 40);
        assert.deepEqual(await listRest(index, request), whole);
      }
    },
  },
  {
    name: 'hasNextPage is true exactly while matches follow; a page of 0 has none',
    async run(index) {
      await upsert(index, ...corpus.slice(0, 4));
      for (const sort of ['ID', 'RELEVANCE'] as const) {
        const page = await search(index, { text: 'ice', sort, first: 2 });
        const rest = await search(index, { text: 'ice', sort, first: 2, after: lastCursor(page) });
        const beyond = await search(index, { text: 'ice', sort, first: 2, after: lastCursor(rest) });
        assert.deepEqual([page.hasNextPage, rest.hasNextPage, beyond.hasNextPage], [true, false, false]);
        assert.deepEqual([beyond.hits, beyond.totalCount], [[], 4]);
        const empty = await search(index, { text: 'ice', sort, first: 0 });
        assert.deepEqual([empty.hits, empty.hasNextPage, empty.totalCount], [[], true, 4]);
      }
    },
  },
  {
    name: 'by id, pages neither skip nor repeat a record that is there throughout while others come and go',
    async run(index) {
      await upsert(index, ...corpus);
      const seen = await listRest(index, byId, async (page) => {
        await remove(index, `zenodo:${String(page * 5).padStart(3, '0')}`);
        await upsert(index, createRecord(`zenodo:${String(39 - page).padStart(3, '0')}-new`, 'Ice again'));
        await upsert(index, createRecord(`zenodo:${String(page + 20).padStart(3, '0')}`, 'Changed'));
      });
      assert.equal(new Set(seen).size, seen.length, 'no record twice');
      assert.deepEqual(seen, [...seen].sort());
      const kept = ids.filter((id) => Number(id.slice(7)) % 5 !== 0);
      assert.deepEqual(
        kept.filter((id) => !seen.includes(id)),
        [],
      );
    },
  },
  {
    name: 'a cursor by id resumes after its own record is gone',
    async run(index) {
      await upsert(index, ...corpus);
      const page = await search(index, byId);
      await remove(index, ...ids.slice(0, 3));
      assert.deepEqual(listHitIds(await search(index, { ...byId, after: lastCursor(page) })), ids.slice(3, 6));
    },
  },
  {
    name: 'a cursor by id resumes however old it is',
    needs: 'movesClock',
    async run(index) {
      await upsert(index, ...corpus);
      const page = await search(index, byId);
      for (let round = 0; round < 3; round++) {
        await upsert(index, createRecord('zenodo:new', `Round ${round}`));
        index.advanceClock(RELEVANCE_CURSOR_LIFETIME_MS * 100);
      }
      assert.deepEqual(listHitIds(await search(index, { ...byId, after: lastCursor(page) })), ids.slice(3, 6));
    },
  },
  {
    name: 'by relevance, pages neither skip nor repeat a record that is there throughout, whatever is added, changed or deleted',
    async run(index) {
      await upsert(index, ...corpus);
      const whole = listHitIds(await search(index, { ...byRelevance, first: 100 }));
      const gone = new Set<string>();
      const seen = await listRest(index, byRelevance, async (page) => {
        const id = whole[whole.length - 1 - page * 2] ?? '';
        gone.add(id);
        await remove(index, id);
        // A record far down becomes the best of all, one already shown the worst, and the words' frequencies move.
        await upsert(index, createRecord(whole[30] ?? '', 'Ice ice ice'));
        await upsert(index, createRecord(whole[0] ?? '', `Ice ${'stone '.repeat(100)}`));
        await upsert(index, ...createRecords(10, (number) => ({ title: `Ice new ${number}` }), `new${page}`));
      });
      assert.equal(new Set(seen).size, seen.length, 'no record twice');
      const throughout = whole.filter((id) => !gone.has(id));
      assert.deepEqual(
        seen.filter((id) => throughout.includes(id)),
        throughout,
      );
    },
  },
  {
    name: 'a relevance cursor holds for its lifetime after a change, then is refused as expired',
    needs: 'movesClock',
    async run(index) {
      await upsert(index, ...corpus);
      const whole = listHitIds(await search(index, { ...byRelevance, first: 100 }));
      const after = lastCursor(await search(index, byRelevance));
      await upsert(index, ...createRecords(30, () => ({ title: 'Ice' }), 'late'));
      index.advanceClock(RELEVANCE_CURSOR_LIFETIME_MS - 1);
      await upsert(index, createRecord('later:1', 'Ice'));
      assert.deepEqual(listHitIds(await search(index, { ...byRelevance, after })), whole.slice(3, 6));
      index.advanceClock(2);
      await assertRefused('CURSOR_EXPIRED', search(index, { ...byRelevance, after }));
      await upsert(index, createRecord('later:2', 'Ice'));
      await assertRefused('CURSOR_EXPIRED', search(index, { ...byRelevance, after }));
    },
  },
  {
    name: 'a relevance cursor does not age while nothing changes',
    needs: 'movesClock',
    async run(index) {
      await upsert(index, ...corpus);
      const after = lastCursor(await search(index, byRelevance));
      index.advanceClock(RELEVANCE_CURSOR_LIFETIME_MS * 10);
      await upsert(index, ...corpus.slice(0, 5));
      assert.equal((await search(index, { ...byRelevance, after })).hits.length, 3);
    },
  },
  {
    name: 'whatever is no cursor of this very search is refused, never read as page one',
    async run(index) {
      await upsert(index, ...corpus);
      const relevance = lastCursor(await search(index, byRelevance));
      const id = lastCursor(await search(index, byId));
      const other = lastCursor(await search(index, { ...byRelevance, text: 'ice water' }));
      const filtered = lastCursor(await search(index, { ...byId, filter: { subject: ['odd'] } }));
      const middle = relevance.length >> 1;
      const swapped = relevance[middle] === 'A' ? 'B' : 'A';
      const altered = `${relevance.slice(0, middle)}${swapped}${relevance.slice(middle + 1)}`;
      const refused: [Partial<SearchRequest>, string[]][] = [
        [
          byRelevance,
          ['', 'x', 'null', '0', '%%%', 'e30', altered, `${relevance}A`, relevance.slice(0, -2), id, other],
        ],
        [byId, ['', 'MQ', relevance, filtered, id.toLowerCase()]],
      ];
      for (const [request, cursors] of refused) {
        for (const after of cursors) await assertRefused('BAD_CURSOR', search(index, { ...request, after }));
      }
    },
  },
  {
    name: 'a cursor stays good when the page size, facets, highlights or the order of filter values change',
    async run(index) {
      await upsert(index, ...corpus);
      const filter = { subject: ['odd', 'even'] };
      const after = lastCursor(await search(index, { ...byId, filter }));
      const next = await search(index, {
        ...byId,
        filter: { subject: ['even', 'odd'], license: undefined },
        first: 1,
        highlight: true,
        facets: [{ field: 'year', size: 1 }],
        after,
      });
      assert.deepEqual(listHitIds(next), [ids[3]]);
    },
  },
  {
    name: 'sizes beyond their maxima are refused',
    async run(index) {
      await upsert(index, ...corpus);
      await assertRefused('LIMIT_EXCEEDED', search(index, { first: 1001 }));
      await assertRefused('LIMIT_EXCEEDED', search(index, { first: 100_000 }));
      await assertRefused('LIMIT_EXCEEDED', search(index, { facets: [{ field: 'subject', size: 1001 }] }));
      await assertRefused('BAD_INPUT', search(index, { first: -1 }));
      await assertRefused('BAD_INPUT', search(index, { first: 1.5 }));
      await assertRefused('BAD_INPUT', search(index, { facets: [{ field: 'subject', size: 0 }] }));
      const page = await search(index, { first: 1000, facets: [{ field: 'subject', size: 1000 }] });
      assert.equal(page.hits.length, 40);
    },
  },
];
