import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTestCall } from '../../../core/test-call.js';
import { runConformance } from '../../conformance.js';
import { repositoryConformance } from '../conformance/repository-conformance.js';
import type { DatasetBatch, RepositoryAdapter } from '../contract.js';
import { type LoopbackServer, startLoopbackServer } from '../loopback-server.js';
import { parseOaiAnswer } from './oai-answer.js';
import { createZenodoRepository, type ZenodoRepositoryOptions } from './zenodo-repository.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface FakeRecord {
  readonly number: number;
  readonly datestamp: string;
  readonly deleted?: boolean;
  /** Instead of the metadata that the fake writes; null = no element of that name. */
  readonly metadata?: string | null;
}

const DATACITE = (number: number) => `<resource xmlns="http://datacite.org/schema/kernel-4">
  <identifier identifierType="DOI">10.5281/zenodo.${number}</identifier>
  <creators>
    <creator><creatorName nameType="Personal">Doe, Ada</creatorName>
      <nameIdentifier nameIdentifierScheme="ORCID">https://orcid.org/0000-0002-1825-0097</nameIdentifier>
      <affiliation>Institute of Tides</affiliation><affiliation>Harbour School</affiliation></creator>
    <creator><creatorName>Tide Group</creatorName></creator>
  </creators>
  <titles><title titleType="AlternativeTitle">Other</title><title>Tides &amp; winds ${number} &#233;</title></titles>
  <publicationYear>2020</publicationYear>
  <subjects><subject>tides</subject><subject> wind </subject><subject>tides</subject></subjects>
  <dates><date dateType="Updated">2021-01-01</date><date dateType="Issued">2020-05-06</date></dates>
  <language>eng</language><version>1.2</version>
  <resourceType resourceTypeGeneral="Dataset"/>
  <relatedIdentifiers>
    <relatedIdentifier relatedIdentifierType="DOI" relationType="IsNewVersionOf">10.5281/zenodo.5</relatedIdentifier>
  </relatedIdentifiers>
  <rightsList><rights rightsURI="info:eu-repo/semantics/openAccess"/>
    <rights rightsIdentifierScheme="spdx" rightsIdentifier="cc-by-4.0">Creative Commons</rights></rightsList>
  <descriptions><description descriptionType="Other">no</description>
    <description descriptionType="Abstract">Levels where p &lt; 0.05 and q &gt; 1</description></descriptions>
</resource>`;

const DUBLIN_CORE = (
  number: number,
) => `<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title>Tides ${number}</dc:title><dc:creator>Doe, Ada</dc:creator><dc:date>2020-05-06</dc:date>
  <dc:description>&amp;lt;p&amp;gt;First &amp;amp;amp; last&amp;lt;/p&amp;gt;</dc:description>
  <dc:identifier>oai:zenodo.org:${number}</dc:identifier><dc:identifier>https://doi.org/10.5281/zenodo.${number}</dc:identifier>
  <dc:rights>info:eu-repo/semantics/openAccess</dc:rights><dc:rights>House rules of the harbour</dc:rights>
</oai_dc:dc>`;

interface FakeOptions {
  readonly pageSize?: number;
  readonly prefixes?: readonly string[];
  readonly countsList?: boolean;
}

/** A small OAI-PMH source that behaves as Zenodo does: 422 for errors, lists in no order of datestamps. */
class FakeOai {
  records: FakeRecord[];
  responseDate = '2026-01-31T00:00:00Z';
  /** Answers with these tokens from now on that they are expired. */
  readonly expired = new Set<string>();
  /** Called before each answer; true = it has answered itself. */
  intercept: (request: URL, response: ServerResponse) => boolean = () => false;
  readonly #options: FakeOptions;

  constructor(records: readonly FakeRecord[], options: FakeOptions = {}) {
    this.records = [...records];
    this.#options = options;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://fake');
    if (this.intercept(url, response)) return;
    const body = this.#respond(url.searchParams);
    response.writeHead(body.includes('<error') ? 422 : 200, { 'content-type': 'text/xml', 'retry-after': '60' });
    response.end(
      `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${this.responseDate}</responseDate>${body}</OAI-PMH>`,
    );
  }

