import assert from 'node:assert/strict';
import type { ConformanceCase } from '../../conformance.js';
import { createRecord, findIds, search, upsert } from './case-tools.js';
import type { SearchSubject } from './search-subject.js';

/** Each row: a record's title, and texts that MUST find it. */
const FOUND_BY: readonly (readonly [title: string, ...texts: string[]])[] = [
  ['Météorologie à Genève', 'meteorologie', 'GENEVE', 'genève', 'me\u0301te\u0301orologie'],
  ['Straßenverkehr in Łódź', 'strassenverkehr', 'lodz', 'ŁÓDŹ'],
  ['Ærø tidal gauge', 'aero', 'ærø'],
  ['Θερμοκρασία θαλάσσης', 'θερμοκρασια', 'ΘΑΛΑΣΣΗΣ'],
  ['Температура воздуха', 'ТЕМПЕРАТУРА'],
  ['हिन्दी कविता', 'हिन्दी'],
  ['地下水質調査', '水質', '地下水', '質'],
  ['ソウルの気温データ', '気温', 'データ'],
  ['서울 기온 관측', '기온'],
  ['Full width ＡＢＣ１２３', 'abc123'],
  ['ﬁne particles in air', 'fine'],
  ['sea_surface-temperature.v2', 'surface', 'SEA', 'v2'],
  ['Galaxies and stars', 'galaxy', 'galaxies', 'star'],
];

export const languageCases: readonly ConformanceCase<SearchSubject>[] = [
  ...FOUND_BY.map(
    ([title, ...texts]): ConformanceCase<SearchSubject> => ({
      name: `“${title}” is found by ${texts.map((text) => `“${text}”`).join(', ')}`,
      async run(index) {
        await upsert(index, createRecord('a:wanted', title), createRecord('a:other', 'Unrelated 無関係 κείμενο'));
        for (const text of texts) assert.deepEqual(await findIds(index, text), ['a:wanted'], `text ${text}`);
      },
    }),
  ),
  {
    name: 'a pair of CJK characters does not match where only one of them stands',
    async run(index) {
      await upsert(index, createRecord('a:1', '水質'), createRecord('a:2', '水温'), createRecord('a:3', '品質'));
      assert.deepEqual(await findIds(index, '水質'), ['a:1']);
    },
  },
  {
    name: 'a DOI is one word, found in any case, with or without its resolver, and by no part of another',
    async run(index) {
      await upsert(
        index,
        createRecord('a:1', 'One', { doi: '10.5281/zenodo.123' }),
        createRecord('a:2', 'Two', { doi: '10.5281/zenodo.1234' }),
        createRecord('a:3', 'Three', { description: 'Derived from doi:10.5281/ZENODO.123.' }),
      );
      for (const text of ['10.5281/zenodo.123', 'https://doi.org/10.5281/Zenodo.123', 'doi:10.5281/zenodo.123'])
        assert.deepEqual(await findIds(index, text), ['a:1', 'a:3'], text);
    },
  },
  {
    name: 'a dataset is the first hit of its own id, and of an ORCID of its creator',
    async run(index) {
      const creators = [{ name: 'Curie, Marie', orcid: '0000-0002-1825-0097' }];
      await upsert(
        index,
        createRecord('aws:1000-genomes', 'Human variation', { creators }),
        createRecord('aws:2000-genomes', 'Plant variation', {
          creators: [{ name: 'X', orcid: '0000-0002-1825-0098' }],
        }),
      );
      assert.equal((await findIds(index, 'aws:1000-genomes'))[0], 'aws:1000-genomes');
      assert.deepEqual(await findIds(index, 'https://orcid.org/0000-0002-1825-0097'), ['aws:1000-genomes']);
    },
  },
  {
    name: 'a description of 250,000 characters is searched to its end',
    async run(index) {
      const description = `${'lorem ipsum '.repeat(20_800)}needle`;
      await upsert(index, createRecord('a:1', 'Long', { description }), createRecord('a:2', 'Short'));
      assert.deepEqual(await findIds(index, 'needle'), ['a:1']);
    },
  },
  {
    name: 'highlights mark whole words as they are written, between STX and ETX, field by field',
    needs: 'highlights',
    async run(index) {
      await upsert(
        index,
        createRecord('a:1', 'Glacier <b>mass</b> of Gläciers', {
          description: `${'before '.repeat(60)}the glacier moved ${'after '.repeat(60)}`,
          subjects: ['ice', 'glaciers'],
          creators: [{ name: 'Glacier, A.' }, { name: 'Stone, B.' }],
        }),
      );
      const hit = (await search(index, { text: 'glacier', highlight: true })).hits[0];
      const byField = new Map(hit?.highlights.map(({ field, fragments }) => [field, fragments]));
      assert.deepEqual(byField.get('title'), ['\u0002Glacier\u0003 <b>mass</b> of \u0002Gläciers\u0003']);
      assert.deepEqual(byField.get('subject'), ['\u0002glaciers\u0003']);
      assert.deepEqual(byField.get('creator'), ['\u0002Glacier\u0003, A.']);
      const [fragment = ''] = byField.get('description') ?? [];
      assert.ok(fragment.includes('the \u0002glacier\u0003 moved'), fragment);
      assert.ok(fragment.length < 400, 'a fragment is short');
    },
  },
  {
    name: 'there are no highlights without text, where nothing matches, or when none are asked for',
    needs: 'highlights',
    async run(index) {
      await upsert(index, createRecord('a:1', 'Ice', { description: 'Water' }));
      assert.deepEqual((await search(index, { text: '', highlight: true })).hits[0]?.highlights, []);
      assert.deepEqual((await search(index, { text: 'ice', highlight: false })).hits[0]?.highlights, []);
      const fields = (await search(index, { text: 'ice', highlight: true })).hits[0]?.highlights.map(
        (one) => one.field,
      );
      assert.deepEqual(fields, ['title']);
    },
  },
  {
    name: 'marks that the text itself holds are not passed on as matches',
    needs: 'highlights',
    async run(index) {
      await upsert(index, createRecord('a:1', 'Ice \u0002fake\u0003 core'));
      const hit = (await search(index, { text: 'core', highlight: true })).hits[0];
      assert.deepEqual(hit?.highlights[0]?.fragments, ['Ice  fake  \u0002core\u0003']);
    },
  },
];
