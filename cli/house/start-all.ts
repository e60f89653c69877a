import { join } from 'node:path';
import { createDirectory } from '../../adapters/directory.js';
import { hostRepositories } from '../../adapters/repositories/grpc/host.js';
import { createCallerTokenSigner, createCallerTokenVerifier, readCallerKey } from '../../core/caller-token.js';
import type { Logger } from '../../core/log.js';
import { closeParts, type Part } from '../../core/part.js';
import { createGateway, type Gateway } from '../../gateway/gateway.js';
import { createRegistrySubgraph } from '../../subgraphs/registry/main.js';
import { createStoragePeer } from '../../subgraphs/storage/peer/storage-peer.js';
import type { VerifyCaller } from '../../subgraphs/subgraph.js';
import { createRepository } from './create-repository.js';
import { openInstitution, type SigningInstitution } from './institution.js';
import { mirrorSamples } from './mirror-samples.js';
import { PORTAL_DIR, SUPERGRAPH_FILE } from './package-files.js';
import { type PartOptions, startProvenance, startReplication, startSearch, startStorage } from './parts.js';
import type { Settings } from './settings.js';

/** Every part in one process, on embedded engines. */
export interface House {
  /** Origin of the gateway: portal, GraphQL, files. */
  readonly url: string;
  /** host:port where adapters of others register. */
  readonly registryAddress: string;
  readonly gateway: Gateway;
  /** Addresses of the storage peers by institution. */
  readonly peers: ReadonlyMap<string, Part & { readonly address: string }>;
  close(): Promise<void>;
}

/** Starts everything; resolves when the gateway answers. What was started is closed again when a later part fails. */
export async function startAll(settings: Settings<'all'>, log: Logger): Promise<House> {
  const parts: Pick<Part, 'close'>[] = [];
  try {
    return await startParts(settings, log, parts);
  } catch (error) {
    await closeParts(parts).catch((closing: unknown) => log.error({ error: closing }, 'A part did not close'));
    throw error;
  }
}

async function startParts(settings: Settings<'all'>, log: Logger, parts: Pick<Part, 'close'>[]): Promise<House> {
  const { dataDir, host } = settings;
  const keep = <Started extends Pick<Part, 'close'>>(part: Started): Started => {
    parts.push(part);
    return part;
  };
  const signer = await createCallerTokenSigner({
    privateKey: await readCallerKey(join(dataDir, 'gateway', 'caller-key.pem')),
  });
  const verifyCaller = createVerifyCaller(signer.jwks);
  const registry = keep(
    await createRegistrySubgraph({
      ...settings,
      dir: join(dataDir, 'registry'),
      port: settings.registryPort,
      log,
      verifyCaller,
    }),
  );
  const options: PartOptions = { log, verifyCaller, registry: registry.address };

  const house = await openInstitution(
    settings,
    settings.institution,
    settings.peers.find(({ institution }) => institution === settings.institution)?.name ?? settings.institutionName,
  );
  const provenance = keep(await startProvenance({ ...settings, grpcPort: 0 }, house, options));
  const peers = await Promise.all(
    settings.peers.map(async ({ institution, name }) =>
      startPeer(settings, await openInstitution(settings, institution, name), options),
    ),
  );
  for (const { peer } of peers) keep(peer);
  const storage = keep(await startStorage(settings, options));
  const replication = keep(await startReplication(settings, options));
  const search = keep(await startSearch(settings, options));
  const directory = createDirectory(registry.address);
  const adapters = [{ adapter: 'sample' } as const, { adapter: 'swarm' } as const, ...settings.sources].map((source) =>
    createRepository(source, { dataDir, directory, zenodoToken: settings.zenodoToken }),
  );
  keep({ close: () => directory.close() });
  keep(await hostRepositories({ adapters, institution: house, host, port: 0, registryAddress: registry.address, log }));

  const subgraphs = { registry, provenance, storage, replication, search };
  const gateway = keep(
    await createGateway({
      supergraph: { file: SUPERGRAPH_FILE },
      subgraphs: Object.fromEntries(
        Object.entries(subgraphs).map(([name, part]) => [name, { fetch: (request: Request) => part.fetch(request) }]),
      ),
      parts: { ...subgraphs, ...Object.fromEntries(peers.map(({ peer }) => [`peer:${peer.id}`, peer])) },
      caller: { signer },
      publicUrl: settings.publicUrl,
      portalDir: PORTAL_DIR,
      corsOrigins: settings.corsOrigins,
      log,
    }),
  );
  const { url } = await gateway.listen({ host, port: settings.port });
  if (settings.mirrorSamples) keep(mirrorSamples({ dataDir, gateway, log }));
  let closing: Promise<void> | undefined;
  return {
    url,
    registryAddress: registry.address,
    gateway,
    peers: new Map(peers.map(({ institution, peer }) => [institution.id, peer])),
    close: () => (closing ??= closeParts(parts)),
  };
}

async function startPeer(settings: Settings<'all'>, institution: SigningInstitution, options: PartOptions) {
  const peer = await createStoragePeer({
    id: `peer-${institution.id}`,
    institution,
    dir: join(settings.dataDir, 'peers', institution.id),
    host: settings.host,
    port: 0,
    registryAddress: options.registry,
    quotaBytes: settings.quotaBytes,
    unnamedChunkKeptMs: settings.unnamedChunkKeptMs,
    log: options.log,
  });
  return { institution, peer };
}

/** Refuses whoever is not the gateway. */
export function createVerifyCaller(jwks: Parameters<typeof createCallerTokenVerifier>[0]['jwks']): VerifyCaller {
  const verifier = createCallerTokenVerifier({ jwks });
  return async (authorization) => {
    await verifier.verify(authorization);
  };
}
