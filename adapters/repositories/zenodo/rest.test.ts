import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTestCall } from '../../../core/test-call.js';
import { runConformance } from '../../conformance.js';
import { repositoryConformance } from '../conformance/repository-conformance.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';
import { type LoopbackServer, startLoopbackServer } from '../loopback-server.js';
import { createZenodoRepository, type ZenodoRepositoryOptions } from './zenodo-repository.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface FakeRecord {
  readonly number: number;
  readonly updated: string;
  readonly files?: Readonly<Record<string, Buffer>>;
  /** Fields of the record that are replaced. */
  readonly changed?: object;
}

const CSV = Buffer.from('hour,level\n0,1.25\n1,1.5\n');
const LARGE = Buffer.alloc(2_500_000, 'tide ');

/** A small Zenodo: searches with `updated:["…" TO *]`, sorted by time of change, records and files. */
class FakeZenodo {
  records: FakeRecord[];
  /** Whether files are sent whole whatever range was asked for, as Zenodo did in 2022. */
  ignoresRanges = false;
  ignoresOrder = false;
  intercept: (request: URL, response: ServerResponse) => boolean = () => false;
  origin = '';

  constructor(records: readonly FakeRecord[]) {
    this.records = [...records];
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://fake');
    if (this.intercept(url, response)) return;
    const [, , , number, , key] = url.pathname.split('/');
    const found = this.records.find((one) => String(one.number) === number);
    if (number === undefined) this.#sendJson(response, this.#search(url.searchParams));
    else if (found === undefined) response.writeHead(404).end('{"status":404,"message":"PID does not exist."}');
    else if (key === undefined) this.#sendJson(response, this.#write(found));
    else this.#sendFile(request, response, found.files?.[decodeURIComponent(key)] ?? Buffer.alloc(0));
  }

