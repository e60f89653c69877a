import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningCommand, startSc } from '../../child-process.js';
import { startTestHouse, type TestHouse } from '../../start-test-house.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';

const PATIENCE_MS = 60_000;
const LOOK_MS = 200;

/** What a search says of the guest's repository, and the registry of its adapter. */
interface Answer {
  readonly searchDatasets: {
    readonly totalCount: number;
    readonly sources: readonly { repository: { id: string }; state: string; message: string | null }[];
    readonly edges: readonly { readonly node: { readonly id: string; readonly title: string } }[];
  };
  readonly adapters: { readonly nodes: readonly { id: string; state: string; reason: string | null }[] };
}

const QUERY = `{
  searchDatasets(text: "lorenz attractor", filter: { repository: ["sample-guest"] }) {
    totalCount sources { repository { id } state message } edges { node { id title } }
  }
  adapters(kind: REPOSITORY) { nodes { id state reason } }
}`;

describe('a repository of another process', () => {
  let dir: TemporaryDir;
  let house: TestHouse;
  let guest: RunningCommand | undefined;
  beforeEach(async () => {
    dir = await createTemporaryDir();
    house = await startTestHouse({ dataDir: `${dir.path}/house` });
  });
  afterEach(async () => {
    await guest?.end('SIGKILL');
    await house.close();
    await dir.remove();
  });

  const startGuest = async () => {
    const flags = ['--adapter', 'sample', '--register', house.house.registryAddress];
    guest = startSc(['serve', '--role', 'repository', ...flags, '--data-dir', `${dir.path}/guest`]);
    await guest.waitForLine((line) => line === 'ready');
    return guest;
  };
  const waitForStates = (sourceState: string, adapterState: string) =>
    waitFor(
      `the source is ${sourceState} and its adapter ${adapterState}`,
      async () => {
        const { data, errors } = await house.ask<Answer>(QUERY);
        const source = data.searchDatasets.sources.find(({ repository }) => repository.id === 'sample-guest');
        const adapter = data.adapters.nodes.find(({ id }) => id === 'sample-guest');
        const reached = source?.state === sourceState && adapter?.state === adapterState;
        return reached && { source, adapter, found: data.searchDatasets, errors };
      },
      PATIENCE_MS,
      LOOK_MS,
    );

  it(
    'is found while it runs, still found when it is killed, with the reason, and well again when it is back',
    async () => {
      const running = await startGuest();
      const alive = await waitForStates('OK', 'HEALTHY');
      expect(alive.found.edges[0]?.node).toEqual({ id: 'sample-guest:lorenz-attractor', title: 'Lorenz attractor' });
      expect(alive.source.message).toBeNull();

      await running.end('SIGKILL');
      const gone = await waitForStates('STALE', 'SUSPENDED');
      expect(gone.errors).toBeUndefined();
      expect(gone.found.edges).toEqual(alive.found.edges);
      expect(gone.found.totalCount).toBe(alive.found.totalCount);
      expect(gone.source.message).toMatch(/\S/);
      expect(gone.adapter.reason).toMatch(/\S/);

      await startGuest();
      const back = await waitForStates('OK', 'HEALTHY');
      expect(back.found.edges).toEqual(alive.found.edges);
      expect([back.source.message, back.adapter.reason]).toEqual([null, null]);
    },
    3 * PATIENCE_MS,
  );
});
