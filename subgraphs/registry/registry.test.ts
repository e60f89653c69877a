import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AdapterDescription, createDirectory, registerAdapter } from '../../adapters/directory.js';
import { SciclomaticError } from '../../core/errors.js';
import { callUnary } from '../../core/grpc-client.js';
import { type GrpcServer, startGrpcServer } from '../../core/grpc-server.js';
import { parseInstitutionId } from '../../core/ids.js';
import { silentLogger } from '../../core/log.js';
import { createTestCall } from '../../core/test-call.js';
import { readDescriptors } from '../../proto/descriptors.js';
import { RegistryServiceClient } from '../../proto/gen/sciclomatic/registry/v1/registry.js';
import { askSubgraph } from '../../test/ask-subgraph.js';
import { createTemporaryDir, type TemporaryDir } from '../../test/temporary-dir.js';
import { waitFor } from '../../test/wait-for.js';
import { AdapterStore } from './adapter-store.js';
import { createRegistrySubgraph, type RegistrySubgraph } from './main.js';

const describeAdapter = (id: string, address: string, institution = 'north'): AdapterDescription => ({
  id,
  kind: 'REPOSITORY',
  institution: {
    id: parseInstitutionId(institution),
    name: `University of the ${institution}`,
    publicKey: new Uint8Array(32).fill(7),
  },
  address,
  supports: ['files', 'ranges'],
  name: `The ${id}`,
  description: 'A repository of a test',
});

const startServer = (port = 0) =>
  startGrpcServer({ services: [], descriptors: readDescriptors(), host: '127.0.0.1', port, log: silentLogger });

describe('the registry', () => {
  let dir: TemporaryDir;
  let registry: RegistrySubgraph;
  let server: GrpcServer;
  const start = () =>
    createRegistrySubgraph({
      dir: dir.path,
      host: '127.0.0.1',
      port: 0,
      leaseMs: 1000,
      healthIntervalMs: 100,
      log: silentLogger,
      verifyCaller: () => Promise.resolve(),
    });
  const stateOf = async (id: string) => {
    const { data } = await askSubgraph<{ adapters: { nodes: { id: string; state: string; reason: string | null }[] } }>(
      registry,
      '{ adapters { nodes { id state reason } } }',
    );
    return data.adapters.nodes.find((node) => node.id === id);
  };

  beforeEach(async () => {
    dir = await createTemporaryDir();
    registry = await start();
    server = await startServer();
  });
  afterEach(async () => {
    await server.close();
    await registry.close();
    await dir.remove();
  });

  it('takes an adapter from REGISTERED to HEALTHY to SUSPENDED and back', async () => {
    const registration = registerAdapter(registry.address, describeAdapter('far', server.address), silentLogger);
    await waitFor('far is healthy', async () => (await stateOf('far'))?.state === 'HEALTHY');
    const { port } = server;
    await server.close();
    const suspended = await waitFor('far is suspended', async () => {
      const entry = await stateOf('far');
      return entry?.state === 'SUSPENDED' && entry;
    });
    expect(suspended.reason).toContain('SOURCE_UNAVAILABLE');
    server = await startServer(port);
    await waitFor('far is healthy again', async () => (await stateOf('far'))?.state === 'HEALTHY');
    await registration.close();
    expect(await stateOf('far')).toMatchObject({ state: 'SUSPENDED', reason: 'It said goodbye' });
  });

  it('suspends an adapter of several on one server by its own health', async () => {
    const registrations = ['far', 'near'].map((id) =>
      registerAdapter(registry.address, describeAdapter(id, server.address), silentLogger),
    );
    server.setServing(false, 'far');
    await waitFor('far is suspended', async () => (await stateOf('far'))?.state === 'SUSPENDED');
    await waitFor('near is healthy', async () => (await stateOf('near'))?.state === 'HEALTHY');
    expect((await stateOf('far'))?.reason).toContain('source');
    server.setServing(true, 'far');
    await waitFor('far is healthy', async () => (await stateOf('far'))?.state === 'HEALTHY');
    await Promise.all(registrations.map((registration) => registration.close()));
  });

  it('answers what the public query asks of an adapter', async () => {
    const registration = registerAdapter(registry.address, describeAdapter('far', server.address), silentLogger);
    await waitFor('far is healthy', async () => (await stateOf('far'))?.state === 'HEALTHY');
    const { data, errors } = await askSubgraph<{ adapters: { nodes: { lastSeenAt: string }[] } }>(
      registry,
      '{ adapters { totalCount nodes { id kind institution { id name publicKey } supports lastSeenAt address } } repository(id: "far") { name adapter { id } } }',
    );
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      adapters: {
        totalCount: 1,
        nodes: [
          {
            id: 'far',
            kind: 'REPOSITORY',
            institution: { id: 'north', name: 'University of the north' },
            supports: ['files', 'ranges'],
          },
        ],
      },
      repository: { name: 'The far', adapter: { id: 'far' } },
    });
    expect(Date.now() - Date.parse(data.adapters.nodes[0]?.lastSeenAt ?? '')).toBeLessThan(60_000);
    await registration.close();
  });

  it('is found again by adapters that outlive it, and remembers those that do not', async () => {
    const registration = registerAdapter(registry.address, describeAdapter('far', server.address), silentLogger);
    await waitFor('far is healthy', async () => (await stateOf('far'))?.state === 'HEALTHY');
    await registration.close();
    await registry.close();
    registry = await start();
    expect(await stateOf('far')).toMatchObject({
      state: 'SUSPENDED',
      reason: 'The registry restarted; no heartbeat yet',
    });
  });

  it('lets a directory go on with what it last knew while the registry is silent', async () => {
    const registration = registerAdapter(registry.address, describeAdapter('far', server.address), silentLogger);
    let now = 0;
    const directory = createDirectory(registry.address, () => {
      now += 60_000;
      return now;
    });
    await waitFor(
      'the directory lists far',
      async () => (await directory.listAdapters('REPOSITORY', createTestCall())).length === 1,
    );
    expect(await directory.listAdapters('LEDGER', createTestCall())).toEqual([]);
    await registration.close();
    await registry.close();
    expect((await directory.listAdapters('REPOSITORY', createTestCall())).map(({ id }) => id)).toEqual(['far']);
    await directory.close();
    registry = await start();
  });

  it('answers a heartbeat without a lease with LEASE_EXPIRED', async () => {
    const client = new RegistryServiceClient(registry.address, credentials.createInsecure());
    const beat = callUnary(client.heartbeat.bind(client), { leaseId: 'none' }, createTestCall(), 'registry');
    await expect(beat).rejects.toMatchObject({ code: 'LEASE_EXPIRED' });
    client.close();
  });

  it('pages adapters, and refuses a bad cursor and a page that is too large', async () => {
    const registrations = ['a', 'b', 'c'].map((id) =>
      registerAdapter(registry.address, describeAdapter(id, server.address), silentLogger),
    );
    await waitFor('all are there', async () => (await stateOf('a')) && (await stateOf('b')) && (await stateOf('c')));
    type Page = { adapters: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
    const query =
      'query ($after: String) { adapters(first: 2, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';
    const one = (await askSubgraph<Page>(registry, query)).data.adapters;
    expect([one.nodes.map(({ id }) => id), one.pageInfo.hasNextPage]).toEqual([['a', 'b'], true]);
    const two = (await askSubgraph<Page>(registry, query, { after: one.pageInfo.endCursor })).data.adapters;
    expect([two.nodes.map(({ id }) => id), two.pageInfo.hasNextPage]).toEqual([['c'], false]);
    expect((await askSubgraph(registry, query, { after: 'bogus' })).errors?.[0]?.extensions).toEqual({
      code: 'BAD_CURSOR',
      source: 'registry',
    });
    expect(
      (await askSubgraph(registry, '{ adapters(first: 100000) { totalCount } }')).errors?.[0]?.extensions.code,
    ).toBe('LIMIT_EXCEEDED');
    await Promise.all(registrations.map((registration) => registration.close()));
  });
});