  #respond(query: URLSearchParams): string {
    const error = (code: string, text = code) => `<error code="${code}">${text}</error>`;
    const verb = query.get('verb');
    if (verb === 'Identify') return '<Identify><earliestDatestamp>2026-01-01T00:00:00Z</earliestDatestamp></Identify>';
    const token = query.get('resumptionToken');
    if (token !== null && (this.expired.has(token) || query.has('from'))) return error('badResumptionToken');
    const [from, until, prefix, offset] =
      token === null ? [query.get('from'), query.get('until'), query.get('metadataPrefix'), '0'] : token.split('|');
    if (!(this.#options.prefixes ?? ['datacite', 'oai_dc']).includes(prefix ?? '')) {
      return error('badArgument', 'metadataPrefix does not exist');
    }
    if (verb === 'GetRecord') {
      const found = this.records.find((one) => `oai:zenodo.org:${one.number}` === query.get('identifier'));
      return found ? `<GetRecord>${this.#write(found, prefix ?? '')}</GetRecord>` : error('idDoesNotExist');
    }
    const all = this.records.filter(({ datestamp }) => (!from || datestamp >= from) && (!until || datestamp <= until));
    if (all.length === 0) return error('noRecordsMatch');
    const start = Number(offset);
    const end = start + (this.#options.pageSize ?? 2);
    const size = this.#options.countsList === false ? '' : ` completeListSize="${all.length}"`;
    const next = end < all.length ? [from ?? '', until ?? '', prefix, end].join('|') : '';
    const page = all.slice(start, end).map((one) => this.#write(one, prefix ?? ''));
    return `<ListRecords>${page.join('')}<resumptionToken${size}>${next}</resumptionToken></ListRecords>`;
  }

  #write({ number, datestamp, deleted, metadata }: FakeRecord, prefix: string): string {
    const status = deleted ? ' status="deleted"' : '';
    const written =
      metadata === undefined ? (prefix === 'datacite' ? DATACITE(number) : DUBLIN_CORE(number)) : metadata;
    const body = deleted || written === null ? '' : `<metadata>${written}</metadata>`;
    return `<record><header${status}><identifier>oai:zenodo.org:${number}</identifier><datestamp>${datestamp}</datestamp></header>${body}</record>`;
  }
}

async function serve(fake: FakeOai): Promise<LoopbackServer> {
  const server = await startLoopbackServer((request, response) => fake.answer(request, response));
  cleanups.push(() => server.close());
  return server;
}

function open(server: LoopbackServer, options: Partial<ZenodoRepositoryOptions> = {}): RepositoryAdapter {
  const adapter = createZenodoRepository({ baseUrl: server.origin, protocol: 'oai-pmh', windowRecords: 0, ...options });
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

/** Five records, not in the order of their datestamps, one of them deleted. */
const FIVE: readonly FakeRecord[] = [
  { number: 11, datestamp: '2026-01-20T10:00:00Z' },
  { number: 12, datestamp: '2026-01-05T10:00:00Z' },
  { number: 13, datestamp: '2026-01-25T10:00:00Z', deleted: true },
  { number: 14, datestamp: '2026-01-02T10:00:00Z' },
  { number: 15, datestamp: '2026-01-25T10:00:00Z' },
];

describe('Zenodo over OAI-PMH', () => {
  it.each([0, 2])('conforms with windows of %i records', async (windowRecords) => {
    const server = await serve(new FakeOai(FIVE));
    const outcomes = await runConformance(repositoryConformance, async () =>
      createZenodoRepository({ baseUrl: server.origin, protocol: 'oai-pmh', windowRecords }),
    );
    expect(outcomes.filter((outcome) => outcome.state === 'FAILED')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome.state === 'PASSED').length).toBeGreaterThan(10);
  });

  it('follows resumption tokens to the empty one and tells deletions', async () => {
    const server = await serve(new FakeOai(FIVE));
    const batches = await list(open(server));
    expect(numbersOf(batches)).toEqual([11, 12, 14, 15]);
    expect(batches.flatMap((batch) => batch.deletedLocalIds)).toEqual(['10.5281/zenodo.13']);
    expect(server.requests).toHaveLength(3);
  });

  it('maps datacite', async () => {
    const [batch] = await list(open(await serve(new FakeOai(FIVE))));
    expect(batch?.records[0]).toEqual({
      id: 'zenodo:10.5281/zenodo.11',
      title: 'Tides & winds 11 é',
      description: 'Levels where p < 0.05 and q > 1',
      creators: [
        { name: 'Doe, Ada', orcid: '0000-0002-1825-0097', affiliation: 'Institute of Tides; Harbour School' },
        { name: 'Tide Group' },
      ],
      subjects: ['tides', 'wind'],
      license: 'CC-BY-4.0',
      doi: '10.5281/zenodo.11',
      publishedAt: '2020-05-06',
      updatedAt: '2026-01-20T10:00:00.000Z',
      version: '1.2',
      language: 'en',
      resourceType: 'Dataset',
      landingPageUrl: 'https://zenodo.org/records/11',
      previousVersion: 'zenodo:10.5281/zenodo.5',
      files: null,
    });
  });

  it('falls back to oai_dc where the source has no datacite, and reads descriptions escaped twice', async () => {
    const adapter = open(await serve(new FakeOai(FIVE, { prefixes: ['oai_dc'] })));
    expect(await adapter.readDataset('10.5281/zenodo.11', createTestCall())).toMatchObject({
      title: 'Tides 11',
      description: 'First & last',
      license: 'House rules of the harbour',
      doi: '10.5281/zenodo.11',
    });
    expect(numbersOf(await list(adapter))).toEqual([11, 12, 14, 15]);
  });

  it('gives only what changed after a finished listing, and nothing when nothing did', async () => {
    const fake = new FakeOai(FIVE);
    const server = await serve(fake);
    const end = (await list(open(server))).at(-1)?.cursor;
    const nothing = await list(open(server), end);
    expect(numbersOf(nothing)).toEqual([]);

    fake.records.push(
      { number: 16, datestamp: '2026-02-01T00:00:00Z' },
      { number: 12, datestamp: '2026-02-02T00:00:00Z', deleted: true },
    );
    fake.responseDate = '2026-02-03T00:00:00Z';
    const changed = await list(open(server), nothing.at(-1)?.cursor ?? end);
    expect(numbersOf(changed)).toEqual([16]);
    expect(changed.flatMap((batch) => batch.deletedLocalIds)).toEqual(['10.5281/zenodo.12']);
    expect(numbersOf(await list(open(server), changed.at(-1)?.cursor))).toEqual([]);
  });

  it('asks again for what changed while it was listing', async () => {
    const fake = new FakeOai(FIVE);
    const server = await serve(fake);
    fake.responseDate = '2026-01-10T00:00:00Z';
    const end = (await list(open(server))).at(-1)?.cursor;
    await list(open(server), end);
    expect(server.requests.at(-2)).toContain('from=2026-01-10T00%3A00%3A00Z');
  });

  it('resumes with a live token, and asks for the window again when the token has expired: nothing twice, nothing lost', async () => {
    const fake = new FakeOai(FIVE);
    const server = await serve(fake);
    const [first] = await list(open(server));
    expect(numbersOf(await list(open(server), first?.cursor))).toEqual([14, 15]);
    fake.expired.add('||datacite|2');
    const restarted = open(server);
    fake.intercept = (url) => {
      // The token that the begun-again list gives is a good one.
      if (!url.searchParams.has('resumptionToken')) fake.expired.clear();
      return false;
    };
    expect(numbersOf(await list(restarted, first?.cursor))).toEqual([14, 15]);
  });

  it('gives up on a source that never accepts its own tokens', async () => {
    const fake = new FakeOai(FIVE);
    fake.expired.add('||datacite|2');
    await expect(list(open(await serve(fake)))).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'zenodo' });
  });

