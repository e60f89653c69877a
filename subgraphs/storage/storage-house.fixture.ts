import { join } from 'node:path';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { createFixedDirectory, type FixedPeer } from '../../adapters/swarm/fixed-directory.fixture.js';
import { SciclomaticError } from '../../core/errors.js';
import { createFileId, type InstitutionId, parseDatasetId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import { createSigningKey } from '../../core/node-crypto.js';
import type { HttpPart } from '../../core/part.js';
import { createStorageSubgraph, type StorageSubgraphOptions } from './main.js';
import { createStoragePeer, type StoragePeer, type StoragePeerOptions } from './peer/storage-peer.js';

/** For tests: a storage subgraph over peers of several institutions, on folders that outlive it. */
export interface StorageHouse {
  readonly part: HttpPart;
  readonly peers: readonly StoragePeer[];
  /** What the directory says; may be changed. */
  readonly directory: FixedPeer[];
  /** Provenance entries that were recorded. */
  readonly entries: Uint8Array[];
  ask<Data>(query: string, variables?: object): Promise<{ data: Data; errors?: readonly GraphQLFailure[] }>;
  close(): Promise<void>;
}

interface GraphQLFailure {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly source: string };
}

export interface StorageHouseOptions {
  readonly dir: string;
  readonly peerIds?: readonly string[];
  readonly quotaBytes?: number;
  readonly repositories?: readonly RepositoryAdapter[];
  readonly entries?: Uint8Array[];
  readonly peerOptions?: Partial<StoragePeerOptions>;
  readonly extra?: Partial<StorageSubgraphOptions>;
}

const signingKey = createSigningKey();

export async function createStorageHouse(options: StorageHouseOptions): Promise<StorageHouse> {
  const { dir, quotaBytes, repositories = [], entries = [] } = options;
  const peers = await Promise.all(
    (options.peerIds ?? ['alpha', 'beta', 'gamma']).map((id) =>
      createStoragePeer({
        id,
        institution: { id: `${id}-university`, name: id },
        dir: join(dir, id),
        host: '127.0.0.1',
        port: 0,
        quotaBytes,
        log: silentLogger,
        ...options.peerOptions,
      }),
    ),
  );
  const directory: FixedPeer[] = peers.map(({ id, address }) => ({ id, address, institution: `${id}-university` }));
  const part = await createStorageSubgraph({
    dir: join(dir, 'storage'),
    institution: { id: 'alpha-university' as InstitutionId, name: 'Alpha University' },
    signingKey,
    directory: createFixedDirectory(directory),
    openRepository: async (id) => {
      const found = repositories.find((repository) => repository.id === id);
      if (!found) throw new SciclomaticError('UNKNOWN_REPOSITORY', `No repository ${id}`, { source: id });
      return { ...bindRepository(found), close: async () => undefined };
    },
    recordProvenance: async (entry) => {
      entries.push(entry);
    },
    holdingsFreshMs: 0,
    wait: async () => undefined,
    log: silentLogger,
    verifyCaller: async () => undefined,
    ...options.extra,
  });
  return {
    part,
    peers,
    directory,
    entries,
    ask: async (query, variables = {}) => {
      const request = new Request('http://storage/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-sc-public-url': 'http://storage' },
        body: JSON.stringify({ query, variables }),
      });
      return (await (await part.fetch(request)).json()) as never;
    },
    close: async () => {
      await part.close();
      for (const peer of peers) await peer.close();
    },
  };
}

/** The subgraph closes what it opened; the test's repository goes on. */
function bindRepository(repository: RepositoryAdapter): RepositoryAdapter {
  return {
    id: repository.id,
    supports: repository.supports,
    describe: (call) => repository.describe(call),
    listDatasets: (after, call) => repository.listDatasets(after, call),
    readDataset: (localId, call) => repository.readDataset(localId, call),
    openFile: (localId, path, range, call) => repository.openFile(localId, path, range, call),
    close: () => repository.close(),
  };
}

/** Uploads files and submits them with that title; the id of the dataset. */
export async function submitFiles(
  house: StorageHouse,
  files: Readonly<Record<string, Uint8Array>>,
  title = 'A dataset',
): Promise<string> {
  const uploads = await createUploads(house, files);
  const pending = uploads.urls.entries();
  const upload = async (): Promise<void> => {
    for (const [path, url] of pending) {
      const body = Buffer.from(files[path] ?? []);
      const response = await house.part.fetch(new Request(url, { method: 'PUT', body }));
      if (response.status !== 201) throw new Error(await response.text());
    }
  };
  await Promise.all(Array.from({ length: 8 }, upload));
  const { data, errors } = await submit(house, { title, uploadIds: uploads.ids });
  if (errors?.[0]) throw new Error(errors[0].message);
  return data.submitDataset.dataset.id;
}

export async function createUploads(
  house: StorageHouse,
  files: Readonly<Record<string, Uint8Array | number>>,
): Promise<{ ids: string[]; urls: Map<string, string> }> {
  const input = Object.entries(files).map(([path, content]) => ({
    path,
    sizeBytes: typeof content === 'number' ? content : content.length,
  }));
  const { data } = await house.ask<{ createUploads: { uploads: { id: string; path: string; url: string }[] } }>(
    'mutation ($input: [CreateUploadInput!]!) { createUploads(input: $input) { uploads { id path url } } }',
    { input },
  );
  const { uploads } = data.createUploads;
  return { ids: uploads.map(({ id }) => id), urls: new Map(uploads.map(({ path, url }) => [path, url])) };
}

export function submit(house: StorageHouse, input: object) {
  return house.ask<{ submitDataset: { dataset: { id: string }; job: { id: string; state: string } } }>(
    'mutation ($input: SubmitDatasetInput!) { submitDataset(input: $input) { dataset { id } job { id state } } }',
    { input: { creators: [{ name: 'Doe, Jane' }], ...input } },
  );
}

/** Download links of files of one dataset, by path; undefined for a file that has none. */
export async function listDownloads(
  house: StorageHouse,
  datasetId: string,
  paths: readonly string[],
): Promise<Map<string, string | undefined>> {
  const representations = paths.map((path) => ({
    __typename: 'File',
    id: createFileId(parseDatasetId(datasetId), path),
    sourceUrl: null,
  }));
  const { data } = await house.ask<{ _entities: { downloads: { url: string }[] | null }[] }>(
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on File { downloads { protocol url expiresAt } } } }',
    { representations },
  );
  return new Map(paths.map((path, position) => [path, data._entities[position]?.downloads?.[0]?.url]));
}
