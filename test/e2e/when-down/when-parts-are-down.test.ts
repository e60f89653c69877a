import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hostRepositories, type RepositoryHost } from '../../../adapters/repositories/grpc/host.js';
import { createMemoryRepository } from '../../../adapters/repositories/memory/memory-repository.js';
import { ROLE_SETTINGS, type Role, type Settings } from '../../../cli/house/settings.js';
import { type Running, startRole } from '../../../cli/house/start-role.js';
import { parseInstitutionId } from '../../../core/ids.js';
import { silentLogger } from '../../../core/log.js';
import { askSubgraph } from '../../ask-subgraph.js';
import { createTemporaryDir, type TemporaryDir } from '../../temporary-dir.js';
import { waitFor } from '../../wait-for.js';

const PATIENCE_MS = 60_000;
/** Nobody listens there: parts that these rows are not about. */
const NOWHERE = 'http://127.0.0.1:1/graphql';

interface Answer {
  readonly searchDatasets: {
    readonly totalCount: number;
    readonly sources: readonly { readonly state: string; readonly message: string | null }[];
    readonly edges: readonly { readonly node: { readonly files: { readonly nodes: readonly unknown[] } } }[];
  } | null;
  readonly adapters: { readonly nodes: readonly { readonly id: string; readonly state: string }[] } | null;
}

const SEARCH = `searchDatasets(text: "lorenz") { totalCount sources { state message } edges { node {
  id files(first: 1) { nodes { path downloads { url } } } } } }`;
const ADAPTERS = 'adapters { nodes { id state } }';