  it('gives a page whose records are too large for one batch in several, none twice, none lost where one ends', async () => {
    const metadata = (number: number) => DATACITE(number).replace('Levels', 'Levels '.repeat(35_000));
    const records = Array.from({ length: 16 }, (_, place) => ({
      number: place + 1,
      datestamp: '2026-01-05T10:00:00Z',
      metadata: metadata(place + 1),
    }));
    const server = await serve(new FakeOai(records, { pageSize: 15 }));
    const outcomes = await runConformance(repositoryConformance, async () =>
      createZenodoRepository({ baseUrl: server.origin, protocol: 'oai-pmh', windowRecords: 0 }),
    );
    expect(outcomes.filter((outcome) => outcome.state === 'FAILED')).toEqual([]);
    const batches = await list(open(server));
    expect(batches.map((batch) => batch.records.length)).toEqual([12, 3, 1]);
    expect(numbersOf(batches)).toEqual(records.map(({ number }) => number));
    for (const [place, { cursor }] of batches.entries())
      expect(numbersOf(await list(open(server), cursor))).toEqual(numbersOf(batches.slice(place + 1)));
  });

  it('cuts a long list into windows of datestamps and gives each record once, whatever the datestamps are', async () => {
    const stamp = fc
      .integer({ min: 0, max: 30 * 86_400 })
      .map((second) => `${new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString().slice(0, 19)}Z`);
    await fc.assert(
      fc.asyncProperty(fc.array(stamp, { minLength: 1, maxLength: 30 }), async (datestamps) => {
        const records = datestamps.map((datestamp, index) => ({ number: index + 1, datestamp }));
        const server = await startLoopbackServer((request, response) => fake.answer(request, response));
        const fake = new FakeOai(records, { pageSize: 3 });
        const adapter = createZenodoRepository({ baseUrl: server.origin, protocol: 'oai-pmh', windowRecords: 5 });
        const batches = await list(adapter);
        expect(numbersOf(batches).sort((a, b) => a - b)).toEqual(records.map(({ number }) => number));
        expect(numbersOf(await list(adapter, batches.at(-1)?.cursor))).toEqual([]);
        await adapter.close();
        await server.close();
      }),
      { numRuns: 25 },
    );
  });

