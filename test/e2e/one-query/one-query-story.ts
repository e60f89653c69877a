import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSampleRepository } from '../../../adapters/repositories/sample/adapter.js';
import { download } from '../../../cli/commands/download.js';
import { prove } from '../../../cli/commands/prove.js';
import { submit } from '../../../cli/commands/submit.js';
import { verify } from '../../../cli/commands/verify.js';
import type { Source } from '../../../cli/house/settings.js';
import { createTestCall } from '../../../core/test-call.js';
import { type Bundle, parseBundle } from '../../../formats/bundle.js';
import { startTestHouse, type TestHouse } from '../../start-test-house.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';
import { digestFolder, writeLargeFile, writeSmallFiles } from './local-files.js';
import { listNullPaths, ONE_QUERY, type OneAnswer, type OneDataset } from './one-query.js';
import { listIds, readEverything, readProblemCount, readUploadTaker } from './read-house.js';

/** Repositories to harvest, and what must be found there, counted without our code. */
export interface StorySources {
  readonly sources: readonly Source[];
  /** Every dataset id by repository, sorted. */
  readonly expectedIds: Readonly<Record<string, readonly string[]>>;
  /** Records that cannot be read, by repository. */
  readonly expectedProblems: Readonly<Record<string, number>>;
  /** Words, and the dataset that they must find first. */
  readonly searches: readonly { readonly text: string; readonly id: string }[];
  close(): void;
}

const LARGE_MIB = 64;
const SMALL_COUNT = 300;
/** Longest wait for background work, in milliseconds: a machine may be busy with other things. */
const PATIENCE_MS = 120_000;
/** Wait between two looks that ask the whole graph, in milliseconds. */
const LOOK_MS = 250;

