import { mkdirSync } from 'node:fs';
import type { Contender, ContenderAnswer } from './contender.js';
import { openDuckdb } from './duckdb-contender.js';
import { openEmbedded } from './embedded-contender.js';
import { createCorpus } from './generate-corpus.js';
import { openLancedb } from './lancedb-contender.js';
import { openSqlite } from './sqlite-contender.js';

/**
 * One contender in a process of its own, so that its memory is its own. Arguments: name, phase (`index` or `query`),
 * folder, number of records, number of queries. Prints one line of JSON.
 */
const OPENERS: Readonly<Record<string, (dir: string) => Promise<Contender>>> = {
  embedded: openEmbedded,
  sqlite: openSqlite,
  lancedb: openLancedb,
  duckdb: openDuckdb,
};

export interface IndexFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
}

export interface QueryFigures {
  readonly openMs: number;
  /** Of each query, in order. */
  readonly latenciesMs: readonly number[];
  /** CPU of all threads for each query: what a busy machine does not blur. */
  readonly cpusMs: readonly number[];
  readonly totalCounts: readonly number[];
  readonly yearSums: readonly number[];
  /** Highest ever, in MB: what the system counted, the generator of the corpus included. */
  readonly peakRssMb: number;
}

const BATCH = 1000;
const WARM_UP_QUERIES = 20;
const MB = 1024 * 1024;
const peakRssMb = (): number => Math.round((process.resourceUsage().maxRSS * 1024) / MB);

async function index(contender: Contender, recordCount: number): Promise<IndexFigures> {
  const corpus = createCorpus();
  let seconds = 0;
  let cpuMicroseconds = 0;
  const measure = async (work: () => Promise<void>): Promise<void> => {
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const used = process.cpuUsage(cpu);
    seconds += (performance.now() - startedAt) / 1000;
    cpuMicroseconds += used.user + used.system;
  };
  for (let start = 0; start < recordCount; start += BATCH) {
    const size = Math.min(BATCH, recordCount - start);
    const records = Array.from({ length: size }, (_, number) => corpus.createRecord(start + number));
    await measure(() => contender.add(records));
  }
  await measure(async () => {
    await contender.finish();
    await contender.close();
  });
  return { seconds, cpuSeconds: cpuMicroseconds / 1e6, peakRssMb: peakRssMb() };
}

async function query(contender: Contender, openMs: number, queryCount: number): Promise<QueryFigures> {
  const corpus = createCorpus();
  for (let number = 0; number < WARM_UP_QUERIES; number++) await contender.search(corpus.createQuery(1e6 + number));
  const latenciesMs: number[] = [];
  const cpusMs: number[] = [];
  const answers: ContenderAnswer[] = [];
  for (let number = 0; number < queryCount; number++) {
    const wanted = corpus.createQuery(number);
    const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
    answers.push(await contender.search(wanted));
    latenciesMs.push(performance.now() - startedAt);
    const used = process.cpuUsage(cpu);
    cpusMs.push((used.user + used.system) / 1000);
  }
  await contender.close();
  return {
    openMs,
    latenciesMs,
    cpusMs,
    totalCounts: answers.map((answer) => answer.totalCount),
    yearSums: answers.map((answer) => [...answer.years.values()].reduce((sum, count) => sum + count, 0)),
    peakRssMb: peakRssMb(),
  };
}

const [name = '', phase = '', dir = '', recordCount = '', queryCount = ''] = process.argv.slice(2);
const open = OPENERS[name];
if (open === undefined) throw new Error(`no contender ${name}`);
mkdirSync(dir, { recursive: true });
const startedAt = performance.now();
const contender = await open(dir);
const openMs = performance.now() - startedAt;
const figures =
  phase === 'index' ? await index(contender, Number(recordCount)) : await query(contender, openMs, Number(queryCount));
console.log(JSON.stringify(figures));
