import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { ROLE_SETTINGS } from '../../cli/house/settings.js';
import { type House, startAll } from '../../cli/house/start-all.js';
import { createProgram } from '../../cli/program.js';
import { silentLogger } from '../../core/log.js';
import { openCommandSession } from '../command-session.js';
import { createTemporaryDir, type TemporaryDir } from '../temporary-dir.js';
import { waitFor } from '../wait-for.js';
import { hideWhatVaries, hideWhatVariesInLine, listDifferences, matchesLines } from './abridged-answer.js';
import { listBlocks, listCommands, listLinks, listScripts, listShownCommands } from './read-readme.js';

const ROOT = join(import.meta.dirname, '..', '..');
/** The first start computes 26 datasets, harvests, mirrors and audits them: seconds alone, more on a loaded machine. */
const FIRST_START_MS = 150_000;

/** Paths in the README's commands: there they are relative to where one stands. */
const LOCAL_PATHS: ReadonlySet<string> = new Set(['lorenz-files', 'lorenz.bundle.json', 'measurements/']);
const NUMBERS = Array.from({ length: 1000 }, (_, index) => `${index + 1}\n`).join('');

interface Answer {
  readonly errors?: unknown;
  readonly data: {
    readonly searchDatasets: {
      readonly sources: readonly { readonly state: string }[];
      readonly edges: readonly {
        readonly node: {
          readonly health: { readonly state: string } | null;
          readonly provenance: { readonly records: { readonly nodes: readonly unknown[] } } | null;
        };
      }[];
    };
    readonly adapters: { readonly nodes: readonly { readonly state: string }[] };
  };
}

describe('a first start of the house', () => {
  const [query = ''] = listBlocks('graphql');
  const [shown = ''] = listBlocks('json');
  let dir: TemporaryDir;
  let house: House;

  beforeAll(async () => {
    dir = await createTemporaryDir();
    const settings = ROLE_SETTINGS.all.parse({ dataDir: dir.path, port: 0, registryPort: 0 });
    house = await startAll(settings, silentLogger);
  }, FIRST_START_MS);

  afterAll(async () => {
    await house.close();
    await dir.remove();
  }, FIRST_START_MS);

  it(
    'gives the query of the README the answer that stands below it',
    async () => {
      const answer = await waitFor(
        'the samples are mirrored and audited',
        () => askWhenSettled(house.url, query),
        FIRST_START_MS,
      );
      expect(answer.errors).toBeUndefined();
      expect(listDifferences(hideWhatVaries(JSON.parse(shown)), hideWhatVaries(answer))).toEqual([]);
    },
    FIRST_START_MS,
  );

  it(
    'gives the commands of the README the lines that stand below them',
    async () => {
      await waitFor('all samples are safe', () => areAllSafe(house.url), FIRST_START_MS);
      const work = join(dir.path, 'work');
      await mkdir(join(work, 'measurements'), { recursive: true });
      await writeFile(join(work, 'measurements', 'numbers.csv'), NUMBERS);
      for (const { words, lines } of listShownCommands()) {
        const told = await runCommand(house.url, words, work);
        const isAsShown = matchesLines(lines.map(hideWhatVariesInLine), told.map(hideWhatVariesInLine));
        expect({ words, lines: isAsShown ? 'as shown' : told }).toEqual({ words, lines: 'as shown' });
      }
    },
    FIRST_START_MS,
  );
});

/** Runs a command as the command line does, in a folder, and gives the lines of its result. */
async function runCommand(server: string, words: readonly string[], work: string): Promise<string[]> {
  const session = openCommandSession(server);
  const program = createProgram(session.signal, { session: () => session, output: () => session.output });
  const placed = words.map((word) => (LOCAL_PATHS.has(word) ? join(work, word) : word));
  await program.parseAsync(placed, { from: 'user' });
  const lines = session.output.results.flatMap((result) => result.lines);
  return lines.flatMap((line) => line.replaceAll(`${work}/`, '').split('\n'));
}

/** The answer once every source, copy and adapter in it is well and each record of a first start is in the log. */
async function askWhenSettled(url: string, query: string): Promise<Answer | undefined> {
  const answer = await ask<Answer>(url, query);
  const { searchDatasets, adapters } = answer.data;
  const { sources, edges } = searchDatasets;
  const settled =
    edges.length > 0 &&
    sources.every(({ state }) => state === 'OK') &&
    adapters.nodes.every(({ state }) => state === 'HEALTHY') &&
    edges.every(({ node }) => node.health?.state === 'OK' && node.provenance?.records.nodes.length === 5);
  return settled ? answer : undefined;
}

async function areAllSafe(url: string): Promise<boolean> {
  const { data } = await ask<{
    readonly data: {
      readonly auditor: { readonly datasetCount: number; readonly degradedCount: number };
      readonly searchDatasets: { readonly totalCount: number };
    };
  }>(url, '{ auditor { datasetCount degradedCount } searchDatasets { totalCount } }');
  return data.auditor.datasetCount === data.searchDatasets.totalCount && data.auditor.degradedCount === 0;
}

async function ask<Answered>(url: string, query: string): Promise<Answered> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answered;
}

describe('the commands of the README', () => {
  it.each(listCommands().map((words) => [words.join(' '), words] as const))('sc %s', async (_line, words) => {
    const program = createIdleProgram();
    const ran = ignoreActions(program);
    await program.parseAsync(words, { from: 'user' });
    expect(ran()).toBe(1);
  });

  it('are refused when a verb or an option does not exist', async () => {
    for (const words of [
      ['serch', 'x'],
      ['show', 'sample:x', '--flies', '3'],
      ['adapter', 'chek', 'localhost:1'],
    ]) {
      const program = createIdleProgram();
      ignoreActions(program);
      silence(program);
      await expect(program.parseAsync(words, { from: 'user' })).rejects.toMatchObject({ exitCode: 1 });
    }
  });

  it('are scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    expect(listScripts().filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('the links of the README', () => {
  it('lead to files', () => {
    expect(listLinks().filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });
});

/** For its verbs and options alone. */
function createIdleProgram(): Command {
  const refuse = () => {
    throw new Error('No verb is run');
  };
  return createProgram(new AbortController().signal, { session: refuse, output: refuse });
}

/** Lets every verb do nothing; returns how many were run. */
function ignoreActions(command: Command): () => number {
  let count = 0;
  for (const leaf of listLeaves(command)) {
    leaf.action(() => {
      count += 1;
    });
  }
  return () => count;
}

function silence(command: Command): void {
  command.configureOutput({ writeErr: () => undefined });
  for (const child of command.commands) silence(child);
}

const listLeaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(listLeaves);