  it('asks within from and until only, in one granularity', async () => {
    const server = await serve(new FakeOai(FIVE));
    const batches = await list(open(server, { from: '2026-01-05', until: '2026-01-20', windowRecords: 1 }));
    expect(numbersOf(batches).sort()).toEqual([11, 12]);
    expect(server.requests[0]).toContain('from=2026-01-05T00%3A00%3A00Z&until=2026-01-20T23%3A59%3A59Z');
  });

  it('asks by days where the source counts days, and tells nothing of the day of the last run twice', async () => {
    const days = FIVE.map((record) => ({ ...record, datestamp: record.datestamp.slice(0, 10) }));
    const fake = new FakeOai(days);
    const server = await serve(fake);
    const end = (await list(open(server))).at(-1)?.cursor;
    fake.records.push({ number: 16, datestamp: '2026-01-25' });
    expect(numbersOf(await list(open(server), end))).toEqual([16]);
    expect(server.requests.filter((url) => url.includes('from=')).at(0)).toMatch(/from=2026-01-25(?:&|$)/);
  });

  it('gives the same cursor or none when an incremental harvest finds nothing (422 noRecordsMatch)', async () => {
    const fake = new FakeOai(FIVE);
    const server = await serve(fake);
    const end = (await list(open(server))).at(-1)?.cursor;
    fake.records = [];
    const nothing = await list(open(server), end);
    expect(numbersOf(nothing)).toEqual([]);
    fake.records = [{ number: 17, datestamp: '2026-02-01T00:00:00Z' }];
    expect(numbersOf(await list(open(server), nothing.at(-1)?.cursor ?? end))).toEqual([17]);
  });

  it('takes noRecordsMatch for an empty list', async () => {
    const batches = await list(open(await serve(new FakeOai([]))));
    expect(numbersOf(batches)).toEqual([]);
  });

  it('tells a record that it cannot read as a problem and keeps the rest of the page', async () => {
    const records = [
      { number: 21, datestamp: '2026-01-02T00:00:00Z', metadata: '<resource><titles/></resource>' },
      { number: 22, datestamp: '2026-01-02T00:00:00Z', metadata: '<marc/>' },
      { number: 0, datestamp: '2026-01-02T00:00:00Z' },
      { number: 23, datestamp: '2026-01-02T00:00:00Z' },
      { number: 24, datestamp: '2026-01-02T00:00:00Z', metadata: '' },
      { number: 25, datestamp: '2026-01-02T00:00:00Z', metadata: null },
    ];
    const batches = await list(open(await serve(new FakeOai(records, { pageSize: 9 }))));
    expect(numbersOf(batches)).toEqual([23]);
    expect(batches[0]?.problems.map(({ localId }) => localId)).toEqual([
      'oai:zenodo.org:21',
      'oai:zenodo.org:22',
      'oai:zenodo.org:0',
      'oai:zenodo.org:24',
      'oai:zenodo.org:25',
    ]);
  });
});

