import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import * as client from './client.js';
import * as operations from './gen/operations.js';

/** The modules that the example imports. */
const MODULES: Readonly<Record<string, object>> = { './client.js': client, './gen/operations.js': operations };

describe('the example of the README', () => {
  it('runs as it stands, and prints what every page of the search holds', async () => {
    const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(example).toContain('createClient');
    const { printed, asked } = await runExample(example);
    expect(printed).toEqual(['sample:1 One OK', 'sample:2 Two not in the swarm']);
    expect(asked).toEqual([null, 'c1']);
  });
});

/** Runs the text over a server of two pages; gives the lines printed and the cursors asked for. */
async function runExample(example: string): Promise<{ printed: string[]; asked: (string | null)[] }> {
  const body = example.replaceAll(
    /^import \{ (.+) \} from '(.+)';$/gm,
    (_line, names: string, module: string) => `const { ${names} } = modules[${JSON.stringify(module)}];`,
  );
  const { code } = transformSync(`async function run(modules, console) {\n${body}\n}`, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  });
  const asked: (string | null)[] = [];
  const edge = (id: number, title: string, state?: string) => ({
    node: { id: `sample:${id}`, title, health: state === undefined ? null : { state } },
  });
  const answer: typeof fetch = (_input, init) => {
    const { after = null } = (JSON.parse(String(init?.body)) as { variables: { after?: string } }).variables;
    asked.push(after);
    const searchDatasets =
      after === null
        ? { edges: [edge(1, 'One', 'OK')], pageInfo: { hasNextPage: true, endCursor: 'c1' } }
        : { edges: [edge(2, 'Two')], pageInfo: { hasNextPage: false, endCursor: 'c2' } };
    return Promise.resolve(Response.json({ data: { searchDatasets } }));
  };
  const modules = {
    ...MODULES,
    './client.js': {
      ...client,
      createClient: (options: client.ClientOptions) => client.createClient({ ...options, fetch: answer }),
    },
  };
  const printed: string[] = [];
  const kept = { log: (...words: unknown[]) => printed.push(words.join(' ')) };
  const running: unknown = runInNewContext(`${code}; run(modules, console)`, { modules, console: kept });
  await running;
  return { printed, asked };
}
