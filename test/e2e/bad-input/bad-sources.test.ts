import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hostRepositories, type RepositoryHost } from '../../../adapters/repositories/grpc/host.js';
import { type LoopbackServer, startLoopbackServer } from '../../../adapters/repositories/loopback-server.js';
import { createZenodoRepository } from '../../../adapters/repositories/zenodo/zenodo-repository.js';
import { parseInstitutionId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { startTestHouse, type TestAnswer, type TestHouse } from '../../start-test-house.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';

const PATIENCE_MS = 60_000;
const LOOK_MS = 50;
const YAML_FILES = 60;
/** Of the source whose connection is cut: more than two pages, and more than one part of the spool. */
const TIDES = 2500;
const PAGE_RECORDS = 1000;

/** An OAI-PMH source of tide gauges that can be made to answer badly. */
class OaiArchive {
  /** Datestamp of each record; its number is its place + 1. */
  readonly #datestamps: string[] = [];
  /** Page, from 0, of every list in which the connection is cut. */
  cutPage: number | undefined;
  answersHtml = false;

  add(count: number, datestamp: string): void {
    for (let one = 0; one < count; one++) this.#datestamps.push(datestamp);
  }

  /** Ids of its datasets at a repository, in the order of searches by id. */
  listIds(repository: string): string[] {
    return this.#datestamps.map((_, place) => `${repository}:10.5281/zenodo.${place + 1}`).sort();
  }

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (this.answersHtml) {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Down for a while</title>');
      return;
    }
    const query = new URL(request.url ?? '', 'http://archive.test').searchParams;
    const [from = '', page = '0'] = (query.get('resumptionToken') ?? `${query.get('from') ?? ''}|0`).split('|');
    const xml = this.#writePage(from, Number(page));
    if (Number(page) !== this.cutPage) {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(xml);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(xml) });
    response.write(xml.slice(0, xml.length / 2), () => response.destroy());
  };

  #writePage(from: string, page: number): string {
    const matches = this.#datestamps.flatMap((datestamp, place) =>
      datestamp >= from ? [writeRecord(place + 1, datestamp)] : [],
    );
    const end = (page + 1) * PAGE_RECORDS;
    const records = matches.slice(page * PAGE_RECORDS, end).join('');
    const token = end < matches.length ? `<resumptionToken>${from}|${page + 1}</resumptionToken>` : '';
    return `<OAI-PMH><responseDate>2026-03-01T00:00:00Z</responseDate><ListRecords>${records}${token}</ListRecords></OAI-PMH>`;
  }
}

const writeRecord = (number: number, datestamp: string): string =>
  `<record><header><identifier>oai:zenodo.org:${number}</identifier><datestamp>${datestamp}</datestamp></header>
   <metadata><dc><title>Gauge ${number}</title><creator>Coast</creator></dc></metadata></record>`;

