import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createChunk } from '../../adapters/chunks/conformance/chunk-store-conformance.js';
import { SciclomaticError } from '../../core/errors.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { hexSha256 } from '../../core/node-hashes.js';
import { verifyProvenanceEntry } from '../../formats/provenance-entry.js';
import { verifyManifest } from '../../formats/signed-manifest.js';
import { parseSignedRecord } from '../../formats/signed-record.js';
import { startLyingPeer } from './lying-peer.fixture.js';
import { pullBetween } from './pull-between.fixture.js';
import {
  createStorageHouse,
  createUploads,
  listDownloads,
  type StorageHouse,
  type StorageHouseOptions,
  submit,
  submitFiles,
} from './storage-house.fixture.js';

const MIB = 1024 * 1024;
const bytesOf = (seed: number, size: number): Uint8Array => createChunk(seed, size).bytes;

/** One large file and fifty small ones. */
const createFiles = (): Record<string, Uint8Array> => ({
  'large/field.bin': bytesOf(1, 20 * MIB + 12_345),
  ...Object.fromEntries(
    Array.from({ length: 50 }, (_, seed) => [
      `small/${String(seed).padStart(2, '0')} ü#%.csv`,
      bytesOf(seed + 2, seed * 97),
    ]),
  ),
});

describe('the storage subgraph', () => {
  let root: string;
  const open: { close(): unknown }[] = [];
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'storage-'));
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
    await rm(root, { recursive: true, force: true });
  });
  const start = async (options: Partial<StorageHouseOptions> = {}): Promise<StorageHouse> => {
    const house = await createStorageHouse({ dir: root, ...options });
    open.push(house);
    return house;
  };
  const get = (house: StorageHouse, url: string, headers: Record<string, string> = {}, method = 'GET') =>
    house.part.fetch(new Request(url, { method, headers }));
  const errorOf = async (response: Response) =>
    ((await response.json()) as { errors: { message: string; extensions: { code: string } }[] }).errors[0];

  it('takes a large file and fifty small ones, and gives the same bytes back, whole and in ranges', async () => {
    const house = await start();
    const files = createFiles();
    const id = await submitFiles(house, files, 'Lorenz attractor');
    expect(id).toMatch(/^sc:[0-9a-f]{64}$/);
    const links = await listDownloads(house, id, Object.keys(files));
    for (const [path, bytes] of Object.entries(files)) {
      const response = await get(house, links.get(path) ?? '');
      expect(response.status).toBe(200);
      const received = new Uint8Array(await response.arrayBuffer());
      expect(hexSha256(received)).toBe(hexSha256(bytes));
      expect(response.headers.get('etag')).toBe(`"${hexSha256(bytes)}"`);
      expect(response.headers.get('content-length')).toBe(String(bytes.length));
    }
    const large = files['large/field.bin'] ?? new Uint8Array();
    const url = links.get('large/field.bin') ?? '';
    const ranges: [string, number, number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=1048570-1048580', 1_048_570, 1_048_581],
      ['bytes=3000000-', 3_000_000, large.length],
      ['bytes=-5', large.length - 5, large.length],
      ['bytes=20983000-99999999999', 20_983_000, large.length],
    ];
    for (const [range, from, to] of ranges) {
      const response = await get(house, url, { range });
      expect([range, response.status]).toEqual([range, 206]);
      expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${large.length}`);
      expect(Buffer.from(await response.arrayBuffer()).equals(large.subarray(from, to))).toBe(true);
    }
    expect((await get(house, url, { range: `bytes=${large.length}-` })).status).toBe(416);
    expect((await get(house, url, { range: 'bytes=0-1,5-6' }, 'HEAD')).status).toBe(200);
    const etag = `"${hexSha256(large)}"`;
    expect((await get(house, url, { range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    const changed = await get(house, url, { range: 'bytes=0-1', 'if-range': '"other"' });
    expect(changed.status).toBe(200);
    await changed.body?.cancel();
    expect((await get(house, url, { 'if-none-match': etag })).status).toBe(304);
    const head = await get(house, url, {}, 'HEAD');
    expect(head.headers.get('content-length')).toBe(String(large.length));
    expect(head.headers.get('repr-digest')).toBe(`sha-256=:${createHash('sha256').update(large).digest('base64')}:`);
    expect(head.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''field.bin");
  });

  it('says by its extension what a file is, and never lets a page or an image of strangers run here', async () => {
    const house = await start({ peerIds: ['alpha'] });
    const types = {
      'a.csv': 'text/csv',
      'page.html': 'text/html',
      'picture.svg': 'image/svg+xml',
      'raw.dat': 'application/octet-stream',
    };
    const files = Object.fromEntries(Object.keys(types).map((path) => [path, Buffer.from(`<script>${path}</script>`)]));
    const links = await listDownloads(house, await submitFiles(house, files), Object.keys(types));
    for (const [path, type] of Object.entries(types)) {
      const response = await get(house, links.get(path) ?? '');
      await response.arrayBuffer();
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': type,
        'content-disposition': `attachment; filename*=UTF-8''${path}`,
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it('signs the manifest and records the submission, and a repeated submission is the same one', async () => {
    const house = await start();
    const { ids, urls } = await createUploads(house, { 'a.txt': 3 });
    await house.part.fetch(new Request(urls.get('a.txt') ?? '', { method: 'PUT', body: 'abc' }));
    const first = await submit(house, { title: 'T', uploadIds: ids });
    const second = await submit(house, { title: 'T', uploadIds: ids });
    const id = first.data.submitDataset.dataset.id;
    expect(second.data.submitDataset).toEqual(first.data.submitDataset);
    expect(house.entries).toHaveLength(1);
    const { entry } = verifyProvenanceEntry(house.entries[0] ?? new Uint8Array(), nodeCrypto);
    expect(entry).toMatchObject({
      activity: 'SUBMIT',
      entity: id,
      agent: 'alpha-university',
      manifestHash: id.slice(3),
    });
    const { data } = await house.ask<{ _entities: { manifest: { hash: string; signedRecord: string } }[] }>(
      `{ _entities(representations: [{ __typename: "Dataset", id: "${id}" }]) { ... on Dataset { manifest { hash signedRecord chunkCount totalSizeBytes } } } }`,
    );
    const manifest = data._entities[0]?.manifest;
    expect(manifest).toMatchObject({ hash: id.slice(3), chunkCount: 1, totalSizeBytes: 3 });
    const verified = verifyManifest(parseSignedRecord(manifest?.signedRecord ?? ''), 'EMBEDDED', nodeCrypto);
    expect(verified.manifest.metadata).toMatchObject({ title: 'T', creators: [{ name: 'Doe, Jane' }] });
  });

  it('a submission that was interrupted before it was recorded is ended after the restart, once', async () => {
    let reach: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const first = await createStorageHouse({
      dir: root,
      extra: { recordProvenance: () => new Promise(() => reach()) },
    });
    const { ids, urls } = await createUploads(first, { 'a.txt': 3 });
    await first.part.fetch(new Request(urls.get('a.txt') ?? '', { method: 'PUT', body: 'abc' }));
    void submit(first, { title: 'T', uploadIds: ids });
    await reached;
    await first.close();
    let record: (entry: Uint8Array) => void = () => undefined;
    const recorded = new Promise<Uint8Array>((resolve) => {
      record = resolve;
    });
    const house = await start({ extra: { recordProvenance: async (entry) => record(entry) } });
    const { entry } = verifyProvenanceEntry(await recorded, nodeCrypto);
    const { data } = await submit(house, { title: 'T', uploadIds: ids });
    expect(entry).toMatchObject({ activity: 'SUBMIT', entity: data.submitDataset.dataset.id });
    expect(data.submitDataset.job.state).toBe('SUCCEEDED');
  });

  it('a submission that could not be recorded is FAILED, and becomes the same dataset when it is sent again', async () => {
    const entries: Uint8Array[] = [];
    let full = true;
    const house = await start({
      extra: {
        recordProvenance: async (entry) => {
          if (full) throw new SciclomaticError('STORAGE_FULL', 'The disk is full');
          entries.push(entry);
        },
      },
    });
    const { ids, urls } = await createUploads(house, { 'a.txt': 3 });
    await house.part.fetch(new Request(urls.get('a.txt') ?? '', { method: 'PUT', body: 'abc' }));
    const refused = await submit(house, { title: 'T', uploadIds: ids });
    expect(refused.errors?.[0]?.extensions.code).toBe('STORAGE_FULL');
    const failed = await house.ask<{ transferJobs: { nodes: { state: string; dataset: { id: string } }[] } }>(
      '{ transferJobs { nodes { state dataset { id } } } }',
    );
    full = false;
    const { data } = await submit(house, { title: 'T', uploadIds: ids });
    expect(failed.data.transferJobs.nodes).toEqual([
      { state: 'FAILED', dataset: { id: data.submitDataset.dataset.id } },
    ]);
    expect(data.submitDataset.job.state).toBe('SUCCEEDED');
    expect(entries).toHaveLength(1);
  });

  it('tells every problem of a submission at once', async () => {
    const house = await start();
    const { ids } = await createUploads(house, { 'a.txt': 3, a: 1 });
    const { errors } = await submit(house, {
      title: '',
      creators: [],
      publishedAt: 'yesterday',
      doi: 'https://doi.org/10.1/x',
      uploadIds: [...ids, 'unknown', ids[0]],
    });
    expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT');
    for (const field of [
      'title:',
      'creators:',
      'publishedAt:',
      'doi:',
      'uploadIds.0:',
      'uploadIds.2:',
      'uploadIds.3:',
    ]) {
      expect(errors?.[0]?.message).toContain(field);
    }
  });

  it('keeps nothing of an upload that is too long, too short or wrong', async () => {
    const house = await start();
    const { data } = await house.ask<{ createUploads: { uploads: { id: string; url: string }[] } }>(
      'mutation ($input: [CreateUploadInput!]!) { createUploads(input: $input) { uploads { id url } } }',
      { input: [{ path: 'a', sizeBytes: 3, sha256: hexSha256(Buffer.from('abc')) }] },
    );
    const [upload] = data.createUploads.uploads;
    const put = (body: string | ReadableStream) =>
      house.part.fetch(new Request(upload?.url ?? '', { method: 'PUT', body, duplex: 'half' } as RequestInit));
    const streamed = (text: string) => new Blob([text]).stream();
    for (const [body, code, status] of [
      ['abcd', 'REQUEST_TOO_LARGE', 413],
      ['ab', 'BAD_INPUT', 400],
      ['', 'BAD_INPUT', 400],
      ['xyz', 'CHECKSUM_MISMATCH', 502],
    ] as const) {
      const response = await put(streamed(body));
      expect([body, response.status, (await errorOf(response))?.extensions.code]).toEqual([body, status, code]);
    }
    const early = await house.part.fetch(
      new Request(upload?.url ?? '', { method: 'PUT', body: 'abc', headers: { 'content-length': '7' } }),
    );
    expect(early.status).toBe(413);
    const refused = await submit(house, { title: 'T', uploadIds: [upload?.id] });
    expect(refused.errors?.[0]?.message).toContain('have not come yet');
    expect((await put(streamed('abc'))).status).toBe(201);
  });

  it('keeps nothing of an upload whose connection is cut', async () => {
    const house = await start();
    const { ids, urls } = await createUploads(house, { 'a.bin': 5 * MIB });
    const server = serve({ fetch: (request) => house.part.fetch(request), port: 0, hostname: '127.0.0.1' });
    open.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = new URL(urls.get('a.bin') ?? '');
    const cut = httpRequest({
      port,
      host: '127.0.0.1',
      method: 'PUT',
      path: url.pathname + url.search,
      headers: { 'content-length': 5 * MIB },
    });
    cut.on('error', () => undefined);
    cut.write(bytesOf(1, 3 * MIB), () => cut.destroy());
    await new Promise((resolve) => cut.once('close', resolve));
    const { errors } = await submit(house, { title: 'T', uploadIds: ids });
    expect(errors?.[0]?.message).toContain('have not come yet');
    const whole = bytesOf(1, 5 * MIB);
    const again = await fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
      method: 'PUT',
      body: Buffer.from(whole),
    });
    expect(again.status).toBe(201);
    const { data } = await submit(house, { title: 'T', uploadIds: ids });
    const links = await listDownloads(house, data.submitDataset.dataset.id, ['a.bin']);
    const link = new URL(links.get('a.bin') ?? '');
    const received = await fetch(`http://127.0.0.1:${port}${link.pathname}${link.search}`);
    expect(hexSha256(new Uint8Array(await received.arrayBuffer()))).toBe(hexSha256(whole));
  });

  it('refuses links that are altered, of another file, or over', async () => {
    let now = Date.now();
    const house = await start({ extra: { now: () => now } });
    const id = await submitFiles(house, { 'a.txt': Buffer.from('abc'), 'b.txt': Buffer.from('def') });
    const links = await listDownloads(house, id, ['a.txt', 'b.txt', 'none.txt']);
    expect(links.get('none.txt')).toBeUndefined();
    const a = links.get('a.txt') ?? '';
    for (const wrong of [
      a.replace('a.txt', 'b.txt'),
      a.replace(/expires=\d+/, `expires=${now + 86_400_000}`),
      a.replace(/signature=.*/, ''),
      a.replace(/signature=./, 'signature=_'),
    ]) {
      const response = await get(house, wrong);
      expect([wrong === a, response.status, (await errorOf(response))?.extensions.code]).toEqual([
        false,
        401,
        'UNAUTHENTICATED',
      ]);
    }
    expect((await get(house, a)).status).toBe(200);
    now += 3_600_001;
    expect((await get(house, a)).status).toBe(401);
  });

  it('refuses unsafe paths in uploads and in links', async () => {
    const house = await start();
    for (const path of ['../etc/passwd', '/etc/passwd', 'a\0b', 'a//b', '']) {
      const { errors } = await house.ask(
        'mutation ($path: String!) { createUploads(input: [{ path: $path, sizeBytes: 1 }]) { uploads { id } } }',
        { path },
      );
      expect([path, errors?.[0]?.extensions.code]).toEqual([path, 'UNSAFE_PATH']);
    }
    const response = await get(house, `http://storage/files/sc%3A${'0'.repeat(64)}/..%2F..%2Fetc%2Fpasswd?signature=x`);
    expect([response.status, (await errorOf(response))?.extensions.code]).toEqual([400, 'UNSAFE_PATH']);
    const malformed = await get(house, 'http://storage/files/no-colon/a?signature=x');
    expect((await errorOf(malformed))?.extensions.code).toBe('MALFORMED_ID');
  });

  it('goes on with another peer when one is killed, and says so when none is left that holds the file', async () => {
    const house = await start();
    const bytes = bytesOf(3, 12 * MIB);
    const id = await submitFiles(house, { 'a.bin': bytes });
    const [alpha, beta] = house.peers;
    await pullBetween(id.slice(3), alpha?.address ?? '', beta?.address ?? '');
    const url = (await listDownloads(house, id, ['a.bin'])).get('a.bin') ?? '';
    const response = await get(house, url);
    const reader = response.body?.getReader();
    const pieces = [(await reader?.read())?.value ?? new Uint8Array()];
    await alpha?.close();
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) pieces.push(next.value);
    expect(hexSha256(Buffer.concat(pieces))).toBe(hexSha256(bytes));
    const again = await get(house, url);
    expect(hexSha256(new Uint8Array(await again.arrayBuffer()))).toBe(hexSha256(bytes));
    await beta?.close();
    const unavailable = await get(house, url);
    expect([unavailable.status, (await errorOf(unavailable))?.extensions.code]).toEqual([503, 'SOURCE_UNAVAILABLE']);
  });

  it('says which peers answer and how much they hold', async () => {
    const house = await start();
    await submitFiles(house, { 'a.bin': bytesOf(3, 12 * MIB) });
    await house.peers[1]?.close();
    const { data } = await house.ask<{ peers: { nodes: object[] } }>(
      '{ peers { nodes { id reachable chunkCount storedBytes freeBytes institution { id } } } }',
    );
    const silent = { reachable: false, chunkCount: null, storedBytes: null, freeBytes: null };
    expect(data.peers.nodes).toEqual([
      {
        id: 'alpha',
        reachable: true,
        chunkCount: 12,
        storedBytes: 12 * MIB,
        freeBytes: expect.any(Number),
        institution: { id: 'alpha-university' },
      },
      { id: 'beta', ...silent, institution: { id: 'beta-university' } },
      {
        id: 'gamma',
        reachable: true,
        chunkCount: 0,
        storedBytes: 0,
        freeBytes: expect.any(Number),
        institution: { id: 'gamma-university' },
      },
    ]);
  });

  it('a peer that answers wrong bytes never poisons an answer', async () => {
    const house = await start();
    const bytes = bytesOf(4, 6 * MIB);
    const id = await submitFiles(house, { 'a.bin': bytes });
    const [alpha] = house.peers;
    const url = (await listDownloads(house, id, ['a.bin'])).get('a.bin') ?? '';
    for (const lie of ['WRONG_BYTES', 'CUT_SHORT', 'TOO_LONG', 'WRONG_ORDER'] as const) {
      const liar = await startLyingPeer(alpha?.address ?? '', lie);
      open.push(liar);
      // The liar stands at the nearest institution, so that it is asked first.
      house.directory[0] = { id: 'aaa-liar', address: liar.address, institution: 'alpha-university' };
      house.directory[3] = { id: 'zzz-honest', address: alpha?.address ?? '', institution: 'zzz-university' };
      const response = await get(house, url);
      expect([lie, hexSha256(new Uint8Array(await response.arrayBuffer()))]).toEqual([lie, hexSha256(bytes)]);
      expect(liar.askedCount()).toBeGreaterThan(0);
      house.directory.length = 3;
      const alone = await get(house, url);
      const received = alone.status === 200 ? await alone.arrayBuffer().catch(() => undefined) : undefined;
      // What it gives before it lies is right; the rest is right too, or nothing.
      const isRight = received === undefined || hexSha256(new Uint8Array(received)) === hexSha256(bytes);
      expect([lie, isRight]).toEqual([lie, true]);
    }
  });

  it('says STORAGE_FULL when no peer has room, and what was there is still there', async () => {
    const house = await start({ quotaBytes: 4 * MIB, peerIds: ['alpha', 'beta'] });
    const bytes = bytesOf(5, 3 * MIB);
    const id = await submitFiles(house, { 'a.bin': bytes });
    const second = await submitFiles(house, { 'b.bin': bytesOf(6, 3 * MIB) });
    const { urls } = await createUploads(house, { 'c.bin': 3 * MIB });
    const response = await house.part.fetch(
      new Request(urls.get('c.bin') ?? '', { method: 'PUT', body: Buffer.from(bytesOf(7, 3 * MIB)) }),
    );
    expect([response.status, (await errorOf(response))?.extensions.code]).toEqual([507, 'STORAGE_FULL']);
    for (const dataset of [id, second]) {
      const path = dataset === id ? 'a.bin' : 'b.bin';
      const link = (await listDownloads(house, dataset, [path])).get(path) ?? '';
      expect((await (await get(house, link)).arrayBuffer()).byteLength).toBe(3 * MIB);
    }
  });

  it('peers give up the chunks of an upload that was never submitted, and no others', async () => {
    let now = Date.now();
    const keptMs = 7_200_000;
    const clock = { now: () => now };
    const house = await start({
      peerIds: ['alpha'],
      peerOptions: { ...clock, unnamedChunkKeptMs: keptMs, collectIntervalMs: 1 },
      extra: clock,
    });
    const kept = bytesOf(9, 2 * MIB);
    const id = await submitFiles(house, { 'a.bin': kept });
    const { urls } = await createUploads(house, { 'abandoned.bin': 3 * MIB });
    await house.part.fetch(
      new Request(urls.get('abandoned.bin') ?? '', { method: 'PUT', body: Buffer.from(bytesOf(10, 3 * MIB)) }),
    );
    const [alpha] = house.peers;
    expect((await alpha?.readUsage())?.storedBytes).toBe(5 * MIB);
    // The time of a chunk begins when a look first finds it: time passes until it is over.
    while ((await alpha?.readUsage())?.storedBytes !== 2 * MIB) {
      now += keptMs / 100;
      await new Promise(setImmediate);
    }
    const link = (await listDownloads(house, id, ['a.bin'])).get('a.bin') ?? '';
    expect(hexSha256(new Uint8Array(await (await get(house, link)).arrayBuffer()))).toBe(hexSha256(kept));
  });

  it('a restart on the same folders loses nothing', async () => {
    const first = await createStorageHouse({ dir: root });
    const bytes = bytesOf(8, 2 * MIB);
    const id = await submitFiles(first, { 'a.bin': bytes });
    const { ids, urls } = await createUploads(first, { 'later.txt': 3 });
    await first.part.fetch(new Request(urls.get('later.txt') ?? '', { method: 'PUT', body: 'abc' }));
    const link = (await listDownloads(first, id, ['a.bin'])).get('a.bin') ?? '';
    await first.close();
    const house = await start();
    const received = await get(house, link);
    expect(hexSha256(new Uint8Array(await received.arrayBuffer()))).toBe(hexSha256(bytes));
    const { data } = await house.ask<{ transferJobs: { nodes: object[] } }>(
      '{ transferJobs { nodes { state dataset { id } progress { done total unit } error { code } } } }',
    );
    expect(data.transferJobs.nodes).toEqual([
      {
        state: 'SUCCEEDED',
        dataset: { id },
        progress: { done: 2 * MIB, total: 2 * MIB, unit: 'bytes' },
        error: null,
      },
    ]);
    expect((await submit(house, { title: 'Later', uploadIds: ids })).errors).toBeUndefined();
  });

  it('asks the peers once for three hundred files of a dataset', async () => {
    const house = await start();
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, seed) => [`f${seed}`, bytesOf(seed, 20)]));
    const id = await submitFiles(house, files);
    const liar = await startLyingPeer(house.peers[0]?.address ?? '', 'NOTHING');
    open.push(liar);
    house.directory.splice(0, 3, { id: 'only', address: liar.address });
    const links = await listDownloads(house, id, Object.keys(files));
    expect([...links.values()].every((link) => link?.startsWith('http://storage/files/sc%3A'))).toBe(true);
    expect(liar.manifestCount()).toBe(1);
  });

  it('is down with an error and a source when no peer answers, and its other fields stand', async () => {
    const house = await start();
    const id = await submitFiles(house, { a: Buffer.from('abc') });
    for (const peer of house.peers) await peer.close();
    const { data, errors } = await house.ask<{ _entities: ({ manifest: null } | null)[] }>(
      `{ _entities(representations: [{ __typename: "Dataset", id: "${id}" }]) { ... on Dataset { id manifest { hash } } } transferJobs { nodes { id } } }`,
    );
    expect(data._entities).toEqual([{ id, manifest: null }]);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'storage' });
    const bad = await house.ask('{ transferJobs(first: 100000) { nodes { id } } }');
    expect(bad.errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
    const cursor = await house.ask('{ peers(after: "nonsense") { nodes { id } } }');
    expect(cursor.errors?.[0]?.extensions.code).toBe('BAD_CURSOR');
  });
});
