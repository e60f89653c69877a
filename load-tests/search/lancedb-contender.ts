import type { DatasetRecord } from '../../formats/dataset-record.js';
import { type Contender, yearOf } from './contender.js';
import { requireRival } from './rival-packages.js';

interface Row {
  readonly number: number;
  readonly json: string;
  readonly year: string;
  readonly subjects: string;
  readonly creators: string;
  readonly _score: number;
}

interface Query {
  fullTextSearch(text: string, options: { columns: readonly string[] }): Query;
  where(condition: string): Query;
  select(columns: readonly string[]): Query;
  limit(count: number): Query;
  toArray(): Promise<Row[]>;
}

interface Table {
  add(rows: readonly object[]): Promise<unknown>;
  createIndex(column: string, options: object): Promise<void>;
  optimize(): Promise<unknown>;
  query(): Query;
}

/** What is used of @lancedb/lancedb. */
interface LanceDb {
  connect(dir: string): Promise<{
    tableNames(): Promise<string[]>;
    openTable(name: string): Promise<Table>;
    createTable(name: string, rows: readonly object[]): Promise<Table>;
  }>;
  Index: { fts(options: object): unknown; bitmap(): unknown; btree(): unknown };
}

const SEPARATOR = '\u001f';
const MANY = 10_000_000;

/** LanceDB: its BM25 and filters; it has no facets, so that they are counted here over all matches. */
export async function openLancedb(dir: string): Promise<Contender> {
  const { connect, Index } = requireRival('@lancedb/lancedb') as LanceDb;
  const database = await connect(dir);
  let table = (await database.tableNames()).includes('records') ? await database.openTable('records') : undefined;
  let count = 0;
  return {
    async add(records) {
      const rows = records.map((record) => createRow(record, count++));
      if (table === undefined) table = await database.createTable('records', rows);
      else await table.add(rows);
    },
    async finish() {
      await table?.optimize();
      const text = { withPosition: false, stem: false, removeStopWords: false, asciiFolding: false };
      await table?.createIndex('text', { config: Index.fts(text) });
      await table?.createIndex('number', { config: Index.btree() });
      for (const column of ['repository', 'year', 'license', 'resourceType'])
        await table?.createIndex(column, { config: Index.bitmap() });
    },
    async search({ words, filterField, filterValue }) {
      if (table === undefined) throw new Error('the table was not made');
      const found = table.query().fullTextSearch(words.join(' '), { columns: ['text'] });
      const facetColumns = ['number', 'year', 'subjects', 'creators', '_score'];
      // The year facet ignores a filter by year, so that such a search must fetch them all.
      const filtered = filterField === 'year' ? found : found.where(`\`${filterField}\` = '${filterValue}'`);
      const rows = await filtered.select(facetColumns).limit(MANY).toArray();
      const matches = filterField === 'year' ? rows.filter((row) => row.year === filterValue) : rows;
      countTop(matches.flatMap((row) => row.subjects.split(SEPARATOR)));
      countTop(matches.flatMap((row) => row.creators.split(SEPARATOR)));
      const top = matches.slice(0, 10).map((row) => row.number);
      const stored =
        top.length === 0 ? [] : await table.query().where(`number IN (${top})`).select(['number', 'json']).toArray();
      const byNumber = new Map(stored.map((row) => [row.number, JSON.parse(row.json) as DatasetRecord]));
      return {
        totalCount: matches.length,
        years: countTop(rows.map((row) => row.year)),
        topRecords: top.flatMap((number) => byNumber.get(number) ?? []),
      };
    },
    close: async () => undefined,
  };
}

function createRow(record: DatasetRecord, number: number): object {
  const creators = record.creators.map((creator) => creator.name);
  return {
    number,
    json: JSON.stringify(record),
    text: [record.title, ...record.subjects, ...creators, record.description ?? ''].join(' '),
    repository: record.id.slice(0, record.id.indexOf(':')),
    year: yearOf(record),
    license: record.license ?? '',
    resourceType: record.resourceType ?? '',
    subjects: record.subjects.join(SEPARATOR),
    creators: creators.join(SEPARATOR),
  };
}

/** Values with their counts, most frequent first. */
function countTop(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return new Map([...counts].sort((left, right) => right[1] - left[1]));
}
