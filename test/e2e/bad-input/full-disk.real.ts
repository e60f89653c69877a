import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download } from '../../../cli/commands/download.js';
import { harvest } from '../../../cli/commands/harvest.js';
import { mirror } from '../../../cli/commands/mirror.js';
import { submit } from '../../../cli/commands/submit.js';
import { askSubgraph } from '../../ask-subgraph.js';
import type { RunningCommand } from '../../child-process.js';
import { type CommandSession, openCommandSession } from '../../command-session.js';
import { findDiskObstacle } from '../../small-disk.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';
import { digestFolder, writeLargeFile } from '../one-query/local-files.js';
import { mountSmallDisks, type SmallDisks } from './small-disks.js';

const PATIENCE_MS = 60_000;
const LOOK_MS = 200;
const PEERS = ['peers/alpha', 'peers/beta', 'peers/gamma'];
/** Every part has a disk of its own, so that one can be full while the others have room. */
const SIZES_MIB = {
  '.': 24,
  ...Object.fromEntries(PEERS.map((peer) => [peer, 24])),
  outbox: 4,
  provenance: 8,
  replication: 4,
  search: 6,
  'search/index': 8,
  storage: 4,
};
const ALL_DISKS = Object.keys(SIZES_MIB);
const KEPT = 'sample:henon-map';
const YAML_FILES = 300;
const MIRRORED = [
  'sample:damped-oscillator',
  'sample:double-pendulum',
  'sample:figure-eight-orbit',
  'sample:logistic-map',
  'sample:lotka-volterra',
  'sample:radon-decay-chain',
  'sample:rossler-attractor',
  'sample:sir-epidemic',
  'sample:van-der-pol',
];

const obstacle = findDiskObstacle();
const describeDisks = obstacle === undefined ? describe : describe.skip;

