import { join } from 'node:path';
import { createDirectory } from '../../adapters/directory.js';
import { hostRepositories } from '../../adapters/repositories/grpc/host.js';
import type { Logger } from '../../core/log.js';
import { closeParts, type HttpPart, type Part } from '../../core/part.js';
import { gatewayConfigSchema, toGatewayOptions } from '../../gateway/config.js';
import { createGateway } from '../../gateway/gateway.js';
import { startHttpServer } from '../../gateway/http-server.js';
import { createRegistrySubgraph } from '../../subgraphs/registry/main.js';
import { createStoragePeer } from '../../subgraphs/storage/peer/storage-peer.js';
import { createRepository } from './create-repository.js';
import { openInstitution } from './institution.js';
import { PORTAL_DIR, SUPERGRAPH_FILE } from './package-files.js';
import { startProvenance, startReplication, startSearch, startStorage } from './parts.js';
import { withProbes } from './probes.js';
import { type Role, type Settings, type Source, sourceSchema } from './settings.js';
import { createVerifyCaller, startAll } from './start-all.js';

/** A role that runs, and the lines that say where. */
export interface Running {
  /** What to print once it answers: name and address. */
  readonly addresses: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

type Starters = { readonly [Name in Role]: (settings: Settings<Name>, log: Logger) => Promise<Running> };

/** Time that requests under way have when a subgraph stops, in milliseconds. */
const DRAIN_MS = 5000;

const STARTERS: Starters = {
  all: async (settings, log) => {
    const house = await startAll(settings, log);
    return {
      addresses: { portal: `${house.url}/`, graphql: `${house.url}/graphql`, registry: house.registryAddress },
      close: house.close,
    };
  },
  gateway: startGatewayRole,
  registry: async (settings, log) => {
    const part = await createRegistrySubgraph({
      ...settings,
      dir: join(settings.dataDir, 'registry'),
      port: settings.grpcPort,
      log,
      verifyCaller: createVerifyCaller(new URL(settings.callerKeys)),
    });
    return serve(part, settings, { grpc: part.address });
  },
  search: async (settings, log) => serve(await startSearch(settings, partOptions(settings, log)), settings),
  storage: async (settings, log) => serve(await startStorage(settings, partOptions(settings, log)), settings),
  replication: async (settings, log) => serve(await startReplication(settings, partOptions(settings, log)), settings),
  provenance: async (settings, log) => {
    const institution = await openInstitution(settings, settings.institution, settings.institutionName);
    const part = await startProvenance(settings, institution, partOptions(settings, log));
    return serve(part, settings, { grpc: part.address });
  },
  peer: async (settings, log) => {
    const institution = await openInstitution(settings, settings.institution, settings.institutionName);
    const peer = await createStoragePeer({
      id: `peer-${institution.id}`,
      institution,
      dir: join(settings.dataDir, 'peers', institution.id),
      host: settings.host,
      port: settings.grpcPort,
      registryAddress: settings.registry,
      advertisedAddress: settings.advertisedAddress,
      quotaBytes: settings.quotaBytes,
      unnamedChunkKeptMs: settings.unnamedChunkKeptMs,
      log,
    });
    return serve(withoutPages(peer), settings, { grpc: peer.address });
  },
  repository: startRepositoryRole,
};

/** Starts one role; resolves when it answers. */
export function startRole<Name extends Role>(role: Name, settings: Settings<Name>, log: Logger): Promise<Running> {
  const start: (settings: Settings<Name>, log: Logger) => Promise<Running> = STARTERS[role];
  return start(settings, log);
}

function partOptions(settings: { readonly callerKeys: string; readonly registry: string }, log: Logger) {
  return { log, verifyCaller: createVerifyCaller(new URL(settings.callerKeys)), registry: settings.registry };
}

async function startGatewayRole(settings: Settings<'gateway'>, log: Logger): Promise<Running> {
  const { searchUrl, storageUrl, replicationUrl, provenanceUrl, registryUrl } = settings;
  const own = {
    search: searchUrl,
    storage: storageUrl,
    replication: replicationUrl,
    provenance: provenanceUrl,
    registry: registryUrl,
  };
  const config = gatewayConfigSchema.parse({
    ...settings,
    supergraph: settings.supergraph ?? SUPERGRAPH_FILE,
    callerKeyFile: settings.callerKeyFile ?? join(settings.dataDir, 'gateway', 'caller-key.pem'),
    supergraphKeepFile: settings.supergraphKeepFile ?? join(settings.dataDir, 'gateway', 'supergraph.graphql'),
    // The portal asks the house's own graph; another supergraph is served without it.
    portalDir: settings.portalDir ?? (settings.supergraph === undefined ? PORTAL_DIR : undefined),
    subgraphUrls: {
      ...settings.subgraphUrls,
      ...Object.fromEntries(Object.entries(own).filter(([, url]) => url !== undefined)),
    },
  });
  const gateway = await createGateway(toGatewayOptions(config, log));
  try {
    const { url } = await gateway.listen(config);
    return { addresses: { graphql: `${url}/graphql` }, close: () => gateway.close() };
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

async function startRepositoryRole(settings: Settings<'repository'>, log: Logger): Promise<Running> {
  const { dataDir, registry, host } = settings;
  const institution = await openInstitution(settings, settings.institution, settings.institutionName);
  const directory = createDirectory(registry);
  const sources: readonly Source[] = settings.sources.length > 0 ? settings.sources : [defaultSource(settings)];
  const repositories = await hostRepositories({
    adapters: sources.map((source) =>
      createRepository(source, { dataDir, directory, zenodoToken: settings.zenodoToken }),
    ),
    institution,
    host,
    port: settings.grpcPort,
    advertisedAddress: settings.advertisedAddress,
    registryAddress: registry,
    log,
  });
  const part = { ...repositories, close: () => closeParts([{ close: () => directory.close() }, repositories]) };
  return serve(withoutPages(part), settings, { grpc: repositories.address, registry });
}

/** One adapter by flags. A second sample repository is told from the built-in one by its institution. */
function defaultSource({ adapter, id, institution }: Settings<'repository'>): Source {
  return sourceSchema.parse({ adapter, ...(adapter === 'swarm' ? {} : { id: id ?? `${adapter}-${institution}` }) });
}

/** A part that answers gRPC only: over HTTP it has health and metrics. */
function withoutPages(part: Part): HttpPart {
  return { ...part, fetch: () => Promise.resolve(new Response('Not found', { status: 404 })) };
}

/** A part behind a socket of its own, with health and metrics beside it. */
async function serve(
  part: HttpPart,
  settings: { readonly host: string; readonly port: number },
  more: Readonly<Record<string, string>> = {},
): Promise<Running> {
  try {
    const server = await startHttpServer({
      host: settings.host,
      port: settings.port,
      fetch: withProbes(part),
      answerDirectly: () => false,
    });
    const socket: Pick<Part, 'close'> = { close: () => server.close(DRAIN_MS) };
    return { addresses: { http: server.url, ...more }, close: () => closeParts([part, socket]) };
  } catch (error) {
    await part.close();
    throw error;
  }
}
