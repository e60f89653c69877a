import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Pack, pack } from 'tar-stream';
import { parseDatasetId, splitDatasetId } from '../../../core/ids.js';
import { createTestCall } from '../../../core/test-call.js';
import { realDataDir } from '../../../test/real-data.js';
import { runConformance } from '../../conformance.js';
import { repositoryConformance } from '../conformance/repository-conformance.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';
import { startLoopbackServer } from '../loopback-server.js';
import { createAwsOpenDataRepository } from './aws-open-data-repository.js';
import { decodeToldFiles, encodeToldFiles } from './told-files.js';

const TIDES = `Name: Tide gauges of the north coast
Description: |
  Hourly **water levels** of twelve gauges, see [the map](https://tides.example/map).<br/> <br/>Gaps are marked.
Documentation: https://tides.example/docs
Contact: tides@example.org
ManagedBy: "[Harbour Office](https://harbour.example/) and [Sea Institute](https://sea.example/)"
UpdateFrequency: Daily
Tags:
  - oceans
  - water level
  - oceans
License: "[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"
Citation: Harbour Office (2024). Tide gauges. https://doi.org/10.5281/zenodo.1234567.
RegistryEntryLastModified: 2025-03-04
Resources:
  - Description: One CSV a day
    ARN: arn:aws:s3:::north-tides/hourly
    Region: eu-north-1
    Type: S3 Bucket
    RequesterPays: True
  - Description: Told about new files
    ARN: arn:aws:sns:eu-north-1:1:north-tides-new
    Region: eu-north-1
    Type: SNS Topic
DataAtWork:
  Publications:
    - Title: A paper about tides
      URL: https://doi.org/10.5281/zenodo.7654321
      AuthorName: A. Nyone
`;

const SOUNDS = `Deprecated: True
DeprecatedNotice: The [lab](https://sounds.example) has closed.
Name: Sounds of a forest
Description: Recordings of one year.
Documentation: https://sounds.example
Contact: nobody
ManagedBy: Not currently managed
UpdateFrequency: Never
Tags: [audio]
License: Free for teaching. Ask for anything else.
Citation: "Nyone A. Listening to trees. Journal of Sounds (2020). doi:10.1093/sounds/77"
Resources: []
`;

const SEEDS = `Name: Seeds
Description: "Pictures of seeds, begun at the left edge

as the registry's own files do."
Documentation: https://seeds.example
Contact: seeds@example.org
ManagedBy: Seed House, Inc.
UpdateFrequency: Yearly
Tags:
  - plants
License: CC0
Resources:
  - Description: A host and no ARN
    Host: seeds.example
    Region: us-east-1
    Type: CloudFront Distribution
`;

const LINKED = `Name: Linked
Documentation: "[Pages](https://linked.example/docs)"
Contact: "[The office](mailto:us@linked.example), [us@linked.example](mailto:us@linked.example)"
License: See the [terms](https://linked.example/terms).
Citation: Cite [our data](https://doi.org/10.5281/zenodo.31).
Resources:
  - Description: ${'many '.repeat(80)}
    ARN: arn:aws:s3:::linked
    Type: S3 Bucket
`;

const BROKEN = 'Name: [never closed\nDescription: "no end\n';

const FIXTURE: Readonly<Record<string, string>> = {
  'linked.yaml': LINKED,
  'seeds.yaml': `\uFEFF${SEEDS.replaceAll('\n', '\r\n')}`,
  'sounds.yaml': SOUNDS,
  'stars.yaml': BROKEN,
  'tides.yaml': TIDES,
  'unnamed.yaml': 'Description: It has no name\n',
};

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function createFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'aws-open-data-'));
  cleanups.push(() => rm(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  return dir;
}

async function createTarball(entries: readonly (readonly [string, string])[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, text] of entries) archive.entry({ name }, text);
  return finishTarball(archive);
}

async function finishTarball(archive: Pack): Promise<Buffer> {
  archive.finalize();
  const pieces: Uint8Array[] = [];
  for await (const piece of archive) pieces.push(piece as Uint8Array);
  return gzipSync(Buffer.concat(pieces));
}

