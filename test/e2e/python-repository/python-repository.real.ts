import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adapterCheck } from '../../../cli/commands/adapter-check.js';
import { download } from '../../../cli/commands/download.js';
import { mirror } from '../../../cli/commands/mirror.js';
import { type RunningCommand, startCommand } from '../../child-process.js';
import { startTestHouse, type TestHouse } from '../../start-test-house.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';

const root = join(import.meta.dirname, '..', '..', '..');
/** Installed by scripts/test-real.sh. */
const python = join(root, '.cache', 'python', 'bin', 'python');
const PATIENCE_MS = 60_000;
const ID = 'python-csv:tide-gauge.csv';

const describePython = existsSync(python) ? describe : describe.skip;

describePython(`a repository in Python (needs ${python}: npm run test:real installs it)`, () => {
  let dir: TemporaryDir;
  let house: TestHouse;
  let server: RunningCommand;
  let address = '';
  const csv = `minute,level_mm\n${Array.from({ length: 20_000 }, (_, minute) => `${minute},${(minute * 37) % 4099}`).join('\n')}\n`;
  const sha256 = createHash('sha256').update(csv).digest('hex');

  beforeAll(async () => {
    dir = await createTemporaryDir();
    house = await startTestHouse({ dataDir: join(dir.path, 'house') });
    const folder = join(dir.path, 'tables');
    await mkdir(folder);
    await writeFile(join(folder, 'tide-gauge.csv'), csv);
    await writeFile(join(folder, 'größe #2 100%.csv'), 'a,b\n1,2\n');
    await writeFile(join(folder, 'empty.csv'), '');
    const script = join(root, 'docs', 'examples', 'python-repository', 'server.py');
    server = startCommand(python, [script, folder, '--register', house.house.registryAddress]);
    address = await server.waitForLine((line) => /^127\.0\.0\.1:\d+$/.test(line));
  }, PATIENCE_MS);
  afterAll(async () => {
    await server?.end();
    await house?.close();
    await dir?.remove();
  }, PATIENCE_MS);

  it(
    'passes the conformance suite',
    async () => {
      const { output, takeResult } = house.session;
      await adapterCheck(output, address, {});
      const { serving, reports } = takeResult<{
        serving: boolean;
        reports: { repository: string; outcomes: { name: string; state: string }[] }[];
      }>();
      expect(serving).toBe(true);
      expect(reports.map(({ repository }) => repository)).toEqual(['python-csv']);
      const states = reports.flatMap(({ outcomes }) => outcomes.map(({ state }) => state));
      expect(states.filter((state) => state === 'FAILED')).toEqual([]);
      expect(states.filter((state) => state === 'PASSED').length).toBeGreaterThan(10);
    },
    PATIENCE_MS,
  );

  it(
    'registers and is found by search, every table once',
    async () => {
      const found = await waitFor(
        'the tables are found',
        async () => {
          const { data } = await house.ask<{ searchDatasets: { edges: { node: { id: string; title: string } }[] } }>(
            '{ searchDatasets(filter: { repository: ["python-csv"] }, sort: ID) { edges { node { id title } } } }',
          );
          return data.searchDatasets.edges.length >= 3 && data.searchDatasets.edges.map(({ node }) => node);
        },
        PATIENCE_MS,
      );
      expect(found).toEqual([
        { id: 'python-csv:empty.csv', title: 'empty' },
        { id: 'python-csv:größe %232 100%25.csv', title: 'größe #2 100%' },
        { id: ID, title: 'tide gauge' },
      ]);
    },
    PATIENCE_MS,
  );

  it(
    'is mirrored into the swarm with its own checksum verified, and downloaded from there',
    async () => {
      await mirror(house.session, ID, { wait: true });
      const { health } = house.session.takeResult<{ health: { state: string } }>();
      expect(health.state).toBe('OK');
      await server.end();
      const out = join(dir.path, 'fetched');
      await download(house.session, ID, [], { out });
      const { files } = house.session.takeResult<{ files: { path: string; verifiedBy: string }[] }>();
      expect(files).toEqual([{ path: 'tide-gauge.csv', sizeBytes: csv.length, verifiedBy: 'manifest', kept: false }]);
      const bytes = await readFile(join(out, 'tide-gauge.csv'));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    },
    PATIENCE_MS,
  );
});
