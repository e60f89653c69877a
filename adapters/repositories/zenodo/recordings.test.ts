import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestCall } from '../../../core/test-call.js';
import { realDataDir } from '../../../test/real-data.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';
import { createSourceClient } from '../fetch-source.js';
import { createOaiSource } from './oai-source.js';
import { createZenodoRepository, type ZenodoRepositoryOptions } from './zenodo-repository.js';

/** Real answers of Zenodo (OAI-PMH of 2026, REST of 2022), replayed on this machine. Skipped where they are absent. */
const recordings = realDataDir('recordings');
const replay = recordings === undefined ? '' : join(recordings, '..', '..', 'tools', 'replay.mjs');
const describeReal = existsSync(replay) ? describe : describe.skip;

interface Recording {
  readonly url: string;
  readonly status: number;
  readonly body: string;
}

const oaiDir = join(recordings ?? '', 'zenodo-oai-2026');
const restDir = join(recordings ?? '', 'zenodo-rest-2022');
const readIndex = (dir: string) => JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as Recording[];
const readBody = (dir: string, recording: Recording) => readFileSync(join(dir, recording.body), 'utf8');

/** The raw body of the OAI-PMH answer to exactly these arguments. */
function oaiBody(parameters: Readonly<Record<string, string>>): string {
  const found = readIndex(oaiDir).find(({ url }) => {
    const query = Object.fromEntries(new URL(url).searchParams);
    return (
      url.startsWith('https://zenodo.org/oai2d') && JSON.stringify(sorted(query)) === JSON.stringify(sorted(parameters))
    );
  });
  if (found === undefined) throw new Error(`Not recorded: ${JSON.stringify(parameters)}`);
  return readBody(oaiDir, found);
}

const sorted = (values: Readonly<Record<string, string>>) => Object.entries(values).sort();
const countRecords = (xml: string): number => xml.match(/<record>/g)?.length ?? 0;
const countDeleted = (xml: string): number => xml.match(/<header status="deleted">/g)?.length ?? 0;
const tokenIn = (xml: string): string | undefined => /<resumptionToken[^>]*>([^<]+)</.exec(xml)?.[1];