const registryTarball = (files: Readonly<Record<string, string>>): Promise<Buffer> =>
  createTarball([
    ['registry-main/schema.yaml', 'type: map\n'],
    ...Object.entries(files).map(([name, text]) => [`registry-main/datasets/${name}`, text] as const),
    ['registry-main/datasets/README.md', 'no dataset\n'],
  ]);

async function serveTarball(bytes: () => Buffer): Promise<string> {
  const server = await startLoopbackServer((_, response) => response.end(bytes()));
  cleanups.push(() => server.close());
  return `${server.origin}/registry.tar.gz`;
}

function open(source: { kind: 'folder'; dir: string } | { kind: 'tarball'; url: string }, batchSize?: number) {
  const adapter = createAwsOpenDataRepository({ source, batchSize });
  cleanups.push(() => adapter.close());
  return adapter;
}

async function list(adapter: RepositoryAdapter, after?: string): Promise<DatasetBatch[]> {
  const batches: DatasetBatch[] = [];
  for await (const batch of adapter.listDatasets(after, createTestCall())) batches.push(batch);
  return batches;
}

const idsOf = (batches: readonly DatasetBatch[]) => batches.flatMap((batch) => batch.records.map(({ id }) => id));

const makers: readonly [string, () => Promise<RepositoryAdapter>][] = [
  ['a folder', async () => open({ kind: 'folder', dir: await createFolder(FIXTURE) }, 2)],
  [
    'a tarball',
    async () => {
      const bytes = await registryTarball(FIXTURE);
      return open({ kind: 'tarball', url: await serveTarball(() => bytes) }, 2);
    },
  ],
];