describe('sources that answer badly, through the whole house', () => {
  const tides = new OaiArchive();
  const pages = new OaiArchive();
  let dir: TemporaryDir;
  let house: TestHouse;
  let servers: LoopbackServer[] = [];
  let host: RepositoryHost;
  const path = (...parts: string[]) => join(dir.path, ...parts);

  const ask = async (text = '') => (await house.ask<SearchAnswer>(SEARCH, { text })).data.searchDatasets;
  const readSource = async (id: string) => (await ask()).sources.find(({ repository }) => repository.id === id);
  const listJobs = async (id: string) => {
    const { data } = await house.ask<JobsAnswer>(JOBS);
    return data.harvestJobs.nodes.filter(({ repository }) => repository.id === id);
  };
  const waitForJob = (what: string, id: string, check: (job: Job) => boolean) =>
    waitFor(what, async () => (await listJobs(id)).find(check), PATIENCE_MS, LOOK_MS);
  /** Asks for a harvest and waits for its end. */
  const harvest = async (repository: string) => {
    const { data } = await house.ask<HarvestAnswer>(HARVEST, { input: { repository } });
    const { id } = data.harvestRepository.job;
    return waitForJob(`${repository} is read`, repository, (job) => job.id === id && job.finishedAt !== null);
  };
  /** The next harvest that ends well: after its source failed an adapter is suspended until it is tried again. */
  const harvestOnceWell = (repository: string) =>
    waitFor(
      `${repository} is well again`,
      async () => {
        const job = await harvest(repository);
        return job.state === 'SUCCEEDED' && job;
      },
      PATIENCE_MS,
      LOOK_MS,
    );
  /** The other sources are as if nothing had happened. */
  const expectOthersUnharmed = async () => {
    const { data, errors } = await house.ask<SearchAnswer>(SEARCH, { text: 'meadow' });
    const { sources, totalCount } = data.searchDatasets;
    const others = sources.filter(({ repository }) => repository.id !== 'tides' && repository.id !== 'pages');
    expect(others.map(({ repository, state, message }) => [repository.id, state, message])).toEqual([
      ['sample', 'OK', null],
      ['sc', 'OK', null],
      ['yaml', 'OK', null],
    ]);
    expect(totalCount).toBe(YAML_FILES);
    expect(errors).toBeUndefined();
  };
  const listIds = async (repository: string): Promise<string[]> => {
    const ids: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data }: TestAnswer<IdsAnswer> = await house.ask(IDS, { repository: [repository], after });
      ids.push(...data.searchDatasets.edges.map(({ node }) => node.id));
      if (!data.searchDatasets.pageInfo.hasNextPage) return ids;
      after = data.searchDatasets.pageInfo.endCursor;
    }
  };

  beforeAll(async () => {
    dir = await createTemporaryDir();
    await mkdir(path('registry'));
    for (let place = 0; place < YAML_FILES; place++)
      await writeFile(path('registry', `set-${place}.yaml`), `Name: Meadow ${place}\nDescription: Grass and flowers\n`);
    await writeFile(path('registry', 'set-30b.yaml'), 'Name: [never closed\nDescription: "no end\n');
    house = await startTestHouse({
      dataDir: path('data'),
      sources: [{ adapter: 'aws-open-data', id: 'yaml', folder: path('registry') }],
    });
    tides.add(TIDES, '2026-01-01T00:00:00Z');
    tides.cutPage = 2;
    pages.answersHtml = true;
    servers = [await startLoopbackServer(tides.answer), await startLoopbackServer(pages.answer)];
    const adapters = ['tides', 'pages'].map((id, place) =>
      createZenodoRepository({
        id,
        baseUrl: servers[place]?.origin,
        protocol: 'oai-pmh',
        metadataPrefix: 'oai_dc',
        windowRecords: 0,
      }),
    );
    // Beside the house, so that a source that failed is tried again sooner than the ten seconds of the house's own.
    host = await hostRepositories({
      adapters,
      institution: { id: parseInstitutionId('coast'), name: 'Coast', publicKey: new Uint8Array() },
      host: '127.0.0.1',
      port: 0,
      registryAddress: house.house.registryAddress,
      retrySourceMs: 200,
      log: silentLogger,
    });
    await waitFor(
      'the samples are found',
      async () => (await readSource('sample'))?.state === 'OK',
      PATIENCE_MS,
      LOOK_MS,
    );
  }, PATIENCE_MS);
  afterAll(async () => {
    await host?.close();
    await house?.close();
    for (const server of servers) await server.close();
    await dir?.remove();
  }, PATIENCE_MS);

  it(
    'one YAML file among many that cannot be parsed is counted and named, and all the others are found',
    async () => {
      const job = await waitForJob('the folder is read', 'yaml', ({ finishedAt }) => finishedAt !== null);
      expect(job).toMatchObject({ state: 'SUCCEEDED', error: null, progress: { done: YAML_FILES }, problemCount: 1 });
      expect(job.problems).toEqual([{ localId: 'set-30b.yaml', message: expect.stringContaining('Not YAML') }]);
      await waitFor('it is ingested', async () => (await readSource('yaml'))?.state === 'OK', PATIENCE_MS, LOOK_MS);
      const expected = Array.from({ length: YAML_FILES }, (_, place) => `yaml:set-${place}`);
      expect(await listIds('yaml')).toEqual(expected.sort());
    },
    PATIENCE_MS,
  );

  it(
    'HTML where XML was promised fails the harvest with the code and the name of its source only',
    async () => {
      const job = await waitForJob('it failed', 'pages', ({ state }) => state === 'FAILED');
      expect(job).toMatchObject({
        error: { code: 'SOURCE_INVALID_ANSWER', source: 'pages', message: expect.stringContaining('people') },
        progress: { done: 0 },
        problemCount: 0,
      });
      expect(await readSource('pages')).toMatchObject({
        state: 'INCOMPLETE',
        message: expect.stringContaining('SOURCE_INVALID_ANSWER'),
        datasetCount: 0,
      });
      await expectOthersUnharmed();
    },
    PATIENCE_MS,
  );

  it(
    'a connection cut in mid-page fails the first harvest, what was read before is found, and the next one reads the rest',
    async () => {
      const job = await waitForJob(
        'it failed',
        'tides',
        ({ state, progress }) => state === 'FAILED' && progress.done > 0,
      );
      expect(job.error).toMatchObject({ code: 'SOURCE_UNAVAILABLE', source: 'tides' });
      expect(job.progress.done).toBe(2 * PAGE_RECORDS);
      const source = await waitFor(
        'what was read is found',
        async () => {
          const found = await readSource('tides');
          return found?.state === 'INCOMPLETE' && found;
        },
        PATIENCE_MS,
        LOOK_MS,
      );
      expect(source).toMatchObject({
        datasetCount: 2 * PAGE_RECORDS,
        message: expect.stringContaining('SOURCE_UNAVAILABLE'),
      });
      expect((await ask('gauge')).totalCount).toBe(2 * PAGE_RECORDS);
      await expectOthersUnharmed();

      tides.cutPage = undefined;
      await harvestOnceWell('tides');
      await waitFor('all is found', async () => (await readSource('tides'))?.state === 'OK', PATIENCE_MS, LOOK_MS);
      expect(await listIds('tides')).toEqual(tides.listIds('tides'));
    },
    PATIENCE_MS,
  );

  it(
    'a connection cut in mid-page of a later harvest takes nothing away, and the next one brings what is new, once',
    async () => {
      const before = tides.listIds('tides');
      tides.add(PAGE_RECORDS + 10, '2026-02-01T00:00:00Z');
      tides.cutPage = 1;
      const failed = await harvest('tides');
      expect(failed).toMatchObject({
        state: 'FAILED',
        error: { code: 'SOURCE_UNAVAILABLE', source: 'tides' },
      });
      expect(await readSource('tides')).toMatchObject({ state: 'STALE', datasetCount: before.length });
      expect(await listIds('tides')).toEqual(before);
      await expectOthersUnharmed();

      tides.cutPage = undefined;
      const mended = await harvestOnceWell('tides');
      expect(mended).toMatchObject({ progress: { done: PAGE_RECORDS + 10 }, problemCount: 0, error: null });
      await waitFor('all is found', async () => (await readSource('tides'))?.state === 'OK', PATIENCE_MS, LOOK_MS);
      await waitFor(
        'the new ones are found',
        async () => (await ask('gauge')).totalCount === TIDES + PAGE_RECORDS + 10,
        PATIENCE_MS,
        LOOK_MS,
      );
      expect(await listIds('tides')).toEqual(tides.listIds('tides'));
    },
    PATIENCE_MS,
  );
});

