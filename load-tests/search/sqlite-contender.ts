import { join } from 'node:path';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import { type Contender, yearOf } from './contender.js';
import { requireRival } from './rival-packages.js';

type Row = Record<string, string | number>;

/** What is used of node-sqlite3-wasm. */
interface Database {
  exec(sql: string): void;
  run(sql: string, values?: readonly unknown[]): unknown;
  all(sql: string, values?: readonly unknown[]): Row[];
  prepare(sql: string): { run(values: readonly unknown[]): unknown; finalize(): void };
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, repository TEXT, year TEXT, license TEXT, resourceType TEXT);
  CREATE TABLE IF NOT EXISTS stored (number INTEGER PRIMARY KEY, json TEXT);
  CREATE TABLE IF NOT EXISTS subjects (number INTEGER, value TEXT, PRIMARY KEY (number, value)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS creators (number INTEGER, value TEXT, PRIMARY KEY (number, value)) WITHOUT ROWID;
  CREATE VIRTUAL TABLE IF NOT EXISTS texts USING fts5(title, subject, creator, description, content='', detail=column);
  CREATE TEMP TABLE found (number INTEGER PRIMARY KEY, score REAL);`;

/** SQLite's FTS5 in WebAssembly with facets by SQL: text matches go to a temporary table that the rest joins. */
export async function openSqlite(dir: string): Promise<Contender> {
  const { Database } = requireRival('node-sqlite3-wasm') as { Database: new (path: string) => Database };
  const database = new Database(join(dir, 'index.sqlite'));
  database.exec('PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;');
  database.exec(SCHEMA);
  let count = 0;
  return {
    async add(records) {
      const insert = {
        record: database.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?)'),
        stored: database.prepare('INSERT INTO stored VALUES (?, ?)'),
        text: database.prepare(
          'INSERT INTO texts (rowid, title, subject, creator, description) VALUES (?, ?, ?, ?, ?)',
        ),
        subject: database.prepare('INSERT OR IGNORE INTO subjects VALUES (?, ?)'),
        creator: database.prepare('INSERT OR IGNORE INTO creators VALUES (?, ?)'),
      };
      database.exec('BEGIN');
      for (const record of records) {
        const number = count++;
        const { license = null, resourceType = null, title, description = '' } = record;
        const creators = record.creators.map((creator) => creator.name);
        const repository = record.id.slice(0, record.id.indexOf(':'));
        insert.stored.run([number, JSON.stringify(record)]);
        insert.record.run([number, repository, yearOf(record), license, resourceType]);
        insert.text.run([number, title, record.subjects.join(' '), creators.join(' '), description]);
        for (const subject of record.subjects) insert.subject.run([number, subject]);
        for (const creator of creators) insert.creator.run([number, creator]);
      }
      database.exec('COMMIT');
      for (const statement of Object.values(insert)) statement.finalize();
    },
    async finish() {
      database.exec("INSERT INTO texts (texts) VALUES ('optimize'); ANALYZE;");
    },
    async search({ words, filterField, filterValue }) {
      database.run('DELETE FROM found');
      database.run('INSERT INTO found SELECT rowid, bm25(texts, 5.0, 3.0, 2.0, 1.0) FROM texts WHERE texts MATCH ?', [
        words.map((word) => `"${word}"`).join(' OR '),
      ]);
      const matching = `found JOIN records USING (number) WHERE records.${filterField} = ?`;
      const facet = (table: string): Row[] =>
        database.all(
          `SELECT value, count(*) AS count FROM ${matching.replace('WHERE', `JOIN ${table} USING (number) WHERE`)}
           GROUP BY value ORDER BY 2 DESC, 1 LIMIT 10`,
          [filterValue],
        );
      facet('subjects');
      facet('creators');
      const years = database.all(
        `SELECT year, count(*) AS count FROM found JOIN records USING (number)
         ${filterField === 'year' ? '' : `WHERE records.${filterField} = ?`} GROUP BY year`,
        filterField === 'year' ? [] : [filterValue],
      );
      const [total] = database.all(`SELECT count(*) AS count FROM ${matching}`, [filterValue]);
      const top = database.all(
        `SELECT json FROM stored JOIN (SELECT number, score FROM ${matching} ORDER BY score, number LIMIT 10) USING (number)
         ORDER BY score, number`,
        [filterValue],
      );
      return {
        totalCount: Number(total?.count),
        years: new Map(years.map((row) => [String(row.year), Number(row.count)])),
        topRecords: top.map((row) => JSON.parse(String(row.json)) as DatasetRecord),
      };
    },
    async close() {
      database.close();
    },
  };
}
