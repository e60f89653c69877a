import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createChunk } from '../../adapters/chunks/conformance/chunk-store-conformance.js';
import type { FileRange, RepositoryAdapter, RepositorySupports } from '../../adapters/repositories/contract.js';
import { resolveFileRange } from '../../adapters/repositories/file-range.js';
import { SciclomaticError } from '../../core/errors.js';
import { parseRepositoryId } from '../../core/ids.js';
import { createLogger } from '../../core/log.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { hexBlake3, hexSha256 } from '../../core/node-hashes.js';
import type { Checksum, DatasetRecord } from '../../formats/dataset-record.js';
import { verifyProvenanceEntry } from '../../formats/provenance-entry.js';
import { verifyManifest } from '../../formats/signed-manifest.js';
import { parseSignedRecord } from '../../formats/signed-record.js';
import {
  createStorageHouse,
  listDownloads,
  type StorageHouse,
  type StorageHouseOptions,
} from './storage-house.fixture.js';

const MIB = 1024 * 1024;
const bytesOf = (seed: number, size: number): Uint8Array => createChunk(seed, size).bytes;

interface Source extends RepositoryAdapter {
  /** Every openFile: path and offset. */
  readonly opened: [path: string, offset: number][];
  readonly bytes: Map<string, Uint8Array>;
  record: DatasetRecord;
  /** Called before each piece; may throw or wait. */
  beforePiece: (path: string, position: number) => Promise<void> | void;
}

const digest = (algorithm: string, bytes: Uint8Array): string =>
  algorithm === 'blake3' ? hexBlake3(bytes) : createHash(algorithm).update(bytes).digest('hex');

const stated = (bytes: Uint8Array, ...algorithms: string[]): Checksum[] =>
  algorithms.map((algorithm) => ({ algorithm, value: digest(algorithm, bytes), origin: 'SOURCE' }));

/** A repository of one dataset that can be made to fail. */
function createSource(
  files: Record<string, { bytes: Uint8Array; checksums?: Checksum[]; sizeBytes?: number | null }>,
  supports: Partial<RepositorySupports> = {},
): Source {
  const bytes = new Map(Object.entries(files).map(([path, file]) => [path, file.bytes]));
  const source: Source = {
    id: parseRepositoryId('shelf'),
    supports: { incremental: false, deletions: false, files: true, fileBytes: true, ranges: true, ...supports },
    opened: [],
    bytes,
    record: {
      id: 'shelf:one',
      title: 'One',
      creators: [{ name: 'Doe, Jane' }],
      subjects: ['chaos'],
      landingPageUrl: 'https://example.org/one',
      files: Object.entries(files)
        .map(([path, file]) => ({
          path,
          sizeBytes: file.sizeBytes === undefined ? file.bytes.length : file.sizeBytes,
          checksums: file.checksums ?? [],
        }))
        .sort((left, right) => (left.path < right.path ? -1 : 1)),
    },
    beforePiece: () => undefined,
    describe: async () => ({ id: parseRepositoryId('shelf'), name: 'Shelf', description: 'One dataset.' }),
    listDatasets: async function* () {
      yield { records: [source.record], deletedLocalIds: [], problems: [], cursor: '1' };
    },
    readDataset: async () => source.record,
    openFile: async (_localId, path, range: FileRange, call) => {
      source.opened.push([path, range.offset]);
      const content = bytes.get(path) ?? new Uint8Array();
      const { start, end } = resolveFileRange(range, content.length);
      return (async function* () {
        for (let position = start; position < end; position += 100_000) {
          await source.beforePiece(path, position);
          if (call.signal.aborted) throw SciclomaticError.from(call.signal.reason, 'CANCELLED');
          yield content.subarray(position, Math.min(end, position + 100_000));
        }
      })();
    },
    close: async () => undefined,
  };
  return source;
}

interface Job {
  readonly id: string;
  readonly state: string;
  readonly error: { readonly code: string; readonly message: string; readonly source: string } | null;
  readonly progress: { readonly done: number; readonly total: number | null };
}

const JOB = 'id state error { code message source } progress { done total }';