/** The rows of "When something is down" in docs/architecture.md for a source, storage, registry, search and the gateway. */
describe('when a part is down', () => {
  const running = new Map<Role, Running>();
  let dir: TemporaryDir;
  let url = '';
  let searchUrl = '';
  let repository: RepositoryHost | undefined;
  let startStorage: () => Promise<Running>;

  const start = async <Name extends Role>(role: Name, settings: Settings<Name>): Promise<Running> => {
    const started = await startRole(role, settings, silentLogger);
    running.set(role, started);
    return started;
  };
  const stop = async (role: Role) => {
    await running.get(role)?.close();
    running.delete(role);
  };
  const ask = (fields: string) =>
    askSubgraph<Answer>({ fetch: async (request) => postTo(`${url}/graphql`, await request.text()) }, `{ ${fields} }`);
  const readHealth = async () =>
    (await (await fetch(`${url}/health/ready`)).json()) as { state: string; reason: string };

  beforeAll(async () => {
    dir = await createTemporaryDir();
    const dataDir = dir.path;
    const [port, registryPort, storagePort] = [await findFreePort(), await findFreePort(), await findFreePort()];
    url = `http://127.0.0.1:${port}`;
    const keys = { dataDir, callerKeys: `${url}/.well-known/jwks.json`, port: 0 };
    const times = { leaseMs: 5000, healthIntervalMs: 100, grpcPort: 0 };
    const registry = await start('registry', ROLE_SETTINGS.registry.parse({ ...keys, ...times, port: registryPort }));
    const member = { ...keys, registry: registry.addresses.grpc ?? '' };
    const search = await start('search', ROLE_SETTINGS.search.parse({ ...member, watchIntervalMs: 50 }));
    startStorage = () =>
      start('storage', ROLE_SETTINGS.storage.parse({ ...member, port: storagePort, publicUrl: url }));
    await startStorage();
    const { callerKeys: _, ...host } = member;
    await start('peer', ROLE_SETTINGS.peer.parse({ ...host, institution: 'alpha' }));
    repository = await hostRepositories({
      adapters: [createArchive()],
      institution: { id: parseInstitutionId('far-away'), name: 'Far away', publicKey: new Uint8Array() },
      host: '127.0.0.1',
      port: 0,
      registryAddress: registry.addresses.grpc,
      log: silentLogger,
    });
    const urls = {
      searchUrl: `${search.addresses.http}/graphql`,
      storageUrl: `http://127.0.0.1:${storagePort}/graphql`,
      registryUrl: `http://127.0.0.1:${registryPort}/graphql`,
      replicationUrl: NOWHERE,
      provenanceUrl: NOWHERE,
    };
    searchUrl = urls.searchUrl;
    await start('gateway', ROLE_SETTINGS.gateway.parse({ dataDir, port, ...urls }));
    await waitFor('the archive is harvested', async () => {
      const { data, errors } = await ask(SEARCH);
      return data.searchDatasets?.sources[0]?.state === 'OK' && !errors;
    });
  }, PATIENCE_MS);
  afterAll(async () => {
    await repository?.close();
    for (const role of [...running.keys()].reverse()) await stop(role);
    await dir?.remove();
  }, PATIENCE_MS);

  it('a repository adapter: its datasets stay findable, marked STALE with a message; it is SUSPENDED', async () => {
    const before = (await ask(SEARCH)).data.searchDatasets;
    await repository?.close();
    const { data, errors } = await waitFor('the source is stale', async () => {
      const answer = await ask(`${SEARCH} ${ADAPTERS}`);
      return answer.data.searchDatasets?.sources[0]?.state === 'STALE' && answer;
    });
    expect(errors).toBeUndefined();
    expect(data.searchDatasets?.totalCount).toBe(before?.totalCount);
    expect(data.searchDatasets?.sources[0]?.message).toContain('suspended');
    expect(data.adapters?.nodes).toContainEqual({ id: 'far', state: 'SUSPENDED' });
  });

  it('storage: downloads are null with an error, what is found stays; paths of bytes answer 503', async () => {
    await stop('storage');
    const { data, errors } = await ask(SEARCH);
    expect(data.searchDatasets?.edges[0]?.node.files.nodes[0]).toMatchObject({
      path: expect.any(String),
      downloads: null,
    });
    expect(errors?.map(({ extensions }) => extensions)).toContainEqual(unavailable('storage'));
    const bytes = await fetch(`${url}/files/far%3Alorenz/data.csv`);
    expect([bytes.status, await bytes.json()]).toEqual([503, expect.objectContaining({ code: 'SOURCE_UNAVAILABLE' })]);
    const upload = await fetch(`${url}/uploads/x`, { method: 'PUT', body: 'x' });
    expect(upload.status).toBe(503);
    await startStorage();
    await waitFor('the gateway heals', async () => !(await ask(SEARCH)).errors);
  });

  it('the registry: adapters are null with an error, what is known goes on', async () => {
    await stop('registry');
    const { data, errors } = await ask(`${ADAPTERS} ${SEARCH}`);
    expect(data.adapters).toBeNull();
    expect(data.searchDatasets?.totalCount).toBeGreaterThan(0);
    expect(errors?.map(({ extensions }) => extensions)).toContainEqual(unavailable('registry'));
  });

  it('the gateway: subgraphs refuse everybody else', async () => {
    const response = await postTo(searchUrl, JSON.stringify({ query: `{ ${SEARCH} }` }));
    expect([response.status, await response.json()]).toEqual([
      401,
      { errors: [expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED', source: 'search' } })] },
    ]);
  });

  it('search: searches are null with its error; the gateway is DEGRADED as long as another subgraph answers', async () => {
    await stop('search');
    const { data, errors } = await ask(SEARCH);
    expect(data.searchDatasets).toBeNull();
    expect(errors).toEqual([expect.objectContaining({ path: ['searchDatasets'], extensions: unavailable('search') })]);
    const health = await readHealth();
    expect([health.state, health.reason]).toEqual(['DEGRADED', expect.stringContaining('subgraph:search')]);
    await stop('gateway');
    await expect(fetch(url)).rejects.toThrow();
  });
});

/** A repository of an institution, with one dataset. */
const createArchive = () =>
  createMemoryRepository({
    id: 'far',
    description: 'An archive far away',
    datasets: [
      {
        record: {
          id: 'far:lorenz',
          title: 'The Lorenz attractor, far away',
          creators: [{ name: 'Lorenz, Edward' }],
          subjects: [],
          files: [{ path: 'data.csv', sizeBytes: 2, checksums: [] }],
        },
        files: new Map([['data.csv', new Uint8Array([49, 10])]]),
      },
    ],
  });

const unavailable = (source: string) => ({ code: 'SOURCE_UNAVAILABLE', source });

const postTo = (address: string, body: string): Promise<Response> =>
  fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

/** The gateway and its subgraphs name each other, so one port is taken before its user starts. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
