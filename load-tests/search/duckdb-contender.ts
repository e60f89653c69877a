import { join } from 'node:path';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import { type Contender, yearOf } from './contender.js';
import { requireRival } from './rival-packages.js';

type Row = Record<string, string | number | bigint>;

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ getRowObjects(): Row[] }>;
  createAppender(table: string): Promise<Appender>;
}

interface Appender {
  appendInteger(value: number): void;
  appendVarchar(value: string): void;
  endRow(): void;
  closeSync(): void;
}

/** What is used of @duckdb/node-api. */
interface DuckDb {
  DuckDBInstance: {
    create(
      path: string,
      options: Record<string, string>,
    ): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (number INTEGER, json VARCHAR, text VARCHAR, repository VARCHAR, year VARCHAR,
    license VARCHAR, resourceType VARCHAR, subjects VARCHAR, creators VARCHAR);`;
const INDEX = `
  CREATE TABLE words AS SELECT word, number, count(*)::FLOAT AS times, any_value(length)::FLOAT AS length FROM (
    SELECT unnest(list) AS word, number, len(list) AS length FROM (
      SELECT number, regexp_extract_all(lower(text), '[a-z0-9]+') AS list FROM records))
    GROUP BY word, number ORDER BY word, number;
  CREATE TABLE sizes AS SELECT count(*)::DOUBLE AS records, sum(length)::DOUBLE / count(*) AS average
    FROM (SELECT number, any_value(length) AS length FROM words GROUP BY number);
  ALTER TABLE records DROP COLUMN text; CHECKPOINT;`;

/** DuckDB without its full-text extension, which cannot be installed offline: postings in a table, BM25 in SQL. */
export async function openDuckdb(dir: string): Promise<Contender> {
  const { DuckDBInstance } = requireRival('@duckdb/node-api') as DuckDb;
  const instance = await DuckDBInstance.create(join(dir, 'index.duckdb'), { memory_limit: '4GB' });
  const connection = await instance.connect();
  await connection.run(SCHEMA);
  const list = async (sql: string): Promise<Row[]> => (await connection.runAndReadAll(sql)).getRowObjects();
  let count = 0;
  return {
    async add(records) {
      const appender = await connection.createAppender('records');
      for (const record of records) appendRecord(appender, record, count++);
      appender.closeSync();
    },
    finish: async () => void (await connection.run(INDEX)),
    async search({ words, filterField, filterValue }) {
      const wanted = [...new Set(words)].map((word) => `'${word}'`).join(', ');
      await connection.run(`CREATE OR REPLACE TEMP TABLE found AS
        WITH hits AS (SELECT * FROM words WHERE word IN (${wanted})),
        weights AS (SELECT word, ln(1 + (records - count(*) + 0.5) / (count(*) + 0.5)) AS weight
          FROM hits, sizes GROUP BY word, records)
        SELECT number, sum(weight * times / (times + 1.2 * (0.25 + 0.75 * length / average))) AS score
          FROM hits JOIN weights USING (word), sizes GROUP BY number`);
      const matching = `found JOIN records USING (number) WHERE ${filterField} = '${filterValue}'`;
      for (const column of ['subjects', 'creators']) {
        await list(`SELECT value, count(*) FROM (SELECT unnest(string_split(${column}, chr(31))) AS value FROM ${matching})
          GROUP BY value ORDER BY 2 DESC, 1 LIMIT 10`);
      }
      const yearFilter = filterField === 'year' ? '' : `WHERE ${filterField} = '${filterValue}'`;
      const years = await list(
        `SELECT year, count(*) AS count FROM found JOIN records USING (number) ${yearFilter} GROUP BY year`,
      );
      const [total] = await list(`SELECT count(*) AS count FROM ${matching}`);
      const top = await list(`SELECT json FROM ${matching} ORDER BY score DESC, number LIMIT 10`);
      return {
        totalCount: Number(total?.count),
        years: new Map(years.map((row) => [String(row.year), Number(row.count)])),
        topRecords: top.map((row) => JSON.parse(String(row.json)) as DatasetRecord),
      };
    },
    close: async () => instance.closeSync(),
  };
}

function appendRecord(appender: Appender, record: DatasetRecord, number: number): void {
  const creators = record.creators.map((creator) => creator.name);
  appender.appendInteger(number);
  for (const value of [
    JSON.stringify(record),
    [record.title, ...record.subjects, ...creators, record.description ?? ''].join(' '),
    record.id.slice(0, record.id.indexOf(':')),
    yearOf(record),
    record.license ?? '',
    record.resourceType ?? '',
    record.subjects.join('\u001f'),
    creators.join('\u001f'),
  ]) {
    appender.appendVarchar(value);
  }
  appender.endRow();
}
