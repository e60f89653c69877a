import { execFile, spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DatasetId } from '../../../core/ids.js';
import { createTestCall } from '../../../core/test-call.js';
import { createEmbeddedSearchIndex } from './embedded-search-index.js';

/** Writes changes of 20 records for ever and prints the number of each that was acknowledged. */
const WRITER = `
  import { createEmbeddedSearchIndex } from '${join(import.meta.dirname, 'embedded-search-index.ts')}';
  import { createTestCall } from '${join(import.meta.dirname, '../../../core/test-call.ts')}';
  const index = await createEmbeddedSearchIndex({ dir: process.argv[2] });
  for (let change = 0; ; change++) {
    const upserts = Array.from({ length: 20 }, (_, number) => ({
      id: 'a:' + change + '-' + number, title: 'Ice ' + change, creators: [], subjects: ['s' + change], files: null,
    }));
    await index.apply({ upserts, deletes: [] }, createTestCall());
    console.log(change);
  }`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sc-search-crash-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('an embedded index whose process is killed', () => {
  it.each([3, 17])(
    'keeps every acknowledged change whole, and half of none, after %d of them',
    async (changes) => {
      const script = join(dir, 'writer.mts');
      const data = join(dir, 'index');
      await writeFile(script, WRITER);
      const tsx = import.meta.resolve('tsx');
      const writer = spawn(process.execPath, ['--import', tsx, script, data], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = new Promise((resolve) => writer.once('close', resolve));
      let acknowledged = -1;
      for await (const line of createInterface({ input: writer.stdout })) {
        acknowledged = Number(line);
        if (acknowledged >= changes) writer.kill('SIGKILL');
      }
      await closed;
      const index = await createEmbeddedSearchIndex({ dir: data });
      const facets = [{ field: 'subject', size: 1000 }] as const;
      const request = { text: 'ice', filter: {}, sort: 'RELEVANCE', first: 1, facets, highlight: false } as const;
      const { totalCount, facets: counted } = await index.search(request, createTestCall());
      expect(totalCount % 20).toBe(0);
      expect(totalCount).toBeGreaterThanOrEqual((acknowledged + 1) * 20);
      expect(new Set(counted[0]?.buckets.map((bucket) => bucket.count))).toEqual(new Set([20]));
      await index.close();
    },
    60_000,
  );

  it('removes files that nothing names, and refuses a segment that was cut short', async () => {
    const open = () => createEmbeddedSearchIndex({ dir });
    const index = await open();
    const record = { id: 'a:1', title: 'Ice', creators: [], subjects: [], files: null };
    await index.apply({ upserts: [record], deletes: [] }, createTestCall());
    await index.close();
    const listSegments = async () => (await readdir(dir)).filter((name) => name.startsWith('segment'));
    const [segment = ''] = await listSegments();
    await appendFile(join(dir, 'segment-77'), 'half a segment');
    await (await open()).close();
    expect(await listSegments()).toEqual([segment]);
    await promisify(execFile)('truncate', ['-s', '-9', join(dir, segment)]);
    await expect(open()).rejects.toMatchObject({ code: 'DATA_CORRUPT' });
  });

  it('refuses to open, or to answer, what lies in damaged bytes, naming the file', async () => {
    const records = Array.from({ length: 50 }, (_, number) => ({
      id: `a:${number}`,
      title: `Ice ${number}`,
      creators: [],
      subjects: ['cold'],
      files: null,
    }));
    const index = await createEmbeddedSearchIndex({ dir });
    await index.apply({ upserts: records, deletes: [] }, createTestCall());
    await index.close();
    const path = join(dir, (await readdir(dir)).find((name) => name.startsWith('segment-')) ?? '');
    const bytes = await readFile(path);
    const request = { text: 'ice', filter: {}, sort: 'ID', first: 50, facets: [], highlight: false } as const;
    const failures: { code: string; message: string }[] = [];
    for (let place = 0; place < bytes.length; place += 37) {
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] as number) ^ 4;
      await writeFile(path, damaged);
      const opened = createEmbeddedSearchIndex({ dir });
      const answer = opened.then((one) => one.search(request, createTestCall()));
      const outcome = await answer.then(
        ({ totalCount, hits }) => ({ code: `${totalCount} of ${hits.length}`, message: '' }),
        (error: { code: string; message: string }) => error,
      );
      failures.push(outcome);
      await opened.then((one) => one.close()).catch(() => undefined);
    }
    expect(failures.length).toBeGreaterThan(100);
    // The search reads every record and the one block of postings that there is.
    for (const { code, message } of failures)
      expect([code, message]).toEqual(['DATA_CORRUPT', expect.stringContaining(`${path} is damaged`)]);
  });

  it('keeps nothing of a change that cannot be written, and takes it when it can', async () => {
    const index = await createEmbeddedSearchIndex({ dir: join(dir, 'index') });
    const change = { upserts: [{ id: 'a:1', title: 'Ice', creators: [], subjects: [], files: null }], deletes: [] };
    await rename(join(dir, 'index'), join(dir, 'away'));
    await expect(index.apply(change, createTestCall())).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(`The search index in ${join(dir, 'index')} cannot be written`),
    });
    expect((await index.countByRepository(createTestCall())).size).toBe(0);
    await rename(join(dir, 'away'), join(dir, 'index'));
    await index.apply(change, createTestCall());
    expect([...(await index.countByRepository(createTestCall()))]).toEqual([['a', 1]]);
    await index.close();
  });

  it('refuses a change when another process has changed the index, and a search when it is closed', async () => {
    const [one, two] = [await createEmbeddedSearchIndex({ dir }), await createEmbeddedSearchIndex({ dir })];
    const change = (id: string) => ({
      upserts: [{ id, title: 'Ice', creators: [], subjects: [], files: null }],
      deletes: [],
    });
    await one.apply(change('a:1'), createTestCall());
    await expect(two.apply(change('a:2'), createTestCall())).rejects.toMatchObject({ code: 'CONFLICT' });
    await two.close();
    expect([...(await one.countByRepository(createTestCall()))]).toEqual([['a', 1]]);
    await one.close();
    const again = await createEmbeddedSearchIndex({ dir });
    const ids = ['a:1', 'a:2'] as readonly string[] as readonly DatasetId[];
    expect((await again.readDatasets(ids, createTestCall())).map((record) => record?.id)).toEqual(['a:1', undefined]);
    await again.close();
    await expect(one.countByRepository(createTestCall())).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});