describe.each(makers)('the registry in %s', (_, create) => {
  it('conforms', async () => {
    const outcomes = await runConformance(repositoryConformance, create);
    expect(outcomes.filter((outcome) => outcome.state === 'FAILED')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome.state === 'PASSED').length).toBeGreaterThan(10);
  });

  it('gives a dataset for each file that can be read and a problem that names each other one', async () => {
    const batches = await list(await create());
    expect(idsOf(batches)).toEqual(['aws:linked', 'aws:seeds', 'aws:sounds', 'aws:tides']);
    expect(batches.flatMap((batch) => batch.problems)).toEqual([
      { localId: 'stars.yaml', message: expect.stringContaining('Not YAML') },
      { localId: 'unnamed.yaml', message: expect.stringContaining('Name') },
    ]);
  });

  it('maps an entry', async () => {
    const adapter = await create();
    expect(await adapter.readDataset('tides', createTestCall())).toEqual({
      id: 'aws:tides',
      title: 'Tide gauges of the north coast',
      description: 'Hourly water levels of twelve gauges, see the map.\n\nGaps are marked.',
      creators: [{ name: 'Harbour Office' }, { name: 'Sea Institute' }],
      subjects: ['oceans', 'water level'],
      license: 'CC-BY-4.0',
      doi: '10.5281/zenodo.1234567',
      updatedAt: '2025-03-04T00:00:00Z',
      resourceType: 'Dataset',
      landingPageUrl: 'https://registry.opendata.aws/tides/',
      parameters: [
        { name: 'Documentation', value: 'https://tides.example/docs' },
        { name: 'Contact', value: 'tides@example.org' },
        { name: 'Update frequency', value: 'Daily' },
        { name: 'Citation', value: 'Harbour Office (2024). Tide gauges. https://doi.org/10.5281/zenodo.1234567.' },
        { name: 'S3 Bucket eu-north-1 (requester pays): One CSV a day', value: 'arn:aws:s3:::north-tides/hourly' },
        { name: 'SNS Topic eu-north-1: Told about new files', value: 'arn:aws:sns:eu-north-1:1:north-tides-new' },
      ],
      files: null,
    });
  });

  it('says what is deprecated, takes no paper for the dataset, keeps a licence that has no identifier', async () => {
    const record = await (await create()).readDataset('sounds', createTestCall());
    expect(record).toMatchObject({
      description: 'Deprecated. The lab has closed.\n\nRecordings of one year.',
      creators: [],
      license: 'Free for teaching. Ask for anything else.',
    });
    expect(record).not.toHaveProperty('doi');
    expect(record.parameters).toContainEqual({ name: 'Deprecated', value: 'The lab has closed.' });
  });

  it('reads quoted text that begins at the left edge, a byte order mark, and a host without ARN', async () => {
    const record = await (await create()).readDataset('seeds', createTestCall());
    expect(record).toMatchObject({
      title: 'Seeds',
      description: "Pictures of seeds, begun at the left edge\nas the registry's own files do.",
      creators: [{ name: 'Seed House, Inc.' }],
      license: 'CC0-1.0',
    });
    expect(record.parameters).toContainEqual({
      name: 'CloudFront Distribution us-east-1: A host and no ARN',
      value: 'seeds.example',
    });
  });

  it('keeps the addresses of links that say where to ask, what to cite and under which terms', async () => {
    const record = await (await create()).readDataset('linked', createTestCall());
    expect(record).toMatchObject({
      license: 'See the terms (https://linked.example/terms).',
      doi: '10.5281/zenodo.31',
    });
    expect(record.parameters).toEqual([
      { name: 'Documentation', value: 'Pages (https://linked.example/docs)' },
      { name: 'Contact', value: 'The office (us@linked.example), us@linked.example' },
      { name: 'Citation', value: 'Cite our data (https://doi.org/10.5281/zenodo.31).' },
      { name: expect.stringMatching(/^S3 Bucket: (?:many )+many…$/), value: 'arn:aws:s3:::linked' },
    ]);
  });

  it.each(['../secret', 'nothing', '', 'a/b', 'seeds.yaml', 'se\0eds'])('knows no dataset %j', async (localId) => {
    const adapter = await create();
    await expect(adapter.readDataset(localId, createTestCall())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a later listing of the registry', () => {
  it('gives what is new or changed and tells what is gone, also in a tarball', async () => {
    const later: Record<string, string> = {
      ...FIXTURE,
      'sounds.yaml': SOUNDS.replace('forest', 'wood'),
      'new.yaml': 'Name: New\n',
    };
    const { 'tides.yaml': _gone, ...rest } = later;
    let bytes = await registryTarball(FIXTURE);
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) }, 2);
    const cursor = (await list(adapter)).at(-1)?.cursor;
    bytes = await registryTarball(rest);
    const batches = await list(adapter, cursor);
    expect(idsOf(batches).sort()).toEqual(['aws:new', 'aws:sounds']);
    expect(batches.flatMap((batch) => batch.deletedLocalIds)).toEqual(['tides']);
    expect(batches.flatMap((batch) => batch.problems)).toEqual([]);
    expect(await list(adapter, batches.at(-1)?.cursor)).toEqual([]);
  });

  it('tells no deletion when the archive ends in the middle', async () => {
    const whole = await registryTarball({
      ...FIXTURE,
      'zebra.yaml': `Name: Zebra\nDescription: ${'stripe '.repeat(9999)}\n`,
    });
    let bytes = whole;
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) }, 1);
    const cursor = (await list(adapter)).at(-1)?.cursor;
    bytes = whole.subarray(0, whole.length / 2);
    await expect(list(adapter, cursor)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'aws' });
  });
});

