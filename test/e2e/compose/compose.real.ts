import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download } from '../../../cli/commands/download.js';
import { mirror } from '../../../cli/commands/mirror.js';
import { submit } from '../../../cli/commands/submit.js';
import { askSubgraph } from '../../ask-subgraph.js';
import { type CommandSession, openCommandSession } from '../../command-session.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';
import { digestFolder } from '../one-query/local-files.js';
import { ONE_QUERY, type OneAnswer } from '../one-query/one-query.js';
import { readCompose, readImage } from './compose-file.js';
import { createLocalServices, type LocalServices } from './local-services.js';

const PATIENCE_MS = 180_000;
const LOOK_MS = 500;
const ID = 'sample:henon-map';

/** The file is known to be true, though no container engine runs here: its commands, wired by its own environment. */
describe('docker-compose.yml as local processes', () => {
  const compose = readCompose();
  const names = Object.keys(compose.services);
  let dir: TemporaryDir;
  let services: LocalServices;
  let session: CommandSession;

  beforeAll(async () => {
    dir = await createTemporaryDir();
    services = await createLocalServices(compose, readImage(), join(dir.path, 'volumes'));
    session = openCommandSession(services.urlOf(4000));
    // In any order: depends_on waits for nothing, and a machine that reboots starts all of them at once.
    for (const name of names) services.start(name);
    for (const name of names) await services.waitUntilHealthy(name);
  }, PATIENCE_MS);
  afterAll(async () => {
    await services?.endAll();
    await dir?.remove();
  }, PATIENCE_MS);

  const ask = (text: string) =>
    askSubgraph<OneAnswer>(
      {
        fetch: async (request) =>
          fetch(`${session.server}/graphql`, { method: 'POST', headers: request.headers, body: await request.text() }),
      },
      ONE_QUERY,
      { text },
    );
  const waitForAnswer = (what: string, check: (answer: Awaited<ReturnType<typeof ask>>) => boolean) =>
    waitFor(
      what,
      async () => {
        const answer = await ask('henon map');
        return check(answer) && answer;
      },
      PATIENCE_MS,
      LOOK_MS,
    );

  it(
    'finds the samples, keeps one at three institutions and proves it',
    async () => {
      await waitForAnswer('the samples are found', ({ data }) => data?.searchDatasets?.edges[0]?.node.id === ID);
      await mirror(session, ID, { wait: true });
      const { data } = await waitForAnswer('it is safe and recorded', (answer) => {
        const node = answer.data?.searchDatasets?.edges[0]?.node;
        return (
          node?.health?.state === 'OK' && node.provenance.records.nodes.some(({ activity }) => activity === 'COPY')
        );
      });
      const node = data.searchDatasets.edges[0]?.node;
      expect(node?.health.copies.map(({ institution }) => institution.id).sort()).toEqual(['alpha', 'beta', 'gamma']);

      await download(session, ID, [], { out: join(dir.path, 'fetched') });
      const { files } = session.takeResult<{ files: { path: string; verifiedBy: string }[] }>();
      expect(new Set(files.map(({ verifiedBy }) => verifiedBy))).toEqual(new Set(['manifest']));
      const told = node?.files.nodes.map(({ path, checksums }) => [
        path,
        checksums.find(({ algorithm }) => algorithm === 'sha256')?.value,
      ]);
      expect(await digestFolder(join(dir.path, 'fetched'))).toEqual(Object.fromEntries(told ?? []));
    },
    PATIENCE_MS,
  );

  it(
    'answers without a subgraph that was killed, names it, and heals when it is back',
    async () => {
      await services.end('replication', 'SIGKILL');
      const partial = await waitForAnswer('health is missing', ({ errors }) => (errors?.length ?? 0) > 0);
      expect(partial.errors?.map(({ extensions }) => [extensions.code, extensions.source])).toContainEqual([
        'SOURCE_UNAVAILABLE',
        'replication',
      ]);
      const node = partial.data.searchDatasets.edges[0]?.node;
      expect(node).toMatchObject({ id: ID, health: null });
      expect(node?.provenance.records.nodes.length).toBeGreaterThan(0);
      expect(node?.files.nodes[0]?.downloads.length).toBeGreaterThan(0);

      services.start('replication');
      await services.waitUntilHealthy('replication');
      const healed = await waitForAnswer(
        'health is back',
        ({ data, errors }) => errors === undefined && data.searchDatasets.edges[0]?.node.health?.state === 'OK',
      );
      expect(healed.data.searchDatasets.edges[0]?.node.health.missingCopies).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'takes a submission while the log is down, and the log has it when it is back',
    async () => {
      await services.end('provenance', 'SIGKILL');
      await writeFile(join(dir.path, 'note.txt'), 'Written while nobody kept the log.\n');
      const metadata = { title: 'Unlogged note', creator: ['Nobody'], subject: [], wait: true };
      await submit(session, [join(dir.path, 'note.txt')], metadata);
      const { datasetId, health } = session.takeResult<{ datasetId: string; health: { state: string } }>();
      expect(health.state).toBe('OK');
      const silent = await waitFor('the submission is found', async () => {
        const answer = await ask('unlogged note');
        return answer.data.searchDatasets.edges.length > 0 && answer;
      });
      expect(silent.errors?.map(({ extensions }) => [extensions.code, extensions.source])).toContainEqual([
        'SOURCE_UNAVAILABLE',
        'provenance',
      ]);

      services.start('provenance');
      await services.waitUntilHealthy('provenance');
      const node = await waitFor(
        'the submission is in the log',
        async () => {
          const { data, errors } = await ask('unlogged note');
          if (errors !== undefined) return undefined;
          const [found] = data.searchDatasets.edges;
          const done = found?.node.provenance.records.nodes.map(({ activity }) => activity) ?? [];
          return done.includes('SUBMIT') ? found?.node : undefined;
        },
        PATIENCE_MS,
        LOOK_MS,
      );
      expect(node.id).toBe(datasetId);
    },
    PATIENCE_MS,
  );

  it(
    'ends every service in order when it is told to',
    async () => {
      const exits = await Promise.all(names.map((name) => services.end(name, 'SIGTERM')));
      expect(exits).toEqual(names.map(() => 0));
    },
    PATIENCE_MS,
  );
});