describe('an OAI-PMH source that fails', () => {
  const replies: readonly [string, (response: ServerResponse) => void, string][] = [
    [
      'a page for people',
      (response) => response.end('<!DOCTYPE html><html><body>Sorry</body></html>'),
      'SOURCE_INVALID_ANSWER',
    ],
    [
      'half of an XML document',
      (response) => response.end('<OAI-PMH><responseDate>2026-01-01'),
      'SOURCE_INVALID_ANSWER',
    ],
    ['other XML', (response) => response.end('<feed/>'), 'SOURCE_INVALID_ANSWER'],
    [
      'XML with a document type',
      (response) => response.end('<!DOCTYPE a [<!ENTITY b "c">]><OAI-PMH>&b;</OAI-PMH>'),
      'SOURCE_INVALID_ANSWER',
    ],
    ['404', (response) => response.writeHead(404).end(), 'SOURCE_INVALID_ANSWER'],
    [
      'a protocol error',
      (response) =>
        response
          .writeHead(422)
          .end('<OAI-PMH><responseDate>2026-01-01</responseDate><error code="badVerb">no</error></OAI-PMH>'),
      'SOURCE_INVALID_ANSWER',
    ],
    [
      'a connection cut in mid-page',
      (response) => {
        response.writeHead(200, { 'content-length': '100000' });
        response.write('<OAI-PMH><responseDate>', () => response.destroy());
      },
      'SOURCE_UNAVAILABLE',
    ],
  ];

  it.each(replies)('is told when the second page is %s; the first page stands', async (_, reply, code) => {
    const fake = new FakeOai(FIVE);
    fake.intercept = (url, response) => {
      if (!url.searchParams.has('resumptionToken')) return false;
      reply(response);
      return true;
    };
    const adapter = open(await serve(fake));
    const seen: number[] = [];
    const harvest = async () => {
      for await (const batch of adapter.listDatasets(undefined, createTestCall())) seen.push(...numbersOf([batch]));
    };
    await expect(harvest()).rejects.toMatchObject({ code, source: 'zenodo' });
    expect(seen).toEqual([11, 12]);
  });

  it.each([429, 503])(
    'is waited for in mid-list when it answers %i with Retry-After, and loses nothing',
    async (status) => {
      const fake = new FakeOai(FIVE);
      let refusals = 2;
      fake.intercept = (url, response) => {
        if (!url.searchParams.has('resumptionToken') || refusals === 0) return false;
        refusals -= 1;
        response.writeHead(status, { 'retry-after': '7' }).end();
        return true;
      };
      const waitsMs: number[] = [];
      const clock = { now: () => Date.now(), sleep: async (waitMs: number) => void waitsMs.push(waitMs) };
      expect(numbersOf(await list(open(await serve(fake), { clock })))).toEqual([11, 12, 14, 15]);
      expect(waitsMs).toEqual([7000, 7000]);
    },
  );

  it.each([
    [429, 'RATE_LIMITED'],
    [503, 'SOURCE_UNAVAILABLE'],
  ])('is told with the time to come back when %i asks for longer than the call has', async (status, code) => {
    const fake = new FakeOai(FIVE);
    fake.intercept = (_, response) => {
      response.writeHead(status, { 'retry-after': '3600' }).end();
      return true;
    };
    await expect(list(open(await serve(fake)))).rejects.toMatchObject({
      code,
      source: 'zenodo',
      retryAfterMs: 3_600_000,
    });
  });

  it('names the protocol error', async () => {
    const fake = new FakeOai(FIVE);
    fake.intercept = (_, response) => {
      response
        .writeHead(422)
        .end(
          '<OAI-PMH><responseDate>2026-01-01</responseDate><error code="badArgument">until is wrong</error></OAI-PMH>',
        );
      return true;
    };
    await expect(list(open(await serve(fake)))).rejects.toThrow(/badArgument: until is wrong/);
  });

  it.each(['10.5281/zenodo.99', '10.5281/zenodo.13', '10.5061/dryad.1'])('knows no dataset %s', async (localId) => {
    const adapter = open(await serve(new FakeOai(FIVE)));
    await expect(adapter.readDataset(localId, createTestCall())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('parseOaiAnswer', () => {
  const wrap = (text: string) =>
    `<OAI-PMH><responseDate>2026-01-01</responseDate><error code="x">${text}</error></OAI-PMH>`;
  const messageOf = (text: string) => parseOaiAnswer(wrap(text), 'fake').errors[0]?.message;

  it('decodes one level of entities, and none in CDATA', () => {
    expect(messageOf('a &amp;lt; &#233;&#x1F331; b')).toBe('a &lt; é🌱 b');
    expect(messageOf('<![CDATA[<b>&amp;</b>]]>')).toBe('<b>&amp;</b>');
  });

  it('keeps any text that an XML writer wrote', () => {
    const text = fc.stringMatching(/^[\w&<>"'.;#é🌱 ]{1,60}$/u).filter((one) => one.trim() === one && one !== '');
    fc.assert(
      fc.property(text, (one) => {
        const written = one.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        expect(messageOf(written)).toBe(one);
      }),
    );
  });
});

describe('options', () => {
  it.each([
    { from: '1 April' },
    { until: '2026-99-01' },
    { windowRecords: -1 },
    { baseUrl: 'zenodo.org' },
    { baseUrl: 'file:///etc' },
  ])('refuses %j', (options) => {
    expect(() => createZenodoRepository({ protocol: 'oai-pmh', ...options })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    );
  });
});
