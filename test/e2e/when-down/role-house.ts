import { once } from 'node:events';
import { createServer } from 'node:net';
import { ROLE_SETTINGS, type Role, type Settings } from '../../../cli/house/settings.js';
import { type Running, startRole } from '../../../cli/house/start-role.js';
import { silentLogger } from '../../../core/log.js';
import { askSubgraph } from '../../ask-subgraph.js';
import { type CommandSession, openCommandSession } from '../../command-session.js';
import type { TestHouse } from '../../start-test-house.js';

/** What may be stopped alone. */
export type StoppablePart = 'replication' | 'provenance' | 'peer:alpha' | 'peer:beta' | 'peer:gamma';

/** A house whose parts stand behind sockets of their own, as separate processes do, so that one may go alone. */
export interface RoleHouse extends Pick<TestHouse, 'ask'> {
  /** Origin of the gateway. */
  readonly url: string;
  readonly session: CommandSession;
  /** Ends one part; whoever asks it then finds the port closed. */
  stop(part: StoppablePart): Promise<void>;
  /** Starts it again, on the same folder. */
  start(part: StoppablePart): Promise<void>;
  close(): Promise<void>;
}

/** Every role in this process, on free ports of loopback and at short intervals, below one data folder. */
export async function startRoleHouse(dataDir: string): Promise<RoleHouse> {
  const running = new Map<string, Running>();
  try {
    return await startRoles(dataDir, running);
  } catch (error) {
    await closeAll(running);
    throw error;
  }
}

async function closeAll(running: Map<string, Running>): Promise<void> {
  for (const role of [...running.values()].reverse()) await role.close();
  running.clear();
}

async function startRoles(dataDir: string, running: Map<string, Running>): Promise<RoleHouse> {
  const [port, ...others] = [await findFreePort(), await findFreePort(), await findFreePort(), await findFreePort()];
  const [registryPort, replicationPort, provenancePort] = others;
  const url = `http://127.0.0.1:${port}`;
  const start = async <Name extends Role>(name: string, role: Name, settings: Settings<Name>): Promise<Running> => {
    const started = await startRole(role, settings, silentLogger);
    running.set(name, started);
    return started;
  };
  const callerKeys = `${url}/.well-known/jwks.json`;
  const { addresses } = await start(
    'registry',
    'registry',
    ROLE_SETTINGS.registry.parse({
      dataDir,
      callerKeys,
      port: registryPort,
      grpcPort: 0,
      healthIntervalMs: 200,
    }),
  );
  const member = { dataDir, registry: addresses.grpc };
  const subgraph = { ...member, callerKeys };
  const intervals = { replicationWatchMs: 100, auditIntervalMs: 1000 };
  const startPeer = (institution: string) => () =>
    start(`peer:${institution}`, 'peer', ROLE_SETTINGS.peer.parse({ ...member, institution }));
  const starters: Record<StoppablePart, () => Promise<Running>> = {
    replication: () =>
      start(
        'replication',
        'replication',
        ROLE_SETTINGS.replication.parse({ ...subgraph, ...intervals, port: replicationPort }),
      ),
    provenance: () =>
      start('provenance', 'provenance', ROLE_SETTINGS.provenance.parse({ ...subgraph, port: provenancePort })),
    'peer:alpha': startPeer('alpha'),
    'peer:beta': startPeer('beta'),
    'peer:gamma': startPeer('gamma'),
  };
  const startPart = async (part: StoppablePart) => void (await starters[part]());
  const stopPart = async (part: string) => {
    await running.get(part)?.close();
    running.delete(part);
  };
  await Promise.all((Object.keys(starters) as StoppablePart[]).map(startPart));
  const storage = await start('storage', 'storage', ROLE_SETTINGS.storage.parse({ ...subgraph, publicUrl: url }));
  const search = await start(
    'search',
    'search',
    ROLE_SETTINGS.search.parse({ ...subgraph, swarmIntervalMs: 100, watchIntervalMs: 50 }),
  );
  await start('repository', 'repository', ROLE_SETTINGS.repository.parse({ ...member, adapter: 'swarm' }));
  await start(
    'gateway',
    'gateway',
    ROLE_SETTINGS.gateway.parse({
      dataDir,
      port,
      searchUrl: graphqlOf(search),
      storageUrl: graphqlOf(storage),
      replicationUrl: `http://127.0.0.1:${replicationPort}/graphql`,
      provenanceUrl: `http://127.0.0.1:${provenancePort}/graphql`,
      registryUrl: `http://127.0.0.1:${registryPort}/graphql`,
    }),
  );
  return {
    url,
    session: openCommandSession(url),
    ask: (query, variables) => askSubgraph({ fetch: (request) => fetchFrom(url, request) }, query, variables),
    stop: stopPart,
    start: startPart,
    close: () => closeAll(running),
  };
}

const graphqlOf = (running: Running): string => `${running.addresses.http ?? ''}/graphql`;

async function fetchFrom(origin: string, request: Request): Promise<Response> {
  return fetch(`${origin}/graphql`, { method: 'POST', headers: request.headers, body: await request.text() });
}

/** Taken before its user starts, because parts name each other by it. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