/** From nothing to a proof that holds offline: every `it` goes on where the one before ended. */
export function describeOneQueryStory(name: string, prepare: (dir: string) => Promise<StorySources>): void {
  describe(name, () => {
    let dir: TemporaryDir;
    let story: StorySources;
    let house: TestHouse;
    let large = '';
    let small = '';
    let taker = '';
    const path = (...parts: string[]) => join(dir.path, ...parts);
    const start = () => startTestHouse({ dataDir: path('data'), sources: [...story.sources], mirrorSamples: true });

    beforeAll(async () => {
      dir = await createTemporaryDir();
      story = await prepare(path('sources'));
      house = await start();
    }, PATIENCE_MS);
    afterAll(async () => {
      await house?.close();
      story?.close();
      await dir?.remove();
    }, PATIENCE_MS);

    const readHealth = async (id: string) => {
      const { data } = await house.ask<{ dataset: { health: OneDataset['health'] | null } }>(HEALTH, { id });
      return data.dataset.health;
    };
    const waitForCopies = (id: string, missingCopies: number) =>
      waitFor(
        `${id} misses ${missingCopies} copies`,
        async () => {
          const health = await readHealth(id);
          return health?.missingCopies === missingCopies && health;
        },
        PATIENCE_MS,
        LOOK_MS,
      );
    /** Downloads the dataset into a folder of that name and gives the digests of what came. */
    const fetchAll = async (id: string, into: string) => {
      await download(house.session, id, [], { out: path(into), bundle: path(`${into}.json`) });
      const { files } = house.session.takeResult<{ files: { verifiedBy: string }[] }>();
      expect(files.every(({ verifiedBy }) => verifiedBy === 'manifest')).toBe(true);
      return digestFolder(path(into));
    };

    it(
      'harvests every source: nothing is lost, nothing is invented',
      async () => {
        for (const [repository, ids] of Object.entries(story.expectedIds)) {
          await waitFor(
            `${repository} is harvested`,
            async () => (await listIds(house, repository)).length >= ids.length,
            PATIENCE_MS,
            LOOK_MS,
          );
          expect(await listIds(house, repository)).toEqual(ids);
          expect(await readProblemCount(house, repository)).toBe(story.expectedProblems[repository] ?? 0);
        }
        await waitFor(
          'the samples are harvested',
          async () => (await listIds(house, 'sample')).length >= 24,
          PATIENCE_MS,
          LOOK_MS,
        );
      },
      PATIENCE_MS,
    );

    it('finds what it harvested', async () => {
      for (const { text, id } of story.searches) {
        const { data } = await house.ask<OneAnswer>(ONE_QUERY, { text });
        expect(data.searchDatasets.edges[0]?.node.id).toBe(id);
      }
    });

    it(
      'answers the one query: every leaf is there, and is what the stores hold',
      async () => {
        const answer = await waitFor(
          'the first sample is safe and recorded',
          async () => {
            const found = await house.ask<OneAnswer>(ONE_QUERY, { text: 'lorenz attractor' });
            const node = found.data.searchDatasets.edges[0]?.node;
            const done = node?.provenance.records.nodes.map(({ activity }) => activity) ?? [];
            const isRecorded = done.includes('AUDIT') && done.includes('COPY');
            // A repository that stumbled on a busy machine is well again in a moment.
            const { sources } = found.data.searchDatasets;
            const areWell =
              found.data.adapters.nodes.every(({ state }) => state === 'HEALTHY') &&
              sources.every(({ state }) => state === 'OK');
            return node?.health?.state === 'OK' && isRecorded && areWell && found;
          },
          PATIENCE_MS,
          LOOK_MS,
        );
        expect(answer.errors).toBeUndefined();
        const { edges, totalCount, sources } = answer.data.searchDatasets;
        // The sample has no DOI, and a source that is well has nothing to say. What is found beside it may be on its way.
        const sample = sources.filter(({ repository }) => repository.id === 'sample');
        expect(sample).toEqual([{ repository: { id: 'sample' }, state: 'OK', message: null }]);
        const first = { edges: edges.slice(0, 1), sources: sample, adapters: answer.data.adapters };
        expect(listNullPaths(first)).toEqual(['edges.node.doi', 'sources.message']);
        expect(totalCount).toBeGreaterThanOrEqual(edges.length);
        const expected = await createSampleRepository({ dir: path('reference') }).readDataset(
          'lorenz-attractor',
          createTestCall(),
        );
        expect(edges[0]?.node).toMatchObject({
          id: 'sample:lorenz-attractor',
          title: expected.title,
          creators: expected.creators.map((creator) => ({ name: creator.name })),
          license: 'CC0-1.0',
          health: { state: 'OK', missingCopies: 0 },
        });
        expect(edges[0]?.node.health.copies.map(({ institution }) => institution.id).sort()).toEqual(INSTITUTIONS);
        expect(Object.fromEntries(edges[0]?.node.files.nodes.map(describeFile) ?? [])).toEqual(
          Object.fromEntries((expected.files ?? []).map(describeFile)),
        );
        const adapters = answer.data.adapters.nodes;
        expect(adapters.filter(({ kind }) => kind === 'STORAGE_PEER').map(({ institution }) => institution.id)).toEqual(
          INSTITUTIONS,
        );
        expect(adapters.filter(({ state }) => state !== 'HEALTHY')).toEqual([]);
      },
      PATIENCE_MS,
    );

    it(
      `takes a file of ${LARGE_MIB} MiB and a folder of ${SMALL_COUNT} files, and keeps each at three institutions`,
      async () => {
        await writeLargeFile(path('field', 'field.bin'), LARGE_MIB);
        await writeSmallFiles(path('runs'), SMALL_COUNT);
        const submitOne = async (source: string, title: string) => {
          const metadata = { title, creator: ['Lovelace, Ada'], subject: ['story'], license: 'CC-BY-4.0', wait: true };
          await submit(house.session, [path(source)], metadata);
          return house.session.takeResult<{ datasetId: string; health: { state: string } }>();
        };
        const [one, many] = [
          await submitOne('field/field.bin', 'A large field of noise'),
          await submitOne('runs', 'Three hundred runs'),
        ];
        expect([one.health.state, many.health.state]).toEqual(['OK', 'OK']);
        large = one.datasetId;
        small = many.datasetId;
        for (const id of [large, small]) expect((await waitForCopies(id, 0)).copies).toHaveLength(3);
        const search = await waitFor(
          'the submissions are found',
          async () => {
            const { data } = await house.ask<OneAnswer>(ONE_QUERY, { text: 'hundred runs' });
            return data.searchDatasets.edges[0]?.node.id === small && data.searchDatasets.edges[0].node;
          },
          PATIENCE_MS,
          LOOK_MS,
        );
        expect(search.files.totalCount).toBe(SMALL_COUNT);
      },
      PATIENCE_MS,
    );

    it(
      'downloads both through other peers when the one that took them is gone, and health says so',
      async () => {
        taker = await waitFor('the copies are recorded', () => readUploadTaker(house, large), PATIENCE_MS, LOOK_MS);
        await house.house.peers.get(taker)?.close();
        expect(await fetchAll(large, 'large-again')).toEqual(await digestFolder(path('field')));
        expect(await fetchAll(small, 'small-again')).toEqual(await digestFolder(path('runs')));

        const health = await waitForCopies(large, 1);
        expect(['REPLICATING', 'STUCK']).toContain(health.state);
        expect(health.copies.find(({ institution }) => institution.id === taker)?.state).toBe('TEMPORARY_UNAVAILABLE');
      },
      PATIENCE_MS,
    );

    it(
      'still downloads with one peer of three',
      async () => {
        const second = INSTITUTIONS.find((institution) => institution !== taker) ?? '';
        await house.house.peers.get(second)?.close();
        const health = await waitForCopies(small, 2);
        expect(health.copies.filter(({ state }) => state === 'AVAILABLE')).toHaveLength(1);
        expect(await fetchAll(small, 'small-once-more')).toEqual(await digestFolder(path('runs')));
      },
      PATIENCE_MS,
    );

    it(
      'loses nothing over a restart of everything',
      async () => {
        await waitForCopies(large, 2);
        const before = await readEverything(house, [large, small, 'sample:lorenz-attractor']);
        await house.close();
        house = await start();
        await waitForCopies(large, 0);
        await waitForCopies(small, 0);
        const after = await readEverything(house, [large, small, 'sample:lorenz-attractor']);
        expect(after.ids).toEqual(before.ids);
        expect(after.transferJobs).toEqual(before.transferJobs);
        expect(after.harvestJobs).toEqual(expect.arrayContaining([...before.harvestJobs]));
        expect(after.log.verifierKey).toBe(before.log.verifierKey);
        expect(after.log.size).toBeGreaterThanOrEqual(before.log.size);
        // The log only grows: what stood at an index stands there still.
        expect(after.entries).toEqual(expect.arrayContaining([...before.entries]));
        expect(await fetchAll(large, 'large-after')).toEqual(await digestFolder(path('field')));
      },
      2 * PATIENCE_MS,
    );

    it('proves offline what it gave, and only that', async () => {
      await prove(house.session, small, { out: path('proof.json') });
      const { data } = await house.ask<{ log: { verifierKey: string } }>('{ log { verifierKey } }');
      const { output } = house.session;
      await house.close();

      const logKey = data.log.verifierKey;
      const files = path('small-again');
      await verify(output, path('proof.json'), { files, logKey });
      const report = house.session.takeResult<{ verified: boolean; logKeyTrusted: boolean; checks: unknown[] }>();
      expect(report).toMatchObject({ verified: true, logKeyTrusted: true });
      expect(report.checks.length).toBeGreaterThan(SMALL_COUNT);
      await verify(output, path('large-after.json'), { files: path('large-after'), logKey });

      await expect(verify(output, path('proof.json'), { logKey: `${logKey.slice(0, -4)}AAA=` })).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
      });
      const bundle = parseBundle(await readFile(path('proof.json')));
      await writeFile(path('forged.json'), JSON.stringify(forgeProof(bundle)));
      await expect(verify(output, path('forged.json'), { logKey })).rejects.toMatchObject({ code: 'PROOF_INVALID' });
      await truncate(join(files, 'run 5', 'größe#299%.csv'), 100);
      await expect(verify(output, path('proof.json'), { files, logKey })).rejects.toMatchObject({
        code: 'CHECKSUM_MISMATCH',
      });
    });
  });
}

