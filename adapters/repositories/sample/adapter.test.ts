import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hexSha256 } from '../../../core/node-hashes.js';
import { createTestCall } from '../../../core/test-call.js';
import type { DatasetRecord } from '../../../formats/dataset-record.js';
import { runConformance } from '../../conformance.js';
import { repositoryConformance } from '../conformance/repository-conformance.js';
import type { RepositoryAdapter } from '../contract.js';
import { createSampleRepository } from './adapter.js';
import { SAMPLE_PROCESSES } from './sample-processes.js';

let root: string;
/** Filled once, by the first listing; tests that damage files take a folder of their own. */
let dir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sample-repository-'));
  dir = join(root, 'filled');
  await list(createSampleRepository({ dir }));
}, 60_000);

afterAll(() => rm(root, { recursive: true, force: true }));

async function list(adapter: RepositoryAdapter, after?: string): Promise<DatasetRecord[]> {
  const records: DatasetRecord[] = [];
  for await (const batch of adapter.listDatasets(after, createTestCall(60_000))) records.push(...batch.records);
  return records;
}

async function read(adapter: RepositoryAdapter, localId: string, path: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of await adapter.openFile(localId, path, { offset: 0 }, createTestCall())) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function sha256Of(adapter: RepositoryAdapter, localId: string, path: string): Promise<string | undefined> {
  const { files } = await adapter.readDataset(localId, createTestCall());
  return files?.find((file) => file.path === path)?.checksums[0]?.value;
}

describe('the sample repository', () => {
  it('passes the conformance suite', async () => {
    const outcomes = await runConformance(repositoryConformance, async () => createSampleRepository({ dir }));
    expect(
      outcomes.filter((outcome) => outcome.state !== 'PASSED').map(({ name, state }) => `${state} ${name}`),
    ).toEqual(['SKIPPED a deletion names a dataset that is no longer there']);
  });

  it('lists every process once, with what a record should say', async () => {
    const records = await list(createSampleRepository({ dir }));
    expect(records.map((record) => record.id)).toEqual(SAMPLE_PROCESSES.map((about) => `sample:${about.localId}`));
    expect(records.length).toBeGreaterThanOrEqual(24);
    for (const record of records) {
      expect(record).toMatchObject({
        creators: [{ name: 'Sciclomatic sample generator 0.1.0' }],
        license: 'CC0-1.0',
        publishedAt: '2026-11-21',
        resourceType: 'Dataset',
      });
      expect(record.description?.length).toBeGreaterThan(100);
      expect(record.subjects.length).toBeGreaterThan(0);
      expect(record.parameters?.length).toBeGreaterThan(0);
      expect(record.files?.map((file) => file.path)).toContain('README.md');
    }
  });

  it('keeps all files under 20 MB, some of them longer than one chunk of 1 MiB', async () => {
    const records = await list(createSampleRepository({ dir }));
    const sizes = records.flatMap((record) => (record.files ?? []).map((file) => file.sizeBytes ?? 0));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(20e6);
    expect(sizes.filter((size) => size > 3 * 1024 * 1024)).toHaveLength(1);
  });

  it('has a README that names every other file of the dataset', async () => {
    const adapter = createSampleRepository({ dir });
    const { files } = await adapter.readDataset('sir-epidemic', createTestCall());
    const readme = (await read(adapter, 'sir-epidemic', 'README.md')).toString();
    for (const file of files ?? []) if (file.path !== 'README.md') expect(readme).toContain(`\`${file.path}\``);
    expect(readme).toContain('| recoveryPerDay | 0.1 |');
  });

  it('reads from disk what an earlier process computed', async () => {
    const path = join(root, 'earlier');
    const first = createSampleRepository({ dir: path });
    const record = await first.readDataset('henon-map', createTestCall());
    const marker = await readFile(join(path, 'henon-map.json'), 'utf8');
    const second = createSampleRepository({ dir: path });
    expect(await second.readDataset('henon-map', createTestCall())).toEqual(record);
    expect(await readFile(join(path, 'henon-map.json'), 'utf8')).toBe(marker);
    expect(await readdir(path)).toEqual(['henon-map', 'henon-map.json']);
    expect(await readdir(join(path, 'henon-map'))).toEqual(['README.md', 'points.csv']);
  });

  it('has nothing under way any more when it is closed', async () => {
    const path = join(root, 'closed');
    const adapter = createSampleRepository({ dir: path });
    const reading = adapter.readDataset('henon-map', createTestCall());
    await adapter.close();
    expect(await readdir(path)).toEqual(['henon-map', 'henon-map.json']);
    await reading;
  });

  it.each([
    ['a flipped byte', (path: string) => flipByte(join(path, 'henon-map', 'points.csv'))],
    ['a missing file', (path: string) => rm(join(path, 'henon-map', 'points.csv'))],
    ['a file cut short', (path: string) => truncate(join(path, 'henon-map', 'points.csv'), 10)],
    ['a missing marker', (path: string) => rm(join(path, 'henon-map.json'))],
    ['a marker that is no JSON', (path: string) => writeFile(join(path, 'henon-map.json'), '{')],
    [
      'files of another version',
      (path: string) => writeFile(join(path, 'henon-map.json'), '{"generator":"other 0.0.1","files":[]}'),
    ],
  ])('computes a dataset anew after %s', async (what, damage) => {
    const path = join(root, what.replaceAll(' ', '-'));
    const sound = await sha256Of(createSampleRepository({ dir: path }), 'henon-map', 'points.csv');
    await damage(path);
    const adapter = createSampleRepository({ dir: path });
    expect(await sha256Of(adapter, 'henon-map', 'points.csv')).toBe(sound);
    expect(hexSha256(await read(adapter, 'henon-map', 'points.csv'))).toBe(sound);
    expect(hexSha256(await readFile(join(path, 'henon-map', 'points.csv')))).toBe(sound);
  });

  it('mends a file that goes missing while it is in use', async () => {
    const path = join(root, 'in-use');
    const adapter = createSampleRepository({ dir: path });
    const before = await read(adapter, 'henon-map', 'points.csv');
    await rm(join(path, 'henon-map'), { recursive: true });
    expect((await read(adapter, 'henon-map', 'points.csv')).equals(before)).toBe(true);
  });

  it('says why when its folder cannot be written, and recovers when it can', async () => {
    const path = join(root, 'blocked');
    await writeFile(path, 'a file where the folder should be');
    const adapter = createSampleRepository({ dir: path });
    await expect(adapter.readDataset('henon-map', createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      source: 'sample',
    });
    await rm(path);
    await mkdir(path);
    await expect(adapter.readDataset('henon-map', createTestCall())).resolves.toMatchObject({ title: 'Hénon map' });
  });

  it('computes a dataset once when many ask for it at the same time', async () => {
    const path = join(root, 'many');
    const adapter = createSampleRepository({ dir: path });
    const records = await Promise.all(
      Array.from({ length: 10 }, () => adapter.readDataset('henon-map', createTestCall())),
    );
    const { files } = records[0] ?? {};
    // The very same list: it was made once.
    expect(records.every((record) => record.files === files)).toBe(true);
  });
});

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(path, bytes);
}
