import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { composeSupergraph } from '../../subgraphs/registry/compose.js';
import type { Measure } from '../measure.js';
import type { ContenderReport } from './contender.js';
import { type RememberingSubgraphs, startRememberingSubgraphs } from './remembering-subgraphs.js';

const ROOT = join(import.meta.dirname, '..', '..');
const CONTENDERS = ['ours', 'stock'] as const;
type ContenderName = (typeof CONTENDERS)[number];

/** The query of the README: five fetches from five subgraphs. */
const QUERY = `query IsItThereAndIsItSafe($text: String!) {
  searchDatasets(text: $text, first: 5) {
    totalCount
    sources { repository { id } state message }
    facets { field buckets { value count } }
    edges { cursor highlights { field fragments } node {
      id title creators { name } license doi publishedAt
      files(first: 10) { totalCount nodes { path sizeBytes checksums { algorithm value origin } downloads { protocol url } } }
      health { state copies { institution { id } state lastAuditedAt } missingCopies }
      provenance { records(first: 5) { nodes { activity agent recordedAt entryIndex proof } } }
    } }
  }
  adapters { nodes { id kind institution { id } state supports lastSeenAt } }
}`;

/** Values of the variable, so that nothing can answer two requests at once by joining them. */
const TEXTS = Array.from({ length: 40 }, (_, index) => `lorenz attractor ${index}`);
/** Requests under way at a time. */
const CONNECTIONS = 8;
/** The most of stock's CPU that a request may take in ours. */
const MAX_CPU_RATIO = 0.5;

interface Contender {
  readonly name: ContenderName;
  readonly child: ChildProcess;
  readonly pool: Pool;
  readonly path: string;
}

interface Round {
  readonly cpuMsPerRequest: number;
  readonly requestsPerSecond: number;
  readonly p95Ms: number;
  readonly residentMib: number;
  readonly fetchesPerRequest: number;
}

/** CPU per request of our gateway and of stock @apollo/gateway, in turn, over the same subgraphs. */
export const gatewayScenario = {
  name: 'gateway',
  async run({ quick }: { readonly quick: boolean }): Promise<Measure[]> {
    const dir = await mkdtemp(join(tmpdir(), 'sc-load-gateway-'));
    const subgraphs = await startRememberingSubgraphs(ROOT);
    const contenders: Contender[] = [];
    try {
      const file = join(dir, 'supergraph.graphql');
      await writeFile(file, composeSupergraph(subgraphs.subgraphs));
      for (const name of CONTENDERS) contenders.push(await startContender(name, file));
      await compareAnswers(contenders);
      const rounds = await runRounds(contenders, subgraphs, quick);
      return toMeasures(rounds);
    } finally {
      for (const { child, pool } of contenders) {
        await pool.destroy();
        child.kill();
      }
      await subgraphs.close();
      await rm(dir, { recursive: true });
    }
  },
};

async function startContender(name: ContenderName, supergraphFile: string): Promise<Contender> {
  const node = ['--import', 'tsx', join(import.meta.dirname, 'contender.ts'), name, supergraphFile];
  const child = spawn(...pinned(node), {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: '1' },
  });
  const { url } = await readReport(child);
  if (url === undefined) throw new Error(`${name} did not say where it listens`);
  const { origin, pathname } = new URL(url);
  return { name, child, path: pathname, pool: new Pool(origin, { connections: CONNECTIONS }) };
}

/** The contender alone on the last core, where the machine lets us say so; load and subgraphs share the others. */
function pinned(args: readonly string[]): [string, string[]] {
  const cores = availableParallelism();
  const canPin = cores > 1 && spawnSync('taskset', ['--version']).status === 0;
  return canPin ? ['taskset', ['-c', String(cores - 1), process.execPath, ...args]] : [process.execPath, [...args]];
}

