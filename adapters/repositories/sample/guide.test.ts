import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const SNIPPET = /<!-- from (\S+) -->\n```ts\n([\s\S]*?)```/g;

const trimLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');

describe('the adapter guide', () => {
  it('quotes code as it stands in the files that it names', async () => {
    const guide = await readFile(join(ROOT, 'docs/writing-an-adapter.md'), 'utf8');
    const snippets = [...guide.matchAll(SNIPPET)].map(([, path = '', code = '']) => ({ path, code }));
    expect(snippets.length).toBeGreaterThanOrEqual(8);
    // A snippet of TypeScript that names no file would go stale unseen.
    expect(snippets).toHaveLength(guide.split('```ts\n').length - 1);
    for (const { path, code } of snippets) {
      const file = trimLines(await readFile(join(ROOT, path), 'utf8'));
      if (!file.includes(trimLines(code))) throw new Error(`${path} does not hold this any more:\n${code}`);
    }
  });
});