  #search(query: URLSearchParams): object {
    const since = /updated:\["([^"]+)" TO \*\]/.exec(query.get('q') ?? '')?.[1];
    const matching = this.records.filter(
      ({ updated }) => since === undefined || Date.parse(updated) >= Date.parse(since),
    );
    const size = Number(query.get('size'));
    const start = (Number(query.get('page')) - 1) * size;
    if (!this.ignoresOrder) matching.sort((left, right) => Date.parse(left.updated) - Date.parse(right.updated));
    const hits = matching.slice(start, start + size).map((one) => this.#write(one));
    return { hits: { hits, total: matching.length }, links: {} };
  }

  #write({ number, updated, files, changed }: FakeRecord): object {
    return {
      id: number,
      recid: String(number),
      doi: `10.5281/zenodo.${number}`,
      updated,
      links: { self_html: `https://zenodo.org/records/${number}` },
      files: Object.entries(files ?? {}).map(([key, bytes]) => ({
        id: `f-${key}`,
        key,
        size: bytes.byteLength,
        checksum: `md5:${createHash('md5').update(bytes).digest('hex')}`,
        links: { self: `${this.origin}/api/records/${number}/files/${encodeURIComponent(key)}/content` },
      })),
      metadata: {
        title: `Tides ${number}`,
        description: '<p>Levels where p &lt; 0.05</p><p>and winds</p>',
        creators: [
          { name: 'Doe, Ada', affiliation: 'Institute of Tides', orcid: '0000-0002-1825-0097' },
          { name: 'Roe, B', affiliation: null },
        ],
        keywords: ['tides', 'wind', 'tides'],
        license: { id: 'cc-by-4.0' },
        publication_date: '2020-05-06',
        version: '1.2',
        language: 'eng',
        resource_type: { title: 'Journal article', type: 'publication', subtype: 'article' },
        related_identifiers: [{ identifier: '10.5281/zenodo.5', relation: 'isNewVersionOf', scheme: 'doi' }],
      },
      ...changed,
    };
  }

  #sendJson(response: ServerResponse, body: object): void {
    response.writeHead(200, { 'content-type': 'application/json', 'retry-after': '60' }).end(JSON.stringify(body));
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null || this.ignoresRanges) {
      response.end(bytes);
      return;
    }
    const [start, end] = [Number(range[1]), Number(range[2])];
    response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${bytes.byteLength}` });
    response.end(bytes.subarray(start, end + 1));
  }
}

async function serve(fake: FakeZenodo): Promise<LoopbackServer> {
  const server = await startLoopbackServer((request, response) => fake.answer(request, response));
  fake.origin = server.origin;
  cleanups.push(() => server.close());
  return server;
}

function open(server: LoopbackServer, options: Partial<ZenodoRepositoryOptions> = {}): RepositoryAdapter {
  const adapter = createZenodoRepository({ baseUrl: server.origin, protocol: 'rest', pageSize: 2, ...options });
  cleanups.push(() => adapter.close());
  return adapter;
}

async function list(adapter: RepositoryAdapter, after?: string): Promise<DatasetBatch[]> {
  const batches: DatasetBatch[] = [];
  for await (const batch of adapter.listDatasets(after, createTestCall())) batches.push(batch);
  return batches;
}

const numbersOf = (batches: readonly DatasetBatch[]): number[] =>
  batches.flatMap((batch) => batch.records.map((record) => Number(record.id.replace('zenodo:10.5281/zenodo.', ''))));

async function readFile(adapter: RepositoryAdapter, path: string, offset = 0, length?: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const bytes = await adapter.openFile('10.5281/zenodo.12', path, { offset, length }, createTestCall());
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

const FIVE: readonly FakeRecord[] = [
  { number: 11, updated: '2026-01-20T10:00:00.000001+00:00' },
  { number: 12, updated: '2026-01-05T10:00:00.123456+00:00', files: { 'tides.csv': CSV, 'a large file.bin': LARGE } },
  { number: 13, updated: '2026-01-25T10:00:00.500000+00:00' },
  { number: 14, updated: '2026-01-25T10:00:00.500900+00:00' },
  { number: 15, updated: '2026-01-25T10:00:00.500100+00:00', files: { 'zero.txt': Buffer.alloc(0) } },
];

describe('Zenodo over REST', () => {
  it.each([false, true])('conforms (a source that ignores ranges: %s)', async (ignoresRanges) => {
    const fake = new FakeZenodo(FIVE);
    fake.ignoresRanges = ignoresRanges;
    const server = await serve(fake);
    const outcomes = await runConformance(repositoryConformance, async () =>
      createZenodoRepository({ baseUrl: server.origin, protocol: 'rest', pageSize: 2 }),
    );
    expect(outcomes.filter((outcome) => outcome.state === 'FAILED')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome.state === 'PASSED').length).toBeGreaterThan(18);
  });

  it('maps a record of today', async () => {
    const fake = new FakeZenodo(FIVE);
    const server = await serve(fake);
    const content = `${server.origin}/api/records/12/files`;
    expect(await open(server).readDataset('10.5281/zenodo.12', createTestCall())).toEqual({
      id: 'zenodo:10.5281/zenodo.12',
      title: 'Tides 12',
      description: 'Levels where p < 0.05\n\nand winds',
      creators: [
        { name: 'Doe, Ada', orcid: '0000-0002-1825-0097', affiliation: 'Institute of Tides' },
        { name: 'Roe, B' },
      ],
      subjects: ['tides', 'wind'],
      license: 'CC-BY-4.0',
      doi: '10.5281/zenodo.12',
      publishedAt: '2020-05-06',
      updatedAt: '2026-01-05T10:00:00.123Z',
      version: '1.2',
      language: 'en',
      resourceType: 'JournalArticle',
      landingPageUrl: 'https://zenodo.org/records/12',
      previousVersion: 'zenodo:10.5281/zenodo.5',
      files: [
        {
          path: 'a large file.bin',
          sizeBytes: LARGE.byteLength,
          checksums: [{ algorithm: 'md5', value: createHash('md5').update(LARGE).digest('hex'), origin: 'SOURCE' }],
          sourceUrl: `${content}/a%20large%20file.bin/content`,
        },
        {
          path: 'tides.csv',
          sizeBytes: CSV.byteLength,
          checksums: [{ algorithm: 'md5', value: createHash('md5').update(CSV).digest('hex'), origin: 'SOURCE' }],
          sourceUrl: `${content}/tides.csv/content`,
        },
      ],
    });
  });

  it('lists by time of change and gives each record once, however many share a time', async () => {
    const updates = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(updates, fc.integer({ min: 1, max: 4 }), async (milliseconds, pageSize) => {
        const records = milliseconds.map((millisecond, index) => ({
          number: index + 1,
          updated: `2026-01-01T00:00:00.00${millisecond}${100 + index}+00:00`,
        }));
        const fake = new FakeZenodo(records);
        const server = await startLoopbackServer((request, response) => fake.answer(request, response));
        const adapter = createZenodoRepository({ baseUrl: server.origin, protocol: 'rest', pageSize });
        const batches = await list(adapter);
        expect(numbersOf(batches).sort((a, b) => a - b)).toEqual(records.map(({ number }) => number));
        for (const [index, { cursor }] of batches.entries()) {
          expect(numbersOf(await list(adapter, cursor))).toEqual(numbersOf(batches.slice(index + 1)));
        }
        await adapter.close();
        await server.close();
      }),
      { numRuns: 25 },
    );
  });

  it('gives only what changed after a finished listing', async () => {
    const fake = new FakeZenodo(FIVE);
    const server = await serve(fake);
    const cursor = (await list(open(server))).at(-1)?.cursor;
    fake.records[0] = { number: 11, updated: '2026-02-01T00:00:00.000000+00:00' };
    fake.records.push({ number: 16, updated: '2026-02-02T00:00:00.000000+00:00' });
    expect(numbersOf(await list(open(server), cursor))).toEqual([11, 16]);
  });

  it.each([undefined, 'newest'])('gives a page too large for one batch in several, in the order %s', async (sort) => {
    const description = `<p>${'Levels '.repeat(35_000)}</p>`;
    const metadata = { title: 'Long', description, creators: [{ name: 'Doe, Ada' }], publication_date: '2020' };
    // Several change at one time, also across the end of a batch.
    const records = Array.from({ length: 16 }, (_, place) => ({
      number: place + 1,
      updated: `2026-01-05T10:00:${String(Math.floor(place / 5)).padStart(2, '0')}.000000+00:00`,
      changed: { metadata },
    }));
    const server = await serve(new FakeZenodo(records));
    const options = { sort, pageSize: 15 };
    const batches = await list(open(server, options));
    expect(batches.map((batch) => batch.records.length)).toEqual([12, 3, 1]);
    expect(numbersOf(batches).sort((a, b) => a - b)).toEqual(records.map(({ number }) => number));
    for (const [place, { cursor }] of batches.slice(0, -1).entries())
      expect(numbersOf(await list(open(server, options), cursor))).toEqual(numbersOf(batches.slice(place + 1)));
  });

  it('never asks for a page beyond the window of a search', async () => {
    const records = Array.from({ length: 40 }, (_, index) => ({
      number: index + 1,
      updated: new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString(),
    }));
    const server = await serve(new FakeZenodo(records));
    expect(numbersOf(await list(open(server))).length).toBe(40);
    expect(server.requests.every((request) => request.includes('page=1&'))).toBe(true);
  });

  it('joins the query of the options with the bound of the listing, and sends set and parameters', async () => {
    const server = await serve(new FakeZenodo(FIVE));
    await list(open(server, { query: 'title:tides OR title:wind', set: 'sea', parameters: { type: 'dataset' } }));
    const query = new URL(server.requests[1] ?? '', server.origin).searchParams;
    expect(query.get('q')).toBe('(title:tides OR title:wind) AND updated:["2026-01-20T10:00:00.000Z" TO *]');
    expect(Object.fromEntries(query)).toMatchObject({
      communities: 'sea',
      type: 'dataset',
      sort: 'updated-asc',
      size: '2',
    });
  });

  it('ends at the window of a search in another order, and says so', async () => {
    const fake = new FakeZenodo(FIVE);
    fake.intercept = (url, response) => {
      const page = Number(url.searchParams.get('page'));
      const hits = Array.from({ length: 25 }, (_, index) => ({ id: page * 25 + index, metadata: { title: 'Tide' } }));
      response.end(JSON.stringify({ hits: { hits, total: 20_000 } }));
      return true;
    };
    const adapter = open(await serve(fake), { sort: 'mostrecent', pageSize: 25 });
    expect(adapter.supports.incremental).toBe(false);
    let count = 0;
    const harvest = async () => {
      for await (const batch of adapter.listDatasets(undefined, createTestCall())) count += batch.records.length;
    };
    await expect(harvest()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', source: 'zenodo' });
    expect(count).toBe(10_000);
  });

  it('tells a record that it cannot read as a problem and keeps the rest of the page', async () => {
    const updated = '2026-01-01T00:00:00.000000+00:00';
    const server = await serve(
      new FakeZenodo([
        { number: 1, updated, changed: { metadata: { description: 'no title' } } },
        { number: 2, updated, files: { '../../etc/passwd': CSV } },
        { number: 3, updated, changed: { id: null } },
        { number: 4, updated },
      ]),
    );
    const batches = await list(open(server, { pageSize: 9 }));
    expect(numbersOf(batches)).toEqual([4]);
    expect(batches[0]?.problems.map(({ localId }) => localId)).toEqual(['1', '2', 'hit 3 of page 1']);
  });

  it('says null, not none, for files that the source does not show', async () => {
    const fake = new FakeZenodo([{ number: 12, updated: '2026-01-01T00:00:00Z', changed: { files: undefined } }]);
    const record = await open(await serve(fake)).readDataset('10.5281/zenodo.12', createTestCall());
    expect(record.files).toBeNull();
  });
});

describe('a REST source that fails', () => {
  const replies: readonly [string, (response: ServerResponse) => void, string][] = [
    ['a page for people', (response) => response.end('<!DOCTYPE html><html></html>'), 'SOURCE_INVALID_ANSWER'],
    ['other JSON', (response) => response.end('{"hits":[]}'), 'SOURCE_INVALID_ANSWER'],
    ['404', (response) => response.writeHead(404).end(), 'SOURCE_INVALID_ANSWER'],
    ['400', (response) => response.writeHead(400).end('{"errors":[]}'), 'SOURCE_INVALID_ANSWER'],
    [
      'a quota that comes back in an hour',
      (response) => response.writeHead(429, { 'retry-after': '3600' }).end(),
      'RATE_LIMITED',
    ],
    [
      'a connection cut in mid-page',
      (response) => {
        response.writeHead(200, { 'content-length': '100000' });
        response.write('{"hits":', () => response.destroy());
      },
      'SOURCE_UNAVAILABLE',
    ],
  ];

  it.each(replies)('is told when the second page is %s; the first page stands', async (_, reply, code) => {
    const fake = new FakeZenodo(FIVE);
    fake.intercept = (url, response) => {
      if (!url.searchParams.has('q')) return false;
      reply(response);
      return true;
    };
    const adapter = open(await serve(fake));
    const seen: number[] = [];
    const harvest = async () => {
      for await (const batch of adapter.listDatasets(undefined, createTestCall())) seen.push(...numbersOf([batch]));
    };
    await expect(harvest()).rejects.toMatchObject({ code, source: 'zenodo' });
    expect(seen).toEqual([12, 11]);
  });

  it('is not believed when it ignores the order that was asked for', async () => {
    const fake = new FakeZenodo(FIVE);
    fake.ignoresOrder = true;
    await expect(list(open(await serve(fake)))).rejects.toMatchObject({ code: 'SOURCE_INVALID_ANSWER' });
  });
});

describe('files of Zenodo', () => {
  it('come whole and in ranges, with the checksum that the record states', async () => {
    const adapter = open(await serve(new FakeZenodo(FIVE)));
    expect(await readFile(adapter, 'tides.csv')).toEqual(CSV);
    expect(await readFile(adapter, 'a large file.bin', 1_200_000, 5)).toEqual(LARGE.subarray(1_200_000, 1_200_005));
    expect(await readFile(adapter, 'tides.csv', CSV.byteLength)).toEqual(Buffer.alloc(0));
  });

  it('are SOURCE_UNAVAILABLE when they end too early, SOURCE_INVALID_ANSWER in another size or range, FORBIDDEN when restricted', async () => {
    const fake = new FakeZenodo(FIVE);
    const adapter = open(await serve(fake));
    const replies: readonly [(response: ServerResponse) => void, string][] = [
      [
        (response) => {
          response.write(CSV.subarray(0, 5));
          response.end();
        },
        'SOURCE_UNAVAILABLE',
      ],
      [(response) => response.end(CSV.subarray(0, 5)), 'SOURCE_INVALID_ANSWER'],
      [
        (response) => response.writeHead(206, { 'content-range': 'bytes 0-9/24' }).end('0123456789'),
        'SOURCE_INVALID_ANSWER',
      ],
      [(response) => response.writeHead(403).end(), 'FORBIDDEN'],
    ];
    for (const [reply, code] of replies) {
      fake.intercept = (url, response) => {
        if (!url.pathname.endsWith('/content')) return false;
        reply(response);
        return true;
      };
      await expect(readFile(adapter, 'tides.csv', 2)).rejects.toMatchObject({ code, source: 'zenodo' });
    }
  });
});

describe('options of REST', () => {
  it.each([{ pageSize: 26 }, { pageSize: 0 }, { pageSize: 101, token: 'secret' }])('refuses %j', (options) => {
    expect(() => createZenodoRepository({ protocol: 'rest', ...options })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });

  it('asks for 25 records as a guest and 100 with a token', async () => {
    const server = await serve(new FakeZenodo(FIVE));
    await list(open(server, { pageSize: undefined }));
    await list(open(server, { pageSize: undefined, token: 'secret' }));
    expect(server.requests.map((request) => new URL(request, server.origin).searchParams.get('size'))).toEqual([
      '25',
      '100',
    ]);
  });
});