describeReal('recordings of Zenodo', () => {
  let server: ChildProcess;
  let origin = '';
  const adapters: RepositoryAdapter[] = [];

  beforeAll(async () => {
    server = spawn(process.execPath, [replay, oaiDir, restDir], { stdio: ['ignore', 'pipe', 'ignore'] });
    if (server.stdout === null) throw new Error('The replay server has no output');
    for await (const line of createInterface({ input: server.stdout })) {
      origin = line.trim();
      break;
    }
  });
  afterEach(async () => {
    for (const adapter of adapters.splice(0)) await adapter.close();
  });
  afterAll(() => {
    server.kill();
  });

  function open(options: ZenodoRepositoryOptions): RepositoryAdapter {
    const adapter = createZenodoRepository({ baseUrl: `${origin}/zenodo.org`, windowRecords: 0, ...options });
    adapters.push(adapter);
    return adapter;
  }

  async function list(adapter: RepositoryAdapter, limit = 100, after?: string): Promise<DatasetBatch[]> {
    const batches: DatasetBatch[] = [];
    for await (const batch of adapter.listDatasets(after, createTestCall())) {
      batches.push(batch);
      if (batches.length === limit) break;
    }
    return batches;
  }

  const recordsIn = (batches: readonly DatasetBatch[]) => batches.flatMap((batch) => batch.records);

  it('OAI-PMH: every record of three pages, a deleted one among them, none lost, none invented', async () => {
    const pages = [oaiBody({ verb: 'ListRecords', metadataPrefix: 'oai_dc' })];
    for (let token = tokenIn(pages[0] ?? ''); token !== undefined; token = tokenIn(pages.at(-1) ?? '')) {
      pages.push(oaiBody({ verb: 'ListRecords', resumptionToken: token }));
    }
    const batches = await list(open({ protocol: 'oai-pmh', metadataPrefix: 'oai_dc' }));
    const deleted = pages.reduce((sum, page) => sum + countDeleted(page), 0);
    const present = pages.reduce((sum, page) => sum + countRecords(page), 0) - deleted;

    expect([pages.length, present, deleted]).toEqual([3, 8, 1]);
    expect(batches.flatMap((batch) => batch.problems)).toEqual([]);
    expect(batches.flatMap((batch) => batch.deletedLocalIds)).toHaveLength(deleted);
    const ids = recordsIn(batches).map((record) => record.id);
    const numbers = pages.join('').match(/(?<=<header>\s*<identifier>oai:zenodo\.org:)\d+/g) ?? [];
    expect(ids).toEqual(numbers.map((number) => `zenodo:10.5281/zenodo.${number}`));
    const resumed = await list(open({ protocol: 'oai-pmh', metadataPrefix: 'oai_dc' }), 100, batches[0]?.cursor);
    expect(recordsIn(resumed)).toEqual(recordsIn(batches.slice(1)));
  });

  it.each([
    [{}, { verb: 'ListRecords', metadataPrefix: 'datacite' }],
    [
      { metadataPrefix: 'oai_dc', set: 'software' },
      { verb: 'ListRecords', metadataPrefix: 'oai_dc', set: 'software' },
    ],
    [
      { metadataPrefix: 'oai_dc', from: '2026-04-01' },
      { verb: 'ListRecords', metadataPrefix: 'oai_dc', from: '2026-04-01' },
    ],
    [
      { metadataPrefix: 'oai_dc', until: '2026-04-02' },
      { verb: 'ListRecords', metadataPrefix: 'oai_dc', until: '2026-04-02' },
    ],
    [
      { metadataPrefix: 'oai_dc', from: '2026-04-01', until: '2026-04-02' },
      { verb: 'ListRecords', metadataPrefix: 'oai_dc', from: '2026-04-01', until: '2026-04-02' },
    ],
  ] as const)('OAI-PMH: a page of 50 records asked for with %j', async (options, request) => {
    const [batch] = await list(open({ protocol: 'oai-pmh', ...options }), 1);
    const xml = oaiBody(request);
    expect(countRecords(xml)).toBe(50);
    expect((batch?.records.length ?? 0) + (batch?.deletedLocalIds.length ?? 0)).toBe(50);
    expect(batch?.problems).toEqual([]);
    const dois = new Set(xml.match(/10\.\d{4,9}\/[^\s<"&]+/g));
    for (const record of batch?.records ?? []) {
      expect(dois.has(record.doi ?? 'none')).toBe(true);
      expect(`${record.title} ${record.description}`).not.toMatch(/<\/?(?:p|div|br|span|a|li)\b|&(?:lt|gt|amp);/);
      expect(record.creators.length).toBeGreaterThan(0);
    }
  });

  it('OAI-PMH: licences of datacite get SPDX identifiers', async () => {
    const [batch] = await list(open({ protocol: 'oai-pmh' }), 1);
    const xml = oaiBody({ verb: 'ListRecords', metadataPrefix: 'datacite' });
    const count = (license: string) => batch?.records.filter((record) => record.license === license).length;
    expect(count('CC-BY-4.0')).toBe(xml.match(/rightsIdentifier="cc-by-4\.0"/g)?.length);
    expect(count('CC0-1.0')).toBe(xml.match(/rightsIdentifier="cc0-1\.0"/g)?.length);
  });

  it.each(['datacite', 'oai_dc'] as const)('OAI-PMH: one record in %s', async (metadataPrefix) => {
    const adapter = open({ protocol: 'oai-pmh', metadataPrefix });
    expect(await adapter.readDataset('10.5281/zenodo.10357859', createTestCall())).toMatchObject({
      id: 'zenodo:10.5281/zenodo.10357859',
      title: 'Research Data Management Organiser (RDMO)',
      doi: '10.5281/zenodo.10357859',
      license: 'Apache-2.0',
      publishedAt: '2023-12-11',
      updatedAt: '2023-12-11T17:26:46.000Z',
      description: expect.stringMatching(/^RDMO 2\.1\.0 \(Dec 11, 2023\)\n/),
    });
  });

  it('OAI-PMH: protocol errors come as HTTP 422: nothing found is empty, others are told with their code', async () => {
    const empty = open({ protocol: 'oai-pmh', metadataPrefix: 'oai_dc', set: 'XXX' });
    expect(recordsIn(await list(empty))).toEqual([]);
    const later = open({ protocol: 'oai-pmh', metadataPrefix: 'oai_dc', from: '2030-01-01' });
    expect(recordsIn(await list(later))).toEqual([]);

    const client = createSourceClient({ source: 'zenodo' });
    const source = createOaiSource(`${origin}/zenodo.org/oai2d`, 'zenodo', client);
    const ask = (verb: string, parameters: Record<string, string>) =>
      source.ask(verb, parameters, [], createTestCall());
    await expect(ask('ListRecords', { metadataPrefix: 'XXX' })).rejects.toMatchObject({
      code: 'SOURCE_INVALID_ANSWER',
      message: expect.stringContaining('badArgument'),
    });
    await expect(ask('ListRecords', { resumptionToken: 'XXX' })).rejects.toThrow('badResumptionToken');
    await expect(ask('GetRecord', { identifier: 'oai:zenodo.org:XXX', metadataPrefix: 'oai_dc' })).rejects.toThrow(
      'idDoesNotExist',
    );
    expect((await ask('Identify', {})).earliestDatestamp).toBe('2014-02-03T14:41:33Z');
    await client.close();
  });

  it('OAI-PMH: a page that is no OAI at all is SOURCE_INVALID_ANSWER', async () => {
    const client = createSourceClient({ source: 'zenodo' });
    const source = createOaiSource(`${origin}/httpbun.com/html`, 'zenodo', client);
    await expect(source.ask('Identify', {}, [], createTestCall())).rejects.toMatchObject({
      code: 'SOURCE_INVALID_ANSWER',
      source: 'zenodo',
    });
    await client.close();
  });

  it('REST: searches, through a redirect 308', async () => {
    const search = { protocol: 'rest', sort: '' } as const;
    const titles = await list(open({ ...search, query: 'title:"Frictionless Data Test"', pageSize: 2 }), 1);
    expect(recordsIn(titles).map((record) => record.id)).toEqual([
      'zenodo:10.5281/zenodo.7089850',
      'zenodo:10.5281/zenodo.7078760',
    ]);
    const bounds = { type: 'dataset', bounds: '-124.277344,30.221102,-78.310547,49.152970' };
    const places = await list(open({ ...search, parameters: bounds, pageSize: 4 }), 1);
    // Records with a DOI of elsewhere keep it, and have an id like all others.
    expect(recordsIn(places).map(({ id, doi }) => [id, doi])[0]).toEqual([
      'zenodo:10.5281/zenodo.5025230',
      '10.7280/D12019',
    ]);
    expect(recordsIn(places)).toHaveLength(4);
    const newest = open({ ...search, sort: 'mostrecent', query: 'creators.name:"FD Tester"', pageSize: 1 });
    expect(recordsIn(await list(newest, 1)).map((record) => record.id)).toEqual(['zenodo:10.5281/zenodo.7097299']);
  });

  it('REST: every recorded record can be read, and says what its JSON says', async () => {
    const numbers = readIndex(restDir)
      .filter(({ url, status }) => status === 200 && /\/api\/records\/\d+$/.test(url))
      .map((recording) => [Number(/\d+$/.exec(recording.url)?.[0]), readBody(restDir, recording)] as const);
    expect(numbers).toHaveLength(8);
    const adapter = open({ protocol: 'rest' });
    for (const [number, raw] of numbers) {
      const record = await adapter.readDataset(`10.5281/zenodo.${number}`, createTestCall());
      expect(record.files?.length).toBe(raw.match(/"checksum":/g)?.length);
      expect(record.doi).toBe(`10.5281/zenodo.${number}`);
      expect(record.license).toMatch(/^CC(?:-BY-4\.0|0-1\.0)$/);
    }
    await expect(adapter.readDataset('10.5281/zenodo.68358988', createTestCall())).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('REST: every recorded file of these records has the bytes that its md5 names', async () => {
    const adapter = open({ protocol: 'rest' });
    const index = readIndex(restDir);
    const hosts = new Set(index.map(({ url }) => new URL(url).host));
    // The replay rewrites addresses of recorded hosts inside text; such a file is another one then.
    const recorded = new Map(
      index
        .filter(({ url }) => url.includes('/api/files/'))
        .map((one) => [new URL(one.url).pathname, readFileSync(join(restDir, one.body)).toString('latin1')] as const)
        .filter(([, body]) => ![...hosts].some((host) => body.includes(`//${host}`))),
    );
    const verified: string[] = [];
    for (const number of [7078768, 7078760, 7248153, 7078725, 7097299, 7077932, 7247979, 7096849]) {
      const localId = `10.5281/zenodo.${number}`;
      const { files } = await adapter.readDataset(localId, createTestCall());
      for (const file of files ?? []) {
        const path = new URL(file.sourceUrl ?? origin).pathname.replace('/zenodo.org', '');
        if (!recorded.has(path)) continue;
        const hash = createHash('md5');
        for await (const piece of await adapter.openFile(localId, file.path, { offset: 0 }, createTestCall())) {
          hash.update(piece);
        }
        expect(file.checksums).toEqual([{ algorithm: 'md5', value: hash.digest('hex'), origin: 'SOURCE' }]);
        verified.push(path);
      }
    }
    expect(verified).toHaveLength(18);
  });

  it('REST: a part of a file, although this Zenodo sent whole files only', async () => {
    const adapter = open({ protocol: 'rest' });
    const bytes = await adapter.openFile(
      '10.5281/zenodo.7078768',
      'table.xls',
      { offset: 512, length: 4 },
      createTestCall(),
    );
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    const recording = readIndex(restDir).find(({ url }) =>
      url.endsWith('d24cde89-1d38-4713-b6f2-6a3796e458a6/table.xls'),
    );
    expect(Buffer.concat(pieces)).toEqual(readFileSync(join(restDir, recording?.body ?? '')).subarray(512, 516));
  });
});
