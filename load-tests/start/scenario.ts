import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Measure } from '../measure.js';

/** Built program: what `npm start` runs. */
const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js');
const READY_GOAL_SECONDS = 8;
const MEMORY_GOAL_MB = 500;
/** Second starts measured; the median counts. */
const ROUNDS = 5;
/** Longest wait for anything, in milliseconds. */
const PATIENCE_MS = 180_000;

interface House {
  readonly url: string;
  readonly process: ChildProcess;
  readonly readySeconds: number;
}

/**
 * Time from `npm start`'s command to the first right answer on the data of an earlier run, and resident memory after a
 * submission of 64 MiB and 300 small files. There is no rival: nothing else starts all of this.
 */
export const startScenario = {
  name: 'start',
  run: async ({ quick }: { readonly quick: boolean }) => {
    if (!existsSync(PROGRAM)) throw new Error('dist/ is missing: npm run build');
    const dir = await mkdtemp(join(tmpdir(), 'sciclomatic-start-'));
    try {
      return await measure(dir, quick ? 1 : ROUNDS);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  },
};

async function measure(dir: string, rounds: number): Promise<Measure[]> {
  const data = join(dir, 'data');
  const first = await startHouse(data);
  await waitFor('the samples are safe', async () => (await readDegraded(first.url)) === 0);
  await submitStory(first.url, dir);
  const residentMb = await readResidentMb(first.process);
  await stopHouse(first);
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const house = await startHouse(data);
    seconds.push(house.readySeconds);
    await stopHouse(house);
  }
  const median = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? Number.NaN;
  const row = (name: string, unit: string, ours: number, limit: number): Measure => ({
    name,
    unit,
    ours,
    rival: null,
    ratio: null,
    goal: `< ${limit}`,
    holds: ours < limit,
  });
  return [
    row('first start to a right answer', 's', first.readySeconds, PATIENCE_MS / 1000),
    row('second start to a right answer (median)', 's', median, READY_GOAL_SECONDS),
    row('second start to a right answer (worst)', 's', seconds.at(-1) ?? Number.NaN, READY_GOAL_SECONDS),
    row('resident memory after the story', 'MB', residentMb, MEMORY_GOAL_MB),
  ];
}

/** Ready = it answers a search over the samples with what it must find. */
async function startHouse(data: string): Promise<House> {
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--data-dir', data, '--port', '0', '--registry-port', '0', '--log-level', 'error'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the house ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /^portal\s+(\S+)\/$/.exec(line)?.[1];
      if (found) resolve(found);
    });
  });
  await waitFor('a search finds the Lorenz attractor', async () => {
    const answer = await ask<{ searchDatasets: { edges: { node: { id: string } }[] } }>(
      url,
      '{ searchDatasets(text: "lorenz attractor", first: 1) { edges { node { id } } } }',
    );
    return answer.searchDatasets.edges[0]?.node.id === 'sample:lorenz-attractor';
  });
  return { url, process: child, readySeconds: (performance.now() - startedAt) / 1000 };
}

async function stopHouse({ process: child }: House): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

async function submitStory(url: string, dir: string): Promise<void> {
  const folder = join(dir, 'submission');
  await mkdir(join(folder, 'small'), { recursive: true });
  await writeFile(join(folder, 'large.bin'), randomBytes(64 * 1024 * 1024));
  for (let file = 0; file < 300; file++) await writeFile(join(folder, 'small', `${file}.txt`), `small file ${file}\n`);
  await runVerb(url, ['submit', folder, '--title', 'Story', '--creator', 'Load, Test']);
  const { searchDatasets } = await waitFor('the submission is found', async () => {
    const answer = await ask<{ searchDatasets: { edges: { node: { id: string } }[] } }>(
      url,
      '{ searchDatasets(filter: { repository: ["sc"] }) { edges { node { id } } } }',
    );
    return answer.searchDatasets.edges.length > 0 && answer;
  });
  await runVerb(url, ['download', searchDatasets.edges[0]?.node.id ?? '', '--out', join(dir, 'download')]);
}

async function runVerb(url: string, words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, '--server', url, '--json', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`sc ${words[0]} ended with ${String(code)}`);
}

/** Resident set of the process, in MB (10^6 bytes), from the kernel. */
async function readResidentMb(child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
}

async function readDegraded(url: string): Promise<number> {
  const { auditor } = await ask<{ auditor: { datasetCount: number; degradedCount: number } }>(
    url,
    '{ auditor { datasetCount degradedCount } }',
  );
  return auditor.datasetCount < 20 ? Number.POSITIVE_INFINITY : auditor.degradedCount;
}

async function ask<Data>(url: string, query: string): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: Data };
  return data;
}

async function waitFor<Value>(what: string, check: () => Promise<Value>): Promise<Exclude<Value, false>> {
  const endsAt = performance.now() + PATIENCE_MS;
  while (performance.now() < endsAt) {
    const value = await check().catch(() => false as const);
    if (value !== false) return value as Exclude<Value, false>;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`timed out waiting until ${what}`);
}