describe('the adapter store', () => {
  let dir: TemporaryDir;
  beforeEach(async () => {
    dir = await createTemporaryDir();
  });
  afterEach(() => dir.remove());

  it('gives an id to one institution only, and ends leases', async () => {
    let now = 1000;
    const store = await AdapterStore.open({ dir: dir.path, leaseMs: 100, now: () => now });
    const { leaseId } = await store.register(describeAdapter('far', '127.0.0.1:1'));
    await expect(store.register(describeAdapter('far', '127.0.0.1:1', 'south'))).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    now += 60;
    expect(store.renew(leaseId)).toBe(100);
    now += 101;
    expect(() => store.renew(leaseId)).toThrow(SciclomaticError);
    store.suspendExpired();
    expect(store.read('far')).toMatchObject({ state: 'SUSPENDED' });
    await store.close();
  });

  it('leaves an adapter suspended that said goodbye while its health was being checked', async () => {
    const store = await AdapterStore.open({ dir: dir.path, leaseMs: 100, now: () => 0 });
    const { leaseId } = await store.register(describeAdapter('far', '127.0.0.1:1'));
    store.release(leaseId);
    store.markHealthy('far');
    expect(store.read('far')).toMatchObject({ state: 'SUSPENDED', reason: 'It said goodbye' });
    await store.close();
  });

  it.each([
    ['an address without a port', { address: 'nowhere' }],
    ['a capability that is no name', { supports: ['no spaces please'] }],
    [
      'a key of the wrong length',
      { institution: { id: parseInstitutionId('north'), name: '', publicKey: new Uint8Array(5) } },
    ],
  ])('refuses %s', async (_what, wrong) => {
    const store = await AdapterStore.open({ dir: dir.path, leaseMs: 100, now: () => 0 });
    await expect(store.register({ ...describeAdapter('far', '127.0.0.1:1'), ...wrong })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    await store.close();
  });
});