const INSTITUTIONS = ['alpha', 'beta', 'gamma'];

const HEALTH =
  'query ($id: ID!) { dataset(id: $id) { health { state missingCopies copies { institution { id } state lastAuditedAt } } } }';

interface DescribedFile {
  readonly path: string;
  readonly sizeBytes?: number | null | undefined;
  readonly checksums: readonly { readonly algorithm: string; readonly value: string }[];
}

const describeFile = ({ path, sizeBytes, checksums }: DescribedFile): [string, unknown] => [
  path,
  { sizeBytes, sha256: checksums.find(({ algorithm }) => algorithm === 'sha256')?.value },
];

/** The bundle with one bit of one hash of an inclusion path turned. */
function forgeProof(bundle: Bundle): Bundle {
  const [first, ...others] = bundle.records;
  if (first === undefined) throw new Error('The bundle has no record');
  const lines = first.proof.split('\n');
  const position = lines.findIndex((line) => /^[A-Za-z0-9+/]{43}=$/.test(line));
  const hash = Buffer.from(lines[position] ?? '', 'base64');
  hash.writeUInt8(hash.readUInt8(0) ^ 1, 0);
  lines[position] = hash.toString('base64');
  return { ...bundle, records: [{ ...first, proof: lines.join('\n') }, ...others] };
}
