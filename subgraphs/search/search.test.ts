import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directory, DirectoryEntry } from '../../adapters/directory.js';
import type { DatasetBatch, RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { createMemoryRepository, type MemoryRepository } from '../../adapters/repositories/memory/memory-repository.js';
import type { SearchIndex } from '../../adapters/search/contract.js';
import { createMemorySearchIndex } from '../../adapters/search/memory/memory-search-index.js';
import { SciclomaticError } from '../../core/errors.js';
import type { InstitutionId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import type { DatasetRecord } from '../../formats/dataset-record.js';
import { askSubgraph } from '../../test/ask-subgraph.js';
import { createTemporaryDir, type TemporaryDir } from '../../test/temporary-dir.js';
import { waitFor } from '../../test/wait-for.js';
import type { HarvestJobRecord } from './harvest-jobs.js';
import { createSearchSubgraph, type SearchSubgraph } from './main.js';

const record = (localId: string, title: string, subjects: string[] = []): DatasetRecord => ({
  id: `far:${localId}`,
  title,
  creators: [{ name: 'Noether, Emmy' }],
  subjects,
  license: 'CC0-1.0',
  publishedAt: '1918-07-26',
  files: ['b.csv', 'a.csv', 'c.csv'].sort().map((path, index) => ({ path, sizeBytes: index, checksums: [] })),
});

const dataset = (localId: string, title: string, subjects?: string[]) => ({
  record: record(localId, title, subjects),
  files: new Map<string, Uint8Array>(),
});

/** The same adapter for every use: what one use closes, the next one needs. */
const keepOpen = (adapter: RepositoryAdapter): RepositoryAdapter => ({
  id: adapter.id,
  supports: adapter.supports,
  describe: (call) => adapter.describe(call),
  listDatasets: (after, call) => adapter.listDatasets(after, call),
  readDataset: (localId, call) => adapter.readDataset(localId, call),
  openFile: (localId, path, range, call) => adapter.openFile(localId, path, range, call),
  close: () => Promise.resolve(),
});

interface Answer {
  searchDatasets: {
    totalCount: number;
    sources: { repository: { id: string }; state: string; message: string | null; datasetCount: number }[];
    facets: { field: string; buckets: { value: string; count: number }[] }[];
    edges: { cursor: string; node: { id: string; title: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

const SEARCH = `query ($text: String! = "", $first: Int! = 10, $after: String, $sort: DatasetSort! = RELEVANCE, $filter: DatasetFilter) {
  searchDatasets(text: $text, first: $first, after: $after, sort: $sort, filter: $filter) {
    totalCount sources { repository { id } state message datasetCount } facets { field buckets { value count } }
    edges { cursor node { id title } } pageInfo { hasNextPage endCursor }
  }
}`;

describe('the search subgraph', () => {
  let dir: TemporaryDir;
  let repository: MemoryRepository;
  let entry: DirectoryEntry;
  let search: SearchSubgraph;
  let index: SearchIndex;
  let harvested: HarvestJobRecord[];
  let now: number;
  let openRepository: () => Promise<RepositoryAdapter>;

  const directory: Directory = {
    listAdapters: (kind) => Promise.resolve(kind === 'REPOSITORY' ? [entry] : []),
    close: () => Promise.resolve(),
  };
  const start = async () =>
    createSearchSubgraph({
      dir: dir.path,
      index,
      directory,
      openRepository: () => openRepository(),
      recordHarvest: (job) => Promise.resolve(void harvested.push(job)),
      harvestIntervalMs: 1000,
      swarmIntervalMs: 100,
      watchIntervalMs: 20,
      log: silentLogger,
      verifyCaller: () => Promise.resolve(),
      now: () => now,
    });
  const ask = async (variables: Record<string, unknown> = {}) =>
    (await askSubgraph<Answer>(search, SEARCH, variables)).data.searchDatasets;
  const ids = async (variables?: Record<string, unknown>) => (await ask(variables)).edges.map(({ node }) => node.id);

  beforeEach(async () => {
    dir = await createTemporaryDir();
    now = Date.parse('2026-01-01T00:00:00Z');
    harvested = [];
    repository = createMemoryRepository({
      id: 'far',
      description: 'Datasets of a test',
      batchSize: 2,
      datasets: [
        dataset('a', 'Lorenz attractor', ['chaos']),
        dataset('b', 'Ising lattice', ['magnetism']),
        dataset('c', 'Rössler attractor', ['chaos']),
      ],
    });
    entry = {
      id: 'far',
      kind: 'REPOSITORY',
      institution: { id: 'north' as InstitutionId, name: 'North', publicKey: new Uint8Array() },
      address: '127.0.0.1:1',
      supports: ['incremental', 'deletions', 'files'],
      name: 'Far',
      description: '',
      state: 'HEALTHY',
      reason: '',
      lastSeenAtMs: 0,
    };
    openRepository = () => Promise.resolve(keepOpen(repository));
    index = createMemorySearchIndex();
    search = await start();
  });
  afterEach(async () => {
    await search.close();
    await dir.remove();
  });

  const untilAllAreFound = (count = 3) =>
    waitFor(
      `${count} datasets are found`,
      async () => (await ask()).totalCount === count && (await ask()).sources[0]?.state === 'OK',
    );

  it('finds what it harvested, ranked, with facets and the state of each source', async () => {
    await untilAllAreFound();
    const answer = await ask({ text: 'lorenz attractor' });
    expect(answer.edges.map(({ node }) => node.title)).toEqual(['Lorenz attractor', 'Rössler attractor']);
    expect(answer.sources).toEqual([{ repository: { id: 'far' }, state: 'OK', message: null, datasetCount: 3 }]);
    expect(answer.facets.find(({ field }) => field === 'SUBJECT')?.buckets).toEqual([{ value: 'chaos', count: 2 }]);
    expect(harvested).toMatchObject([{ repository: 'far', state: 'SUCCEEDED', recordCount: 3, problemCount: 0 }]);
    expect(harvested[0]?.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('pages by cursor, and refuses a bad one and a page that is too large', async () => {
    await untilAllAreFound();
    const one = await ask({ first: 2, sort: 'ID' });
    expect(one.edges.map(({ node }) => node.id)).toEqual(['far:a', 'far:b']);
    expect(await ids({ first: 2, sort: 'ID', after: one.pageInfo.endCursor })).toEqual(['far:c']);
    const bad = await askSubgraph(search, SEARCH, { after: 'page two please' });
    expect(bad.errors?.[0]?.extensions.code).toBe('BAD_CURSOR');
    const large = await askSubgraph(search, SEARCH, { first: 100_000 });
    expect(large.errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED');
  });

  it('finds what was added, changed and withdrawn since, without a job when nothing was', async () => {
    await untilAllAreFound();
    now += 2000;
    await waitFor('it looked again', async () => (await ask()).sources[0]?.state === 'OK');
    repository.put(dataset('d', 'Hénon map'));
    repository.withdraw('b');
    now += 2000;
    await waitFor('the change is found', async () => (await ids({ sort: 'ID' })).join() === 'far:a,far:c,far:d');
    expect(harvested.length).toBe(2);
    expect(harvested[1]).toMatchObject({ full: false, recordCount: 1, deletedCount: 1 });
  });

  it('keeps datasets findable, marked, when their adapter is suspended or gone', async () => {
    await untilAllAreFound();
    entry = { ...entry, state: 'SUSPENDED', reason: 'No heartbeat for 5 s' };
    const answer = await ask({ text: 'ising' });
    expect(answer.totalCount).toBe(1);
    expect(answer.sources[0]).toMatchObject({ state: 'STALE', datasetCount: 3 });
    expect(answer.sources[0]?.message).toContain('No heartbeat');
  });

  it('says that a source is incomplete when its first harvest fails, and tries again', async () => {
    await search.close();
    await dir.remove();
    dir = await createTemporaryDir();
    index = createMemorySearchIndex();
    const healthy = openRepository;
    openRepository = () =>
      Promise.reject(new SciclomaticError('SOURCE_INVALID_ANSWER', 'HTML where XML was promised', { source: 'far' }));
    search = await start();
    const failed = await waitFor('it failed', async () => {
      const source = (await ask()).sources[0];
      return source?.message?.includes('HTML') && source;
    });
    expect(failed).toMatchObject({
      state: 'INCOMPLETE',
      message: 'SOURCE_INVALID_ANSWER: HTML where XML was promised',
    });
    openRepository = healthy;
    now += 10_000;
    await untilAllAreFound();
  });

  it('goes on after a restart from the last committed part, losing and repeating nothing', async () => {
    await search.close();
    await dir.remove();
    dir = await createTemporaryDir();
    index = createMemorySearchIndex();
    const many = createMemoryRepository({
      id: 'far',
      description: 'Many',
      batchSize: 1000,
      datasets: Array.from({ length: 5000 }, (_, number) =>
        dataset(String(number).padStart(5, '0'), `Number ${number}`),
      ),
    });
    let listedAfter: (string | undefined)[] = [];
    let cut = true;
    openRepository = () =>
      Promise.resolve({
        ...keepOpen(many),
        listDatasets: async function* (after, call): AsyncGenerator<DatasetBatch> {
          listedAfter.push(after);
          let batches = 0;
          for await (const batch of many.listDatasets(after, call)) {
            if (cut && batches++ === 3) {
              await new Promise((_resolve, reject) =>
                call.signal.addEventListener('abort', () => reject(call.signal.reason as Error)),
              );
            }
            yield batch;
          }
        },
      });
    search = await start();
    await waitFor('a part is ingested', async () => (await ask()).totalCount === 2000);
    const shared = index;
    shared.close = () => Promise.resolve();
    await search.close();
    cut = false;
    index = shared;
    harvested = [];
    listedAfter = [];
    search = await start();
    await waitFor('all are found', async () => (await ask()).totalCount === 5000);
    expect(listedAfter.filter((after) => after === undefined)).toEqual([]);
    await waitFor('the harvest is recorded', () => harvested.length === 1);
    expect(harvested[0]).toMatchObject({ recordCount: 5000, partCount: 3 });
  });

  it('goes on after a failure where it stopped, unless all is asked for anew, and keeps no part that is of no use', async () => {
    await untilAllAreFound();
    const many = createMemoryRepository({
      id: 'far',
      description: 'Many',
      batchSize: 1000,
      datasets: Array.from({ length: 5000 }, (_, number) => dataset(`n${number}`, `Number ${number}`)),
    });
    const listedAfter: (string | undefined)[] = [];
    let code: 'SOURCE_UNAVAILABLE' | 'CURSOR_EXPIRED' | undefined;
    openRepository = () =>
      Promise.resolve({
        ...keepOpen(many),
        listDatasets: async function* (after, call): AsyncGenerator<DatasetBatch> {
          listedAfter.push(after);
          let batches = 0;
          for await (const batch of many.listDatasets(after, call)) {
            if (code && batches++ === 3) throw new SciclomaticError(code, 'No more', { source: 'far' });
            yield batch;
          }
        },
      });
    const harvest = async (full: boolean) => {
      // The newest of jobs is known by when it started.
      now += 1;
      const { data } = await askSubgraph<{ harvestRepository: { job: { id: string } } }>(
        search,
        `mutation { harvestRepository(input: { repository: "far", full: ${full} }) { job { id } } }`,
      );
      const job = 'query ($id: ID!) { harvestJob(id: $id) { state progress { done } } }';
      const { id } = data.harvestRepository.job;
      return waitFor('the harvest ended', async () => {
        const answer = await askSubgraph<{ harvestJob: { state: string } }>(search, job, { id });
        return answer.data.harvestJob.state !== 'RUNNING' && answer.data.harvestJob;
      });
    };
    code = 'SOURCE_UNAVAILABLE';
    expect(await harvest(true)).toMatchObject({ state: 'FAILED', progress: { done: 2000 } });
    code = undefined;
    // Of a full harvest, though only what is new is asked for.
    expect(await harvest(false)).toMatchObject({ state: 'SUCCEEDED', progress: { done: 5000 } });
    expect(listedAfter.map((after) => after !== undefined)).toEqual([false, true]);
    await untilAllAreFound(5000);

    for (const [failure, full] of [
      ['SOURCE_UNAVAILABLE', true],
      ['CURSOR_EXPIRED', false],
    ] as const) {
      code = failure;
      expect(await harvest(true)).toMatchObject({ state: 'FAILED' });
      code = undefined;
      listedAfter.length = 0;
      expect(await harvest(full)).toMatchObject({ state: 'SUCCEEDED' });
      expect(listedAfter.map((after) => after !== undefined)).toEqual([!full]);
    }
    await waitFor('the spool is empty', async () => (await readdir(join(dir.path, 'spool'))).length === 0);
    await untilAllAreFound(5000);
  });

  it('harvests again in full when the index lost everything, and records no harvest when it lost nothing', async () => {
    await untilAllAreFound();
    const restart = async (next: SearchIndex) => {
      index.close = () => Promise.resolve();
      await search.close();
      index = next;
      search = await start();
    };
    await restart(index);
    await untilAllAreFound();
    expect(harvested).toHaveLength(1);
    await restart(createMemorySearchIndex());
    await untilAllAreFound();
    await waitFor('it is recorded', () => harvested.length === 2);
    expect(harvested[1]).toMatchObject({ full: true, recordCount: 3 });
  });

  it('says in its health why what was harvested cannot be indexed, and when it can again', async () => {
    await untilAllAreFound();
    const { apply } = index;
    index.apply = () => Promise.reject(new SciclomaticError('STORAGE_FULL', 'No space is left'));
    repository.put(dataset('d', 'Hénon map'));
    now += 2000;
    await waitFor('it is degraded', async () => (await search.checkHealth()).state === 'DEGRADED');
    expect((await search.checkHealth()).reason).toBe('What was harvested cannot be indexed: No space is left');
    index.apply = apply;
    await untilAllAreFound(4);
    await waitFor('it is ready', async () => (await search.checkHealth()).state === 'READY');
  });

  it('removes after a full harvest what the source no longer names', async () => {
    await untilAllAreFound();
    repository = createMemoryRepository({
      id: 'far',
      description: 'Fewer',
      datasets: [dataset('a', 'Lorenz attractor')],
    });
    openRepository = () => Promise.resolve(keepOpen(repository));
    const { data } = await askSubgraph<{ harvestRepository: { job: { id: string } } }>(
      search,
      'mutation { harvestRepository(input: { repository: "far", full: true }) { job { id state } } }',
    );
    expect(data.harvestRepository.job.id).toMatch(/^harvest-/);
    await waitFor('only one is left', async () => (await ids()).join() === 'far:a');
  });

  it('answers for one dataset, its files by page, and asks the repository for what is not harvested', async () => {
    await untilAllAreFound();
    const query =
      'query ($id: ID!) { dataset(id: $id) { id repository { id datasetCount } files(first: 2) { totalCount totalSizeBytes nodes { id path } pageInfo { hasNextPage } } } }';
    const { data } = await askSubgraph(search, query, { id: 'far:a' });
    expect(data).toEqual({
      dataset: {
        id: 'far:a',
        repository: { id: 'far', datasetCount: 3 },
        files: {
          totalCount: 3,
          totalSizeBytes: 3,
          nodes: [
            { id: 'far:a#a.csv', path: 'a.csv' },
            { id: 'far:a#b.csv', path: 'b.csv' },
          ],
          pageInfo: { hasNextPage: true },
        },
      },
    });
    repository.put(dataset('new', 'Not harvested yet'));
    expect(
      (await askSubgraph(search, 'query ($id: ID!) { dataset(id: $id) { title } }', { id: 'far:new' })).data,
    ).toEqual({ dataset: { title: 'Not harvested yet' } });
  });

  it.each([
    ['far:nowhere', 'NOT_FOUND'],
    ['nobody:a', 'UNKNOWN_REPOSITORY'],
    ['no colon', 'MALFORMED_ID'],
    ['far:%41', 'MALFORMED_ID'],
  ])('refuses dataset(id: "%s") with %s', async (id, code) => {
    await untilAllAreFound();
    const { data, errors } = await askSubgraph(search, 'query ($id: ID!) { dataset(id: $id) { id } }', { id });
    expect(data).toEqual({ dataset: null });
    expect(errors?.[0]?.extensions.code).toBe(code);
  });

  it('resolves 50 references with one look into the index', async () => {
    await untilAllAreFound();
    let looks = 0;
    const { readDatasets } = index;
    index.readDatasets = (wanted, call) => {
      looks++;
      return readDatasets.call(index, wanted, call);
    };
    const representations = Array.from({ length: 50 }, (_, number) => ({
      __typename: 'Dataset',
      id: `far:${'abc'[number % 3]}`,
    }));
    const { data } = await askSubgraph<{ _entities: { title: string }[] }>(
      search,
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Dataset { title } } }',
      { representations },
    );
    expect(data._entities).toHaveLength(50);
    expect(looks).toBe(1);
  });
});