const SEARCH = `query ($text: String!) { searchDatasets(text: $text, first: 0) {
  totalCount sources { repository { id } state message datasetCount }
} }`;
const IDS = `query ($repository: [String!], $after: String) {
  searchDatasets(filter: { repository: $repository }, sort: ID, first: 1000, after: $after) {
    edges { node { id } } pageInfo { hasNextPage endCursor }
  }
}`;
const JOBS = `{ harvestJobs(first: 200) { nodes {
  id state finishedAt repository { id } progress { done } problemCount problems { localId message } error { code message source }
} } }`;
const HARVEST = 'mutation ($input: HarvestRepositoryInput!) { harvestRepository(input: $input) { job { id } } }';

interface SearchAnswer {
  readonly searchDatasets: {
    readonly totalCount: number;
    readonly sources: readonly {
      readonly repository: { readonly id: string };
      readonly state: string;
      readonly message: string | null;
      readonly datasetCount: number | null;
    }[];
  };
}

interface IdsAnswer {
  readonly searchDatasets: {
    readonly edges: readonly { readonly node: { readonly id: string } }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

interface Job {
  readonly id: string;
  readonly state: string;
  readonly finishedAt: string | null;
  readonly repository: { readonly id: string };
  readonly progress: { readonly done: number };
  readonly problemCount: number;
  readonly problems: readonly { readonly localId: string; readonly message: string }[];
  readonly error: { readonly code: string; readonly message: string; readonly source: string } | null;
}

interface JobsAnswer {
  readonly harvestJobs: { readonly nodes: readonly Job[] };
}

interface HarvestAnswer {
  readonly harvestRepository: { readonly job: { readonly id: string } };
}
