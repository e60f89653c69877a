import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import { ROLE_SETTINGS } from '../../cli/house/settings.js';
import { type House, startAll } from '../../cli/house/start-all.js';
import { createProgram } from '../../cli/program.js';
import { silentLogger } from '../../core/log.js';
import { createTemporaryDir, type TemporaryDir } from '../temporary-dir.js';
import { waitFor } from '../wait-for.js';
import { hideWhatVaries, listDifferences } from './abridged-answer.js';
import { listBlocks, listCommands, listLinks, listScripts } from './read-readme.js';

const ROOT = join(import.meta.dirname, '..', '..');
/** The first start computes 26 datasets, harvests, mirrors and audits them: seconds alone, more on a loaded machine. */
const FIRST_START_MS = 150_000;

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

describe('the query of the README', () => {
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
    'gets the answer that stands below it',
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
});

/** The answer once every source, copy and adapter in it is well and each record of a first start is in the log. */
async function askWhenSettled(url: string, query: string): Promise<Answer | undefined> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as Answer;
  const { searchDatasets, adapters } = answer.data;
  const { sources, edges } = searchDatasets;
  const settled =
    edges.length > 0 &&
    sources.every(({ state }) => state === 'OK') &&
    adapters.nodes.every(({ state }) => state === 'HEALTHY') &&
    edges.every(({ node }) => node.health?.state === 'OK' && node.provenance?.records.nodes.length === 5);
  return settled ? answer : undefined;
}

describe('the commands of the README', () => {
  it.each(listCommands().map((words) => [words.join(' '), words] as const))('sc %s', async (_line, words) => {
    const program = createProgram();
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
      const program = createProgram();
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
