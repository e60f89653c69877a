import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { download } from '../../../cli/commands/download.js';
import { harvest } from '../../../cli/commands/harvest.js';
import { mirror } from '../../../cli/commands/mirror.js';
import { show } from '../../../cli/commands/show.js';
import { submit } from '../../../cli/commands/submit.js';
import { isErrorCode } from '../../../core/errors.js';
import { startTestHouse, type TestHouse } from '../../start-test-house.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';
import { digestFolder, writeLargeFile } from '../one-query/local-files.js';

const PATIENCE_MS = 60_000;
const LOOK_MS = 100;
const ID = 'sample:henon-map';
const METADATA = { title: 'Bad weather', creator: ['Beaufort, Francis'], subject: [], wait: true };

describe('bad input, through the whole house', () => {
  let dir: TemporaryDir;
  let house: TestHouse;
  const path = (...parts: string[]) => join(dir.path, ...parts);
  beforeAll(async () => {
    dir = await createTemporaryDir();
    house = await startTestHouse({ dataDir: path('data') });
    await waitFor('the samples are found', async () => (await countDatasets(house)) >= 24, PATIENCE_MS, LOOK_MS);
  }, PATIENCE_MS);
  afterAll(async () => {
    await house?.close();
    await dir?.remove();
  }, PATIENCE_MS);

  it.each([
    ['an unknown repository', '{ wrong: dataset(id: "nowhere:1") { id } }', 'UNKNOWN_REPOSITORY', 'nowhere'],
    ['an unknown id', '{ wrong: dataset(id: "sample:nothing") { id } }', 'NOT_FOUND', 'sample'],
    ['a malformed id', '{ wrong: dataset(id: "no colon") { id } }', 'MALFORMED_ID', 'search'],
    ['a bad cursor', '{ wrong: searchDatasets(after: "bm90aGluZw") { totalCount } }', 'BAD_CURSOR', 'search'],
    ['a bad cursor of a list', '{ wrong: adapters(after: "bm90aGluZw") { totalCount } }', 'BAD_CURSOR', 'registry'],
    ['a page too large', '{ wrong: searchDatasets(first: 100000) { totalCount } }', 'LIMIT_EXCEEDED', 'search'],
  ])('%s costs its own field only, with a code and a source', async (_what, wrong, code, source) => {
    const answer = await house.ask<Record<string, unknown>>(
      wrong.replace(
        / \}$/,
        ' peers { nodes { id } } right: searchDatasets(text: "lorenz") { totalCount } log { origin } }',
      ),
    );
    expect(answer.data).toMatchObject({ wrong: null, log: { origin: 'sciclomatic/alpha' } });
    expect(answer.data.peers).toEqual({ nodes: ['alpha', 'beta', 'gamma'].map((name) => ({ id: `peer-${name}` })) });
    expect(answer.data.right).not.toBeNull();
    expect(answer.errors?.map(({ path: place, extensions }) => [place, extensions.code, extensions.source])).toEqual([
      [['wrong'], code, source],
    ]);
  });

  it.each([
    ['../outside.csv', 'UNSAFE_PATH'],
    ['in/../../side.csv', 'UNSAFE_PATH'],
    ['nul\0.csv', 'UNSAFE_PATH'],
    ['/etc/passwd', 'UNSAFE_PATH'],
  ])('a path like %j is refused before a byte is sent', async (unsafe, code) => {
    const answer = await house.ask<{ createUploads: unknown } | null>(CREATE_UPLOADS, {
      input: [{ path: unsafe, sizeBytes: 1 }],
    });
    expect(answer.data?.createUploads ?? null).toBeNull();
    expect(answer.errors?.map(({ extensions }) => [extensions.code, extensions.source])).toEqual([[code, 'storage']]);
  });

  it('a query of 2 MB is refused with 413, and the next one is answered', async () => {
    const response = await fetch(`${house.house.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ log { origin } } # ${'x'.repeat(2 * 1024 * 1024)}` }),
    });
    expect(response.status).toBe(413);
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['REQUEST_TOO_LARGE']);
    expect((await house.ask('{ log { origin } }')).errors).toBeUndefined();
  });

  it('commands fail with the code of the table', async () => {
    const { session } = house;
    const failing: [Promise<unknown>, string][] = [
      [harvest(session, 'nowhere', { full: false }), 'UNKNOWN_REPOSITORY'],
      [show(session, 'sample:nothing', { files: 1, records: 1 }), 'NOT_FOUND'],
      [show(session, 'no colon', { files: 1, records: 1 }), 'MALFORMED_ID'],
      [mirror(session, 'sample:nothing', { wait: true }), 'NOT_FOUND'],
      [mirror(session, 'nowhere:1', { wait: true }), 'UNKNOWN_REPOSITORY'],
      [download(session, 'sample:nothing', [], { out: path('nothing') }), 'NOT_FOUND'],
      [download(session, ID, ['no-such.csv'], { out: path('nothing') }), 'NOT_FOUND'],
      [submit(session, [path('no-such-file')], METADATA), 'BAD_INPUT'],
    ];
    for (const [command, code] of failing) {
      expect(isErrorCode(code)).toBe(true);
      await expect(command).rejects.toMatchObject({ code });
    }
    await expect(readdir(path('nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it(
    'a file that changes while it is submitted makes no dataset',
    async () => {
      await writeLargeFile(path('changing.bin'), 2);
      const before = await countManifests(house);
      const { session } = house;
      const upload: typeof session.client.upload = async (url, body, options) => {
        await appendFile(path('changing.bin'), 'one more line');
        await session.client.upload(url, body, options);
      };
      const racing = { ...session, client: { ...session.client, upload } };
      await expect(submit(racing, [path('changing.bin')], METADATA)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
      expect(await countManifests(house)).toBe(before);
      await submit(session, [path('changing.bin')], METADATA);
      expect(session.takeResult<{ health: { state: string } }>().health.state).toBe('OK');
    },
    PATIENCE_MS,
  );

  it(
    'a connection cut in mid-upload keeps nothing, and the same upload can be sent again',
    async () => {
      const bytes = Buffer.alloc(4 * 1024 * 1024, 'cut');
      const created = await house.ask<{ createUploads: { uploads: { id: string; url: string }[] } }>(CREATE_UPLOADS, {
        input: [{ path: 'cut.bin', sizeBytes: bytes.length }],
      });
      const [upload] = created.data.createUploads.uploads;
      const url = upload?.url ?? '';
      const headers = { 'content-length': bytes.length };
      const request = httpRequest(new URL(url, house.house.url), { method: 'PUT', headers });
      request.on('error', () => undefined);
      await new Promise((resolve) => request.write(bytes.subarray(0, bytes.length / 2), resolve));
      await new Promise((resolve) => request.on('close', resolve).destroy());

      const submission = { title: 'Cut', creators: [{ name: 'Cut, A' }], uploadIds: [upload?.id] };
      const refused = await house.ask<unknown>(SUBMIT, { input: submission });
      expect(refused.errors?.map(({ extensions }) => [extensions.code, extensions.source])).toEqual([
        ['BAD_INPUT', 'storage'],
      ]);
      await house.session.client.upload(new URL(url, house.house.url).href, new Uint8Array(bytes));
      const accepted = await house.ask<{ submitDataset: { dataset: { id: string } } }>(SUBMIT, { input: submission });
      expect(accepted.errors).toBeUndefined();
      await download(house.session, accepted.data.submitDataset.dataset.id, [], { out: path('cut') });
      expect((await readFile(path('cut', 'cut.bin'))).equals(bytes)).toBe(true);
    },
    PATIENCE_MS,
  );

  it(
    'a peer whose disk holds wrong bytes never reaches a reader, is found out, and gets the right ones again',
    async () => {
      await mirror(house.session, ID, { wait: true });
      await download(house.session, ID, [], { out: path('right') });
      const right = await digestFolder(path('right'));
      const stored = await damageChunks(path('data', 'peers', 'alpha', 'chunks'));
      expect(stored).toBeGreaterThan(0);

      // Nobody told: the bytes are right because a reader checks them, and the copy is found out because it was read.
      await download(house.session, ID, [], { out: path('right-again') });
      expect(await digestFolder(path('right-again'))).toEqual(right);
      const audit = async () => (await house.ask<AuditAnswer>(AUDIT, { input: { datasetId: ID } })).data;
      const found = (await audit()).auditDataset.dataset.health;
      expect(found).toMatchObject({ missingCopies: 1 });
      expect(['BAD', 'UNAVAILABLE', 'COPYING']).toContain(copyAt('alpha', found.copies)?.state);
      const mended = await waitFor(
        'alpha has a good copy again',
        async () => {
          const { health } = (await audit()).auditDataset.dataset;
          return copyAt('alpha', health.copies)?.state === 'AVAILABLE' && health;
        },
        PATIENCE_MS,
        LOOK_MS,
      );
      expect(mended).toMatchObject({ state: 'OK', missingCopies: 0 });
      await waitFor(
        'the log tells of the copy that replaced the damaged one',
        async () => {
          const { data } = await house.ask<RecordsAnswer>(RECORDS, { id: ID });
          const copies = data.dataset.provenance.records.nodes.filter(({ activity }) => activity === 'COPY');
          return copies.some(({ generated }) => generated.includes('peer:peer-alpha'));
        },
        PATIENCE_MS,
        LOOK_MS,
      );
    },
    2 * PATIENCE_MS,
  );

  it(
    'a swarm without peers leaves the fields of the others standing',
    async () => {
      for (const peer of house.house.peers.values()) await peer.close();
      const answer = await waitFor(
        'downloads are missing',
        async () => {
          const found = await house.ask<{ dataset: Record<string, unknown> }>(
            `query ($id: ID!) { dataset(id: $id) {
              title manifest { hash } health { state missingCopies } provenance { records { totalCount } }
            } }`,
            { id: ID },
          );
          return found.errors !== undefined && found;
        },
        PATIENCE_MS,
        LOOK_MS,
      );
      expect(answer.data.dataset).toMatchObject({ title: 'Hénon map', manifest: null });
      expect(answer.data.dataset.health).toMatchObject({ missingCopies: expect.any(Number) });
      expect(answer.data.dataset.provenance).not.toBeNull();
      expect(answer.errors?.map(({ path: place, extensions }) => [place, extensions.code, extensions.source])).toEqual([
        [['dataset', 'manifest'], 'SOURCE_UNAVAILABLE', 'storage'],
      ]);
      await expect(submit(house.session, [path('changing.bin')], METADATA)).rejects.toMatchObject({
        code: 'SOURCE_UNAVAILABLE',
      });
    },
    PATIENCE_MS,
  );
});

describe('a full disk', () => {
  it(
    'is told as STORAGE_FULL; nothing is lost, and what has room is still taken',
    async () => {
      const dir = await createTemporaryDir();
      const path = (...parts: string[]) => join(dir.path, ...parts);
      const house = await startTestHouse({ dataDir: path('data'), quotaBytes: 4 * 1024 * 1024 });
      try {
        const { session } = house;
        const submitFile = async (name: string, sizeMib: number) => {
          await mkdir(path(name));
          await writeLargeFile(path(name, 'file.bin'), sizeMib);
          await writeFile(path(name, 'name.txt'), name);
          await submit(session, [path(name)], { ...METADATA, title: name });
          return session.takeResult<{ datasetId: string; health: { state: string } }>();
        };
        await waitFor('the peers are known', async () => (await countPeers(house)) === 3, PATIENCE_MS, LOOK_MS);
        const first = await submitFile('first', 2);
        expect(first.health.state).toBe('OK');
        await expect(submitFile('too large', 6)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
        const third = await submitFile('small', 0);
        expect(third.health.state).toBe('OK');
        for (const [name, { datasetId }] of Object.entries({ first, small: third })) {
          await download(session, datasetId, [], { out: path('fetched', name) });
          expect(await digestFolder(path('fetched', name))).toEqual(await digestFolder(path(name)));
        }
      } finally {
        await house.close();
        await dir.remove();
      }
    },
    2 * PATIENCE_MS,
  );
});

const CREATE_UPLOADS =
  'mutation ($input: [CreateUploadInput!]!) { createUploads(input: $input) { uploads { id url } } }';
const SUBMIT = 'mutation ($input: SubmitDatasetInput!) { submitDataset(input: $input) { dataset { id } } }';
const AUDIT = `mutation ($input: AuditDatasetInput!) {
  auditDataset(input: $input) { dataset { health { state missingCopies copies { institution { id } state reason } } } }
}`;

const RECORDS =
  'query ($id: ID!) { dataset(id: $id) { provenance { records(first: 100) { nodes { activity generated } } } } }';

interface RecordsAnswer {
  readonly dataset: {
    readonly provenance: {
      readonly records: {
        readonly nodes: readonly {
          readonly activity: string;
          readonly generated: readonly string[];
        }[];
      };
    };
  };
}

const copyAt = <Copy extends { readonly institution: { readonly id: string } }>(
  institution: string,
  copies: readonly Copy[],
): Copy | undefined => copies.find((copy) => copy.institution.id === institution);

interface AuditAnswer {
  readonly auditDataset: {
    readonly dataset: {
      readonly health: {
        readonly state: string;
        readonly missingCopies: number;
        readonly copies: readonly { readonly institution: { readonly id: string }; readonly state: string }[];
      };
    };
  };
}

async function countDatasets(house: TestHouse): Promise<number> {
  const { data } = await house.ask<{ searchDatasets: { totalCount: number } | null }>(
    '{ searchDatasets(first: 0) { totalCount } }',
  );
  return data.searchDatasets?.totalCount ?? 0;
}

async function countPeers(house: TestHouse): Promise<number> {
  const { data } = await house.ask<{ peers: { nodes: { reachable: boolean }[] } }>('{ peers { nodes { reachable } } }');
  return data.peers.nodes.filter(({ reachable }) => reachable).length;
}

/** Datasets that were submitted, as the transfers tell. */
async function countManifests(house: TestHouse): Promise<number> {
  const { data } = await house.ask<{ transferJobs: { nodes: { state: string }[] } }>(
    '{ transferJobs(first: 1000) { nodes { state } } }',
  );
  return data.transferJobs.nodes.filter(({ state }) => state === 'SUCCEEDED').length;
}

/** Turns a bit in the middle of every chunk file below the folder; gives how many there were. */
async function damageChunks(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const file of files) {
    const place = join(file.parentPath, file.name);
    const bytes = await readFile(place);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await writeFile(place, bytes);
  }
  return files.length;
}