async function mirror(house: StorageHouse, datasetId = 'shelf:one'): Promise<Job> {
  const { data, errors } = await house.ask<{ mirrorDataset: { job: Job } }>(
    `mutation ($id: ID!) { mirrorDataset(input: { datasetId: $id }) { job { ${JOB} } } }`,
    { id: datasetId },
  );
  if (errors?.[0]) throw new SciclomaticError(errors[0].extensions.code as never, errors[0].message);
  return data.mirrorDataset.job;
}

async function readJob(house: StorageHouse, id: string): Promise<Job> {
  const { data } = await house.ask<{ transferJob: Job }>(`query ($id: ID!) { transferJob(id: $id) { ${JOB} } }`, {
    id,
  });
  return data.transferJob;
}

async function waitFor(house: StorageHouse, id: string, until: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await readJob(house, id);
    if (until(job)) return job;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ended = ({ state }: Job): boolean => state === 'SUCCEEDED' || state === 'FAILED';

async function mirrorToEnd(house: StorageHouse): Promise<Job> {
  return waitFor(house, (await mirror(house)).id, ended);
}

async function readManifest(house: StorageHouse) {
  const { data } = await house.ask<{ _entities: { manifest: { signedRecord: string } | null }[] }>(
    '{ _entities(representations: [{ __typename: "Dataset", id: "shelf:one" }]) { ... on Dataset { manifest { signedRecord } } } }',
  );
  const text = data._entities[0]?.manifest?.signedRecord;
  return text === undefined ? undefined : verifyManifest(parseSignedRecord(text), 'EMBEDDED', nodeCrypto);
}

describe('a mirror', () => {
  let root: string;
  const open: StorageHouse[] = [];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'mirror-'));
  });
  afterEach(async () => {
    for (const house of open.splice(0)) await house.close();
    await rm(root, { recursive: true, force: true });
  });
  const start = async (source: Source, options: Partial<StorageHouseOptions> = {}): Promise<StorageHouse> => {
    const house = await createStorageHouse({ dir: root, peerIds: ['alpha'], repositories: [source], ...options });
    open.push(house);
    return house;
  };

  it('brings a dataset into the swarm under its own id, its source’s checksums verified', async () => {
    const [a, b] = [bytesOf(1, 3 * MIB + 7), bytesOf(2, 900)];
    const source = createSource({
      'a.bin': { bytes: a, checksums: stated(a, 'md5', 'sha1', 'sha256', 'sha512', 'blake3') },
      'b/b.csv': {
        bytes: b,
        checksums: [...stated(b, 'md5'), { algorithm: 'etag', value: 'W/"x"', origin: 'SOURCE' }],
      },
      empty: { bytes: new Uint8Array() },
      unsized: { bytes: b, sizeBytes: null },
    });
    const house = await start(source);
    const job = await mirrorToEnd(house);
    expect(job).toMatchObject({ state: 'SUCCEEDED', error: null, progress: { done: 3 * MIB + 1807, total: null } });
    const signed = await readManifest(house);
    expect(signed?.manifest).toMatchObject({ datasetId: 'shelf:one', metadata: { title: 'One', subjects: ['chaos'] } });
    expect(signed?.manifest.files.map(({ path, sizeBytes, checksums }) => [path, sizeBytes, checksums.length])).toEqual(
      [
        ['a.bin', 3 * MIB + 7, 6],
        ['b/b.csv', 900, 3],
        ['empty', 0, 1],
        ['unsized', 900, 1],
      ],
    );
    const link = (await listDownloads(house, 'shelf:one', ['a.bin'])).get('a.bin') ?? '';
    const response = await house.part.fetch(new Request(link));
    expect(hexSha256(new Uint8Array(await response.arrayBuffer()))).toBe(hexSha256(a));
    const { entry } = verifyProvenanceEntry(house.entries[0] ?? new Uint8Array(), nodeCrypto);
    expect(entry).toMatchObject({
      activity: 'MIRROR',
      entity: 'shelf:one',
      manifestHash: signed?.hash,
      used: ['shelf:one', 'https://example.org/one'],
      detail: { fileCount: 4, sourceVerifiedFileCount: 2 },
    });
  });

  it('fails naming the file when the bytes are not what the source states, publishes nothing, and can be tried again', async () => {
    const [good, bad] = [bytesOf(1, 2 * MIB), bytesOf(2, 2 * MIB)];
    const source = createSource({
      'fine.bin': { bytes: good, checksums: stated(good, 'sha1') },
      'rotten.bin': { bytes: bad, checksums: stated(good, 'md5') },
    });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    source.beforePiece = (path) => (path === 'rotten.bin' ? released : undefined);
    const house = await start(source);
    const { id } = await mirror(house);
    await waitFor(house, id, ({ progress }) => progress.done >= 2 * MIB);
    release();
    const job = await waitFor(house, id, ended);
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'CHECKSUM_MISMATCH' } });
    expect(job.error?.message).toContain('rotten.bin');
    expect(job.error?.message).toContain('md5');
    expect(await readManifest(house)).toBeUndefined();
    expect(house.entries).toEqual([]);
    source.bytes.set('rotten.bin', good);
    expect(await mirrorToEnd(house)).toMatchObject({ state: 'SUCCEEDED' });
    expect(source.opened.filter(([path]) => path === 'fine.bin')).toEqual([['fine.bin', 0]]);
  });

  it.each([
    ['more', 1],
    ['fewer', -1],
  ])('fails when %s bytes come than the source states', async (_name, difference) => {
    const bytes = bytesOf(1, 2 * MIB);
    const source = createSource({ 'a.bin': { bytes, sizeBytes: bytes.length - difference } });
    const job = await mirrorToEnd(await start(source));
    expect(job).toMatchObject({ state: 'FAILED', error: { code: 'CHECKSUM_MISMATCH' } });
    expect(job.error?.message).toContain('a.bin');
  });

  it('goes on from where a source broke off', async () => {
    const bytes = bytesOf(1, 42 * MIB);
    const source = createSource({ 'a.bin': { bytes, checksums: stated(bytes, 'md5') } });
    let breaks = 2;
    source.beforePiece = (_path, position) => {
      if (position > 38 * MIB && breaks > 0) {
        breaks -= 1;
        throw new SciclomaticError('SOURCE_UNAVAILABLE', 'The connection was cut');
      }
    };
    const house = await start(source);
    expect(await mirrorToEnd(house)).toMatchObject({
      state: 'SUCCEEDED',
      progress: { done: 42 * MIB, total: 42 * MIB },
    });
    expect(source.opened).toEqual([
      ['a.bin', 0],
      ['a.bin', 32 * MIB],
      ['a.bin', 32 * MIB],
    ]);
  });

  it('begins anew at another peer when the chosen one runs full on the way, and fails when there is none', async () => {
    const before = bytesOf(3, 6 * MIB);
    const source = createSource({ before: { bytes: before } });
    const house = await start(source, { peerIds: ['alpha', 'beta'], quotaBytes: 10 * MIB });
    expect(await mirrorToEnd(house)).toMatchObject({ state: 'SUCCEEDED' });
    // How large it is, nobody knows before it is there.
    const replaceFile = (bytes: Uint8Array) => {
      source.bytes.set('grown', bytes);
      source.record = { ...source.record, files: [{ path: 'grown', sizeBytes: null, checksums: [] }] };
    };
    replaceFile(bytesOf(4, 8 * MIB));
    expect(await mirrorToEnd(house)).toMatchObject({ state: 'SUCCEEDED', progress: { done: 8 * MIB } });
    expect(await house.peers[1]?.readUsage()).toMatchObject({ manifestCount: 1, storedBytes: 8 * MIB });
    replaceFile(bytesOf(5, 8 * MIB));
    expect(await mirrorToEnd(house)).toMatchObject({ state: 'FAILED', error: { code: 'STORAGE_FULL' } });
  });

  it('begins a file anew when the source gives no ranges', async () => {
    const bytes = bytesOf(1, 6 * MIB);
    const source = createSource({ 'a.bin': { bytes, checksums: stated(bytes, 'md5') } }, { ranges: false });
    let broken = false;
    source.beforePiece = (_path, position) => {
      if (position > 5 * MIB && !broken) {
        broken = true;
        throw new SciclomaticError('SOURCE_UNAVAILABLE', 'The connection was cut');
      }
    };
    expect(await mirrorToEnd(await start(source))).toMatchObject({ state: 'SUCCEEDED' });
    expect(source.opened).toEqual([
      ['a.bin', 0],
      ['a.bin', 0],
    ]);
  });

  it('goes on after a restart, without what is there already', async () => {
    const [large, small] = [bytesOf(1, 50 * MIB), bytesOf(2, 1000)];
    const source = createSource({
      'large.bin': { bytes: large, checksums: stated(large, 'sha1') },
      'small.bin': { bytes: small, checksums: stated(small, 'sha1') },
    });
    let reach: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    source.beforePiece = async (_path, position) => {
      if (position < 40 * MIB) return;
      reach();
      await released;
    };
    const first = await createStorageHouse({ dir: root, peerIds: ['alpha'], repositories: [source] });
    const { id } = await mirror(first);
    expect((await mirror(first)).id).toBe(id);
    await reached;
    await waitFor(first, id, ({ progress }) => progress.done >= 32 * MIB + 1000);
    const closing = first.close();
    release();
    await closing;
    source.beforePiece = () => undefined;
    const house = await start(source);
    expect(await waitFor(house, id, ended)).toMatchObject({
      state: 'SUCCEEDED',
      progress: { done: 50 * MIB + 1000, total: 50 * MIB + 1000 },
    });
    expect(source.opened).toEqual([
      ['large.bin', 0],
      ['small.bin', 0],
      ['large.bin', 32 * MIB],
    ]);
    expect((await readManifest(house))?.manifest.files.map(({ sizeBytes }) => sizeBytes)).toEqual([50 * MIB, 1000]);
  });

  it('fetches nothing again while the source states the same, and makes a new manifest when it does not', async () => {
    const bytes = bytesOf(1, 1000);
    const source = createSource({ 'a.bin': { bytes, checksums: stated(bytes, 'md5') } });
    const house = await start(source);
    await mirrorToEnd(house);
    const before = await readManifest(house);
    expect(await mirrorToEnd(house)).toMatchObject({ state: 'SUCCEEDED' });
    expect(source.opened).toHaveLength(1);
    expect((await readManifest(house))?.hash).toBe(before?.hash);
    expect(new Set(house.entries.map((entry) => hexSha256(entry))).size).toBe(1);
    source.record = { ...source.record, title: 'One, corrected' };
    await mirrorToEnd(house);
    expect((await readManifest(house))?.manifest.metadata.title).toBe('One, corrected');
  });

  it('serves a file whose source calls its media type what no header takes', async () => {
    const bytes = bytesOf(1, 10);
    const source = createSource({ a: { bytes } });
    const files = source.record.files?.map((file) => ({ ...file, mediaType: 'text/plain\r\nset-cookie: a=b' })) ?? null;
    source.record = { ...source.record, files };
    const house = await start(source);
    expect(await mirrorToEnd(house)).toMatchObject({ state: 'SUCCEEDED' });
    const response = await house.part.fetch(
      new Request((await listDownloads(house, 'shelf:one', ['a'])).get('a') ?? ''),
    );
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
    await response.arrayBuffer();
  });

  it('says what cannot be mirrored, and logs it in one line that alarms nobody', async () => {
    const bytes = bytesOf(1, 10);
    const source = createSource({ a: { bytes } });
    const lines: Record<string, unknown>[] = [];
    const log = createLogger(
      'info',
      {},
      { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    const house = await start(source, { extra: { log } });
    const withoutFiles = { ...source.record, files: null };
    source.record = withoutFiles;
    expect((await mirrorToEnd(house)).error).toMatchObject({ code: 'UNSUPPORTED', source: 'shelf' });
    source.record = { ...withoutFiles, files: [{ path: '../a', sizeBytes: 10, checksums: [] }] };
    expect((await mirrorToEnd(house)).error).toMatchObject({ code: 'UNSAFE_PATH', source: 'shelf' });
    const unknown = await waitFor(house, (await mirror(house, 'elsewhere:one')).id, ended);
    expect(unknown.error).toMatchObject({ code: 'UNKNOWN_REPOSITORY', source: 'elsewhere' });
    expect(lines.map(({ level, code, error }) => [level, code, error])).toEqual(
      ['UNSUPPORTED', 'UNSAFE_PATH', 'UNKNOWN_REPOSITORY'].map((code) => [30, code, undefined]),
    );
    expect(lines[2]).toMatchObject({ dataset: 'elsewhere:one', reason: unknown.error?.message });
    await expect(mirror(house, `sc:${'0'.repeat(64)}`)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    await expect(mirror(house, 'nonsense')).rejects.toMatchObject({ code: 'MALFORMED_ID' });
  });
});
