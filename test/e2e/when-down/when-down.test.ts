import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download } from '../../../cli/commands/download.js';
import { submit } from '../../../cli/commands/submit.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';
import { type RoleHouse, startRoleHouse } from './role-house.js';

const PATIENCE_MS = 60_000;
const LOOK_MS = 50;

/** The rows of "When something is down" in docs/architecture.md for replication, provenance and a peer. */
describe('when a part is down', () => {
  let dir: TemporaryDir;
  let house: RoleHouse;
  /** Submitted while everything was up. */
  let id: string;
  const path = (...parts: string[]) => join(dir.path, ...parts);

  const ask = async (datasetId = id) => house.ask<Answer>(QUERY, { id: datasetId });
  const waitForDataset = (what: string, check: (dataset: Dataset) => boolean, datasetId = id) =>
    waitFor(
      what,
      async () => {
        const { data } = await ask(datasetId);
        return data.dataset && check(data.dataset) && data.dataset;
      },
      PATIENCE_MS,
      LOOK_MS,
    );
  const submitFolder = async (name: string, wait: boolean): Promise<string> => {
    await mkdir(path(name));
    await writeFile(path(name, 'data.csv'), `${name}\n`.repeat(50_000));
    await writeFile(path(name, 'read-me.txt'), name);
    await submit(house.session, [path(name)], { title: name, creator: ['Noether, Emmy'], subject: [], wait });
    return house.session.takeResult<{ datasetId: string }>().datasetId;
  };
  /** By the links that the API gives, as a portal or a notebook does. */
  const expectDownload = async (datasetId: string, name: string) => {
    const { data } = await house.ask<FilesAnswer>(FILES, { id: datasetId });
    const files = data.dataset.files.nodes;
    expect(files.map((file) => file.path)).toEqual(['data.csv', 'read-me.txt']);
    for (const file of files) {
      const response = await fetch(new URL(file.downloads?.[0]?.url ?? '', house.url));
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(bytes.equals(await readFile(path(name, file.path)))).toBe(true);
    }
  };

  beforeAll(async () => {
    dir = await createTemporaryDir();
    house = await startRoleHouse(path('data'));
    await waitFor('three peers answer', async () => (await countPeers(house)) === 3, PATIENCE_MS, LOOK_MS);
    id = await submitFolder('calm weather', true);
    await waitForDataset('it is found, safe and told of', ({ health, provenance }) =>
      Boolean(health?.state === 'OK' && provenance && provenance.records.nodes.length >= 4),
    );
  }, PATIENCE_MS);
  afterAll(async () => {
    await house?.close();
    await dir?.remove();
  }, PATIENCE_MS);

  it(
    'replication: its fields are null with an error, the rest stands, and what came meanwhile is copied afterwards',
    async () => {
      await house.stop('replication');
      const { data, errors } = await ask();
      expect(data.dataset).toMatchObject({ title: 'calm weather', health: null });
      expect(data.dataset?.provenance?.records.nodes).not.toHaveLength(0);
      expect(errors?.map(({ extensions }) => extensions)).toEqual([
        { code: 'SOURCE_UNAVAILABLE', source: 'replication' },
      ]);
      await expectDownload(id, 'calm weather');
      const meanwhile = await submitFolder('submitted without replication', false);
      await house.start('replication');
      expect((await waitForDataset('it has three copies', isSafe, meanwhile)).health?.copies).toHaveLength(3);
      expect((await waitForDataset('the first is as safe as before', isSafe)).health?.missingCopies).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'provenance: its fields are null with an error, and what is done meanwhile is told afterwards',
    async () => {
      await house.stop('provenance');
      const { data, errors } = await ask();
      expect(data.dataset).toMatchObject({ title: 'calm weather', health: { state: 'OK' }, provenance: null });
      expect(errors?.map(({ extensions }) => extensions)).toEqual([
        { code: 'SOURCE_UNAVAILABLE', source: 'provenance' },
      ]);
      const meanwhile = await submitFolder('submitted without a log', true);
      await expectDownload(meanwhile, 'submitted without a log');
      await download(house.session, meanwhile, [], { out: path('fetched without a log') });
      expect(house.session.takeResult<{ files: { verifiedBy: string }[] }>().files).toMatchObject([
        { verifiedBy: 'manifest' },
        { verifiedBy: 'manifest' },
      ]);
      await house.start('provenance');
      const told = await waitForDataset(
        'the log has what waited',
        (dataset) => listDone(dataset).length >= 4,
        meanwhile,
      );
      // Of two outboxes: whose entries come first is chance.
      expect(listDone(told).sort()).toEqual(['AUDIT', 'COPY', 'COPY', 'SUBMIT']);
    },
    PATIENCE_MS,
  );

  it(
    'a peer: health says so at once, downloads come from the others, nothing is copied yet, and its return is noticed',
    async () => {
      await house.stop('peer:gamma');
      const degraded = await waitForDataset('health says so', ({ health }) => health?.missingCopies === 1);
      expect(degraded.health?.state).not.toBe('OK');
      expect(copyAt('gamma', degraded)).toMatchObject({ state: 'TEMPORARY_UNAVAILABLE' });
      await expectDownload(id, 'calm weather');
      const told = await waitForDataset('the log says so', (dataset) => lastAudit(dataset)['copy.peer-gamma'] !== GOOD);
      expect(lastAudit(told)).toMatchObject({
        'copy.peer-gamma': 'TEMPORARY_UNAVAILABLE',
        'reason.peer-gamma': expect.stringContaining('Does not answer'),
      });
      await house.start('peer:gamma');
      expect(copyAt('gamma', await waitForDataset('it is back', isSafe))).toMatchObject({ state: GOOD });
    },
    PATIENCE_MS,
  );

  it(
    'the disk of a peer: a damaged chunk is found, told to the log with the reason, and fetched again, in that order',
    async () => {
      await waitForDataset('all is calm', (dataset) => isSafe(dataset) && lastAudit(dataset).health === 'OK');
      const before = (await ask()).data.dataset?.provenance?.records.nodes.length ?? 0;
      await damageChunks(path('data', 'peers', 'beta', 'chunks'));
      const mended = await waitForDataset('the log tells of the mended copy', (dataset) => {
        const nodes = dataset.provenance?.records.nodes ?? [];
        return isSafe(dataset) && nodes.length >= before + 3 && lastAudit(dataset)['copy.peer-beta'] === GOOD;
      });
      const news = mended.provenance?.records.nodes.slice(0, -before).toReversed() ?? [];
      expect(news.map(({ activity }) => activity)).toEqual(['AUDIT', 'COPY', 'AUDIT']);
      const [found, copied] = news.map(factsOf);
      expect(['BAD', 'UNAVAILABLE']).toContain(found?.['copy.peer-beta']);
      expect(found?.['reason.peer-beta']).toMatch(/damaged on its disk|of 2 chunks|missing/);
      expect(copied).toMatchObject({ to: 'peer-beta' });
      await expectDownload(id, 'calm weather');
    },
    PATIENCE_MS,
  );
});

const GOOD = 'AVAILABLE';
const QUERY = `query ($id: ID!) { dataset(id: $id) {
  title
  health { state missingCopies copies { institution { id } state reason } }
  provenance { records(first: 100) { nodes { activity detail { name value } } } }
} }`;

const FILES = 'query ($id: ID!) { dataset(id: $id) { files { nodes { path downloads { url } } } } }';

interface FilesAnswer {
  readonly dataset: {
    readonly files: {
      readonly nodes: readonly {
        readonly path: string;
        readonly downloads: readonly { readonly url: string }[] | null;
      }[];
    };
  };
}

interface ToldRecord {
  readonly activity: string;
  readonly detail: readonly { readonly name: string; readonly value: string }[];
}

interface Dataset {
  readonly title: string;
  readonly health: {
    readonly state: string;
    readonly missingCopies: number;
    readonly copies: readonly { readonly institution: { readonly id: string }; readonly state: string }[];
  } | null;
  readonly provenance: { readonly records: { readonly nodes: readonly ToldRecord[] } } | null;
}

interface Answer {
  readonly dataset: Dataset | null;
}

const isSafe = ({ health }: Dataset): boolean => health?.state === 'OK';

const copyAt = (institution: string, { health }: Dataset) =>
  health?.copies.find((copy) => copy.institution.id === institution);

const factsOf = ({ detail }: ToldRecord): Record<string, string> =>
  Object.fromEntries(detail.map(({ name, value }) => [name, value]));

/** What was done with the dataset itself, newest first. */
const listDone = ({ provenance }: Dataset): string[] =>
  (provenance?.records.nodes ?? []).map(({ activity }) => activity).filter((activity) => activity !== 'HARVEST');

/** What the newest AUDIT says. */
function lastAudit({ provenance }: Dataset): Record<string, string> {
  const audit = provenance?.records.nodes.find(({ activity }) => activity === 'AUDIT');
  return audit === undefined ? {} : factsOf(audit);
}

async function countPeers(house: RoleHouse): Promise<number> {
  const { data } = await house.ask<{ peers: { nodes: { reachable: boolean }[] } | null }>(
    '{ peers { nodes { reachable } } }',
  );
  return data.peers?.nodes.filter(({ reachable }) => reachable).length ?? 0;
}

/** Turns a bit in the middle of every chunk file below the folder. */
async function damageChunks(folder: string): Promise<void> {
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const place = join(file.parentPath, file.name);
    const bytes = await readFile(place);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await writeFile(place, bytes);
  }
}