describeDisks(`a disk that is really full (needs mounts of its own: ${obstacle ?? 'there are'})`, () => {
  let dir: TemporaryDir;
  let disks: SmallDisks;
  let house: RunningCommand;
  let session: CommandSession;
  /** Ids of what was submitted so far. */
  const submitted: string[] = [];
  const path = (...parts: string[]) => join(dir.path, ...parts);
  const ask = <Data>(query: string, variables: Record<string, unknown> = {}) =>
    askSubgraph<Data>(
      {
        fetch: async (request) =>
          fetch(`${session.server}/graphql`, { method: 'POST', headers: request.headers, body: await request.text() }),
      },
      query,
      variables,
    );
  const startHouse = async () => {
    house = disks.startSc(['serve', '--config', path('sciclomatic.yaml'), '--data-dir', path('data')], SETTINGS);
    const line = await house.waitForLine((one) => one.startsWith('graphql'));
    session = openCommandSession(new URL(line.split(/\s+/)[1] ?? '').origin);
    await house.waitForLine((one) => one === 'ready');
  };
  const countFound = async (repository: string): Promise<number | undefined> => {
    const { data } = await ask<{ searchDatasets: { totalCount: number } | null }>(
      'query ($id: [String!]) { searchDatasets(first: 0, filter: { repository: $id }) { totalCount } }',
      { id: [repository] },
    );
    return data?.searchDatasets?.totalCount;
  };
  const listActivities = async (id: string): Promise<string[]> => {
    const { data } = await ask<RecordsAnswer>(RECORDS, { id });
    return data.dataset?.provenance?.records.nodes.map(({ activity }) => activity) ?? [];
  };
  const submitFile = async (name: string, sizeMib: number): Promise<string> => {
    await mkdir(path(name), { recursive: true });
    await writeLargeFile(path(name, 'file.bin'), sizeMib);
    await writeFile(path(name, 'name.txt'), name);
    const about = { title: name, creator: ['Brim, Full'], subject: [], wait: true };
    await submit(session, [path(name)], about);
    return session.takeResult<{ datasetId: string }>().datasetId;
  };
  const fetchDigests = async (id: string, name: string) => {
    await download(session, id, [], { out: path('fetched', name) });
    return digestFolder(path('fetched', name));
  };

  beforeAll(async () => {
    dir = await createTemporaryDir();
    await mkdir(path('registry'));
    await writeFile(
      path('sciclomatic.yaml'),
      `sources: [{ adapter: aws-open-data, id: yaml, folder: ${JSON.stringify(path('registry'))} }]\n`,
    );
    disks = await mountSmallDisks(path('data'), SIZES_MIB);
    await startHouse();
    await waitFor('the samples are found', async () => ((await countFound('sample')) ?? 0) >= 24, PATIENCE_MS, LOOK_MS);
    await mirror(session, KEPT, { wait: true });
  }, 2 * PATIENCE_MS);
  afterAll(async () => {
    await house?.end();
    await disks?.close();
    await dir?.remove();
  }, PATIENCE_MS);

  /** What the disks hold beside what grows by itself: the log, its records on their way, and audits. */
  const listKept = async () => (await Promise.all(PEERS.map((peer) => disks.listFiles(peer)))).flat();

  it(
    'of every peer refuses uploads, submissions and mirrors; all is as it was, and goes on when there is room',
    async () => {
      const before = await listKept();
      await disks.fill(...PEERS);
      const full = { code: 'STORAGE_FULL', source: 'storage' };
      await expect(submitFile('no room', 1)).rejects.toMatchObject(full);
      await expect(mirror(session, 'sample:kepler-orbit', { wait: true })).rejects.toMatchObject(full);
      expect(await listKept()).toEqual(before);
      expect(await countFound('sample')).toBeGreaterThanOrEqual(24);
      expect(Object.keys(await fetchDigests(KEPT, 'while full'))).toEqual(['README.md', 'points.csv']);

      await disks.free(...PEERS);
      submitted.push(await submitFile('no room', 1));
      await mirror(session, 'sample:kepler-orbit', { wait: true });
      expect(session.takeResult<{ health: { state: string } }>().health.state).toBe('OK');
      expect(await fetchDigests(submitted[0] ?? '', 'with room')).toEqual(await digestFolder(path('no room')));
    },
    PATIENCE_MS,
  );

  it(
    'of the storage subgraph refuses new work and leaves what is there readable',
    async () => {
      await disks.fill('storage');
      const input = Array.from({ length: 900 }, (_, place) => ({ path: `${'long'.repeat(50)}${place}`, sizeBytes: 1 }));
      const answer = await ask(CREATE_UPLOADS, { input });
      expect(answer.errors?.map(({ extensions }) => [extensions.code, extensions.source])).toEqual([
        ['STORAGE_FULL', 'storage'],
      ]);
      expect(Object.keys(await fetchDigests(KEPT, 'storage full'))).toHaveLength(2);
      await disks.free('storage');
      expect((await ask(CREATE_UPLOADS, { input })).errors).toBeUndefined();
    },
    PATIENCE_MS,
  );

  it(
    'of the log keeps no submission up, and the log has it when there is room',
    async () => {
      await disks.fill('provenance');
      const id = await submitFile('unlogged', 0);
      submitted.push(id);
      await waitFor('it is found', async () => (await countFound('sc')) === submitted.length, PATIENCE_MS, LOOK_MS);
      expect(await listActivities(id)).not.toContain('SUBMIT');
      await disks.free('provenance');
      await waitFor('the log has it', async () => (await listActivities(id)).includes('SUBMIT'), PATIENCE_MS, LOOK_MS);
    },
    2 * PATIENCE_MS,
  );

  it(
    'of the outbox ends every mirror, and says why it fails; the log has all of them when there is room',
    async () => {
      await disks.fill('provenance', 'outbox');
      const failed: string[] = [];
      // Records that the log does not take pile up in the outbox, until it takes none either.
      for (const id of MIRRORED) {
        await mirror(session, id, { wait: true }).catch((error: { code: string; source: string }) => {
          expect(error).toMatchObject({ code: 'STORAGE_FULL', source: 'storage' });
          failed.push(id);
        });
      }
      expect(failed).not.toEqual([]);
      const readHealth = async () => (await fetch(`${session.server}/health/ready`)).text();
      expect(await readHealth()).toContain('The outbox takes nothing new: its disk is full');
      await disks.free('provenance', 'outbox');
      for (const id of failed) await mirror(session, id, { wait: true });
      for (const id of MIRRORED) {
        const isLogged = async () => (await listActivities(id)).includes('MIRROR');
        await waitFor(`the log has ${id}`, isLogged, PATIENCE_MS, LOOK_MS);
      }
      expect(await readHealth()).not.toContain('The outbox takes nothing');
    },
    3 * PATIENCE_MS,
  );

  it(
    'of the spool fails a harvest; the next one reads everything',
    async () => {
      await disks.fill('search');
      await expect(harvest(session, 'sample', { full: true })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      expect(await countFound('sample')).toBeGreaterThanOrEqual(24);
      expect((await disks.listFiles('search/spool')).filter((file) => !file.endsWith('.ingested'))).toEqual([]);
      await disks.free('search');
      await harvest(session, 'sample', { full: true });
      expect(session.takeResult<{ state: string; progress: { done: number } }>()).toMatchObject({
        state: 'SUCCEEDED',
        progress: { done: await countFound('sample') },
      });
    },
    PATIENCE_MS,
  );

  it(
    'of the index keeps what was harvested waiting, and answers from what it has',
    async () => {
      await disks.fill('search/index');
      const text = (place: number) =>
        Array.from({ length: 300 }, (_, word) => `word${(place * 7919 + word * 104_729) % 50_021}`);
      for (let place = 0; place < YAML_FILES; place++)
        await writeFile(
          path('registry', `set-${place}.yaml`),
          `Name: Set ${place}\nDescription: ${text(place).join(' ')}\n`,
        );
      await harvest(session, 'yaml', { full: true });
      expect(await countFound('sample')).toBeGreaterThanOrEqual(24);
      expect(await countFound('yaml')).toBe(0);
      await disks.free('search/index');
      await waitFor('all are found', async () => (await countFound('yaml')) === YAML_FILES, PATIENCE_MS, LOOK_MS);
    },
    2 * PATIENCE_MS,
  );

  it(
    'of everybody at once, and a restart, lose nothing',
    async () => {
      const before = await Promise.all(['sample', 'sc', 'yaml'].map(countFound));
      await disks.fill(...ALL_DISKS);
      await expect(submitFile('nowhere', 1)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      expect(await Promise.all(['sample', 'sc', 'yaml'].map(countFound))).toEqual(before);
      await house.end();
      await disks.free(...ALL_DISKS);
      await startHouse();
      const found = () => Promise.all(['sample', 'sc', 'yaml'].map(countFound));
      await waitFor('all are found', async () => String(await found()) === String(before), PATIENCE_MS, LOOK_MS);
      for (const [place, id] of submitted.entries()) {
        const name = ['no room', 'unlogged'][place] ?? '';
        expect(await fetchDigests(id, `restarted ${place}`)).toEqual(await digestFolder(path(name)));
        expect(await listActivities(id)).toContain('SUBMIT');
      }
      await submitFile('nowhere', 1);
    },
    2 * PATIENCE_MS,
  );
});

const SETTINGS = {
  SC_PORT: '0',
  SC_REGISTRY_PORT: '0',
  SC_MIRROR_SAMPLES: 'false',
  SC_LEASE_MS: '1500',
  SC_HEALTH_INTERVAL_MS: '300',
  SC_SWARM_INTERVAL_MS: '200',
  SC_WATCH_INTERVAL_MS: '100',
  SC_REPLICATION_WATCH_MS: '200',
  SC_AUDIT_INTERVAL_MS: '2000',
  SC_LOG_LEVEL: 'warn',
};
const CREATE_UPLOADS = 'mutation ($input: [CreateUploadInput!]!) { createUploads(input: $input) { uploads { id } } }';
const RECORDS = 'query ($id: ID!) { dataset(id: $id) { provenance { records(first: 100) { nodes { activity } } } } }';

interface RecordsAnswer {
  readonly dataset: {
    readonly provenance: { readonly records: { readonly nodes: readonly { readonly activity: string }[] } } | null;
  } | null;
}