describe('a registry that cannot be read', () => {
  it('is SOURCE_UNAVAILABLE when the folder is not there', async () => {
    const adapter = open({ kind: 'folder', dir: join(tmpdir(), 'no-such-folder-of-the-registry') });
    await expect(list(adapter)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'aws' });
  });

  it.each([
    ['a page', Buffer.from('<html>Sign in</html>')],
    ['compressed text', gzipSync('x'.repeat(4096))],
  ])('is SOURCE_INVALID_ANSWER when %s comes instead of an archive', async (_, bytes) => {
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) });
    await expect(list(adapter)).rejects.toMatchObject({ code: 'SOURCE_INVALID_ANSWER', source: 'aws' });
  });

  it.each([0.2, 0.5, 0.9])('is SOURCE_UNAVAILABLE when the compressed archive ends after %f of it', async (share) => {
    const whole = await registryTarball(FIXTURE);
    const bytes = whole.subarray(0, Math.floor(whole.length * share));
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) }, 1);
    await expect(list(adapter)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'aws' });
  });

  it('is SOURCE_UNAVAILABLE when the archive within whole compression ends in the middle of a file', async () => {
    const tar = gunzipSync(await registryTarball(FIXTURE));
    const bytes = gzipSync(tar.subarray(0, 1536 + 512 + 100));
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) }, 1);
    await expect(list(adapter)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'aws' });
  });

  it('takes no link for a file, writes nothing to where a path of an archive leads, and gives no dataset for it', async () => {
    const archive = pack();
    archive.entry({ name: 'r/datasets/link.yaml', type: 'symlink', linkname: '/etc/passwd' });
    archive.entry({ name: 'r/datasets/hard.yaml', type: 'link', linkname: 'r/datasets/good.yaml' });
    archive.entry({ name: 'r/datasets/folder.yaml/', type: 'directory' });
    archive.entry({ name: '../../datasets/../escape.yaml' }, 'Name: Escaped\n');
    archive.entry({ name: 'r/datasets/..' }, 'Name: Parent\n');
    archive.entry({ name: 'r/datasets/.hidden.yaml' }, 'Name: Hidden\n');
    archive.entry({ name: 'r/datasets/good.yaml' }, 'Name: Good\n');
    const bytes = await finishTarball(archive);
    const batches = await list(open({ kind: 'tarball', url: await serveTarball(() => bytes) }));
    expect(idsOf(batches)).toEqual(['aws:good']);
    expect(batches.flatMap((batch) => batch.problems)).toEqual([]);
  });

  it('tells a file that is too large as a problem, by what its header says, and reads the others', async () => {
    const bytes = await createTarball([
      ['r/datasets/huge.yaml', `Name: Huge\nDescription: ${'x'.repeat(9 * 1024 * 1024)}\n`],
      ['r/datasets/small.yaml', 'Name: Small\n'],
    ]);
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) });
    const batches = await list(adapter);
    expect(idsOf(batches)).toEqual(['aws:small']);
    expect(batches.flatMap((batch) => batch.problems)).toEqual([
      { localId: 'huge.yaml', message: expect.stringContaining('larger than') },
    ]);
    await expect(adapter.readDataset('huge', createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_INVALID_ANSWER',
      source: 'aws',
    });
  });

  it('is SOURCE_INVALID_ANSWER when an entry says that it unpacks to more than is ever read', async () => {
    // Only the header of the entry (POSIX ustar), with another size: what it promises is enough to refuse it.
    const header = gunzipSync(await createTarball([['r/other.bin', 'x']])).subarray(0, 512);
    header.write(`${(600 * 1024 * 1024).toString(8).padStart(11, '0')} `, 124, 'latin1');
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    const bytes = gzipSync(Buffer.concat([header, Buffer.alloc(4096)]));
    const adapter = open({ kind: 'tarball', url: await serveTarball(() => bytes) });
    await expect(list(adapter)).rejects.toMatchObject({
      code: 'SOURCE_INVALID_ANSWER',
      source: 'aws',
      message: expect.stringContaining('unpacks to more than'),
    });
  });

  it('lists a name that stands twice in an archive once', async () => {
    const bytes = await createTarball([
      ['a/datasets/twice.yaml', 'Name: First\n'],
      ['b/datasets/twice.yaml', 'Name: Second\n'],
    ]);
    const [batch] = await list(open({ kind: 'tarball', url: await serveTarball(() => bytes) }));
    expect(batch?.records.map((record) => record.title)).toEqual(['First']);
    expect(batch?.problems).toHaveLength(1);
  });

  it('refuses a batch size out of range', () => {
    expect(() => open({ kind: 'folder', dir: '.' }, 1001)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('entries that are long together', () => {
  it('come in batches that are small enough, none lost where one batch ends', async () => {
    const long = (place: number) => `Name: Long ${place}\nDescription: ${'word '.repeat(50_000)}\n`;
    const dir = await createFolder(
      Object.fromEntries(Array.from('abcdefghijklmnop', (id, at) => [`${id}.yaml`, long(at)])),
    );
    const outcomes = await runConformance(repositoryConformance, async () => open({ kind: 'folder', dir }));
    expect(outcomes.filter((outcome) => outcome.state === 'FAILED')).toEqual([]);
    const batches = await list(open({ kind: 'folder', dir }));
    expect(batches.map(({ records }) => records.length)).toEqual([12, 4]);
  });
});

describe('an entry that is longer than a record may be', () => {
  it('keeps the beginning of its description and says that it was cut', async () => {
    const dir = await createFolder({ 'long.yaml': `Name: Long\nDescription: ${'word '.repeat(60_000)}\n` });
    const { description } = await open({ kind: 'folder', dir }).readDataset('long', createTestCall());
    expect(description?.length).toBeLessThanOrEqual(262_144);
    expect(description).toMatch(/word… \(cut here; the registry has the whole text\)$/);
  });
});

describe('the cursor of the registry', () => {
  it('gives back what was told', () => {
    const told = fc.dictionary(fc.stringMatching(/^[\w. -]{1,40}$/), fc.stringMatching(/^[\w-]{8}$/), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(told, (files) => {
        const map = new Map(Object.entries(files));
        expect(decodeToldFiles('list', encodeToldFiles('list', map))).toEqual(map);
      }),
    );
  });

  it('holds 2,500 files in 64 KiB and refuses what it cannot hold', () => {
    const files = (count: number) =>
      new Map(
        Array.from({ length: count }, (_, index) => [
          `dataset-of-the-registry-${index * 7919}`,
          `${index * 48611 + 10_000_000}`.slice(0, 8),
        ]),
      );
    expect(Buffer.byteLength(encodeToldFiles('list', files(2500)))).toBeLessThanOrEqual(64 * 1024);
    expect(() => encodeToldFiles('list', files(20_000))).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
  });
});

const realDir = realDataDir('open-data-registry');
const describeReal = realDir === undefined ? describe.skip : describe;

describeReal('the published registry (skipped without recordings)', () => {
  it('has every file as a dataset, none lost, none invented', async () => {
    const dir = realDir ?? '';
    const names = (await readdir(dir)).filter((name) => name.endsWith('.yaml'));
    const batches = await list(open({ kind: 'folder', dir }));
    const records = batches.flatMap((batch) => batch.records);

    expect(batches.flatMap((batch) => batch.problems)).toEqual([]);
    expect(records.length).toBe(names.length);
    const expectedIds = new Set(names.map((name) => `aws:${name.replace(/\.yaml$/, '')}`));
    expect(new Set(records.map((record) => record.id))).toEqual(expectedIds);
    expect(records.length).toBeGreaterThan(900);

    // Counted a second way: the titles by a regular expression over the raw text, only white space and quotes aside.
    const bare = (title: string) => title.replace(/[\s"'*\\`]+/g, '');
    let compared = 0;
    for (const { id, title } of records) {
      const { localId } = splitDatasetId(parseDatasetId(id));
      const text = await readFile(join(dir, `${localId}.yaml`), 'utf8');
      const line = /^\uFEFF?Name:[ \t]*(.+?)[ \t\r]*$/m.exec(text)?.[1] ?? '';
      if (/^[>|]/.test(line)) continue;
      expect(bare(title).startsWith(bare(line)) || bare(line).startsWith(bare(title))).toBe(true);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(900);
    expect(Math.max(...batches.map((batch) => Buffer.byteLength(batch.cursor)))).toBeLessThan(32 * 1024);
    expect(records.filter(({ description }) => description?.endsWith('the whole text)')).length).toBe(3);
    const arns = records
      .flatMap((record) => record.parameters ?? [])
      .filter(({ value }) => value.startsWith('arn:aws'));
    expect(arns.length).toBeGreaterThan(6000);
  });

  it('gives nothing again after its end', async () => {
    const adapter = open({ kind: 'folder', dir: realDir ?? '' });
    const cursor = (await list(adapter)).at(-1)?.cursor;
    expect(await list(adapter, cursor)).toEqual([]);
  });
});