function readReport(child: ChildProcess): Promise<ContenderReport> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`A contender ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (report) => {
      child.off('exit', onExit);
      resolve(report as ContenderReport);
    });
  });
}

function askReport(child: ChildProcess): Promise<ContenderReport> {
  const report = readReport(child);
  child.send('report');
  return report;
}

async function ask({ pool, path }: Contender, text: string): Promise<string> {
  const { statusCode, body } = await pool.request({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables: { text } }),
  });
  const answer = await body.text();
  if (statusCode !== 200 || answer.startsWith('{"errors"'))
    throw new Error(`HTTP ${statusCode}: ${answer.slice(0, 500)}`);
  return answer;
}

/** Every answer of ours must be stock's, field by field and in the same order. */
async function compareAnswers(contenders: readonly Contender[]): Promise<void> {
  for (const text of TEXTS) {
    const [ours, stock] = await Promise.all(
      contenders.map(async (contender) => JSON.parse(await ask(contender, text)) as unknown),
    );
    const same = isDeepStrictEqual(ours, stock) && JSON.stringify(ours) === JSON.stringify(stock);
    if (!same) throw new Error(`Our answer differs from stock's for ${text}`);
  }
}

async function runRounds(
  contenders: readonly Contender[],
  subgraphs: RememberingSubgraphs,
  quick: boolean,
): Promise<Record<ContenderName, Round[]>> {
  const rounds: Record<ContenderName, Round[]> = { ours: [], stock: [] };
  const [warmUpMs, windowMs, count] = quick ? [2_000, 2_500, 3] : [4_000, 6_000, 5];
  for (const contender of contenders) await runWindow(contender, subgraphs, warmUpMs);
  for (let round = 0; round < count; round++) {
    for (const contender of contenders) rounds[contender.name].push(await runWindow(contender, subgraphs, windowMs));
  }
  return rounds;
}

/** A closed loop: each connection asks again as soon as it is answered. */
async function runWindow(contender: Contender, subgraphs: RememberingSubgraphs, windowMs: number): Promise<Round> {
  const before = await askReport(contender.child);
  const fetchesBefore = subgraphs.countRequests();
  const startedAt = performance.now();
  const latenciesMs: number[] = [];
  const loop = async (connection: number) => {
    for (let turn = connection; performance.now() - startedAt < windowMs; turn += CONNECTIONS) {
      const askedAt = performance.now();
      await ask(contender, TEXTS[turn % TEXTS.length] ?? '');
      latenciesMs.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => loop(connection)));
  const elapsedMs = performance.now() - startedAt;
  const after = await askReport(contender.child);
  const requests = latenciesMs.length;
  return {
    cpuMsPerRequest: (after.cpuMicros - before.cpuMicros) / 1000 / requests,
    requestsPerSecond: (requests * 1000) / elapsedMs,
    p95Ms: latenciesMs.toSorted((a, b) => a - b)[Math.floor(requests * 0.95)] ?? 0,
    residentMib: after.residentBytes / 1024 / 1024,
    fetchesPerRequest: (subgraphs.countRequests() - fetchesBefore) / requests,
  };
}

function toMeasures(rounds: Record<ContenderName, Round[]>): Measure[] {
  const measure = (name: string, unit: string, key: keyof Round, maxRatio?: number): Measure => {
    const [ours, rival] = [median(rounds.ours, key), median(rounds.stock, key)];
    const ratio = ours / rival;
    const holds = maxRatio === undefined || ratio <= maxRatio;
    return { name, unit, ours, rival, ratio, goal: maxRatio === undefined ? 'none' : `ratio ≤ ${maxRatio}`, holds };
  };
  const spread = (name: ContenderName) => {
    const values = rounds[name].map((round) => round.cpuMsPerRequest);
    return Math.max(...values) - Math.min(...values);
  };
  return [
    measure('CPU per request', 'ms', 'cpuMsPerRequest', MAX_CPU_RATIO),
    {
      ...{ name: 'CPU per request, spread over rounds', unit: 'ms', ours: spread('ours'), rival: spread('stock') },
      ...{ ratio: null, goal: 'none', holds: true },
    },
    measure('requests per second', '1/s', 'requestsPerSecond'),
    measure('p95 latency', 'ms', 'p95Ms'),
    measure('resident memory', 'MiB', 'residentMib'),
    measure('subgraph fetches per request', '', 'fetchesPerRequest'),
  ];
}

function median(rounds: readonly Round[], key: keyof Round): number {
  const values = rounds.map((round) => round[key]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}
