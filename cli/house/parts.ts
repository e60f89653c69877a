import { join } from 'node:path';
import { createEmbeddedSearchIndex } from '../../adapters/search/embedded/embedded-search-index.js';
import type { Logger } from '../../core/log.js';
import { type HttpPart, worstHealth } from '../../core/part.js';
import { createProvenanceSubgraph, type ProvenanceSubgraph } from '../../subgraphs/provenance/main.js';
import { createReplicationSubgraph } from '../../subgraphs/replication/main.js';
import { createSearchSubgraph } from '../../subgraphs/search/main.js';
import { createStorageSubgraph } from '../../subgraphs/storage/main.js';
import type { VerifyCaller } from '../../subgraphs/subgraph.js';
import type { SigningInstitution } from './institution.js';
import { createHarvestRecorder } from './record-harvest.js';
import type { Settings } from './settings.js';
import { openStanding, type Standing } from './standing.js';

/** How each subgraph is put together from settings: the same in one process and alone. */
export interface PartOptions {
  readonly log: Logger;
  readonly verifyCaller: VerifyCaller;
  /** host:port of the registry. */
  readonly registry: string;
}

type Wide = Settings<'all'>;
type Common = Pick<Wide, 'dataDir' | 'keyDir' | 'institution' | 'institutionName' | 'host'>;

export async function startSearch(settings: Settings<'search'> | Wide, options: PartOptions): Promise<HttpPart> {
  const dir = join(settings.dataDir, 'search');
  return withStanding('search', settings, options, async (standing) =>
    createSearchSubgraph({
      ...settings,
      ...options,
      dir,
      index: await createEmbeddedSearchIndex({ dir: join(dir, 'index') }),
      directory: standing.directory,
      openRepository: standing.openRepository,
      recordHarvest: createHarvestRecorder(standing),
    }),
  );
}

export async function startStorage(settings: Settings<'storage'> | Wide, options: PartOptions): Promise<HttpPart> {
  return withStanding('storage', settings, options, (standing) =>
    createStorageSubgraph({
      ...options,
      dir: join(settings.dataDir, 'storage'),
      institution: standing.institution,
      signingKey: standing.institution.signingKey,
      directory: standing.directory,
      openRepository: standing.openRepository,
      recordProvenance: standing.recordProvenance,
      publicUrl: settings.publicUrl,
      downloadLinkMs: settings.downloadLinkMs,
      uploadLinkMs: settings.uploadLinkMs,
      uploadKeptMs: settings.uploadKeptMs,
      holdingsFreshMs: settings.holdingsFreshMs,
      concurrentMirrors: settings.concurrentMirrors,
    }),
  );
}

export async function startReplication(
  settings: Settings<'replication'> | Wide,
  options: PartOptions,
): Promise<HttpPart> {
  return withStanding('replication', settings, options, (standing) =>
    createReplicationSubgraph({
      ...options,
      dir: join(settings.dataDir, 'replication'),
      institution: standing.institution,
      signingKey: standing.institution.signingKey,
      directory: standing.directory,
      recordProvenance: standing.recordProvenance,
      requiredCopies: settings.requiredCopies,
      silentPeerGraceMs: settings.silentPeerGraceMs,
      auditIntervalMs: settings.auditIntervalMs,
      watchIntervalMs: settings.replicationWatchMs,
      auditSampleChunks: settings.auditSampleChunks,
      maxPulls: settings.maxPulls,
    }),
  );
}

export function startProvenance(
  settings: Settings<'provenance'> | (Wide & Pick<Settings<'provenance'>, 'grpcPort' | 'advertisedAddress'>),
  institution: SigningInstitution,
  options: PartOptions,
): Promise<ProvenanceSubgraph> {
  return createProvenanceSubgraph({
    ...options,
    dir: join(settings.dataDir, 'provenance'),
    origin: settings.logOrigin ?? `sciclomatic/${institution.id}`,
    institution,
    signingKey: institution.signingKey,
    host: settings.host,
    port: settings.grpcPort,
    registryAddress: options.registry,
    advertisedAddress: settings.advertisedAddress,
  });
}

/** The part, closing what it stands on after itself. */
async function withStanding(
  part: string,
  settings: Common,
  options: PartOptions,
  start: (standing: Standing) => Promise<HttpPart>,
): Promise<HttpPart> {
  const { dataDir, keyDir, institution, institutionName } = settings;
  const standing = await openStanding({
    dataDir,
    keyDir,
    institution,
    institutionName,
    registry: options.registry,
    part,
    log: options.log,
  });
  let started: HttpPart;
  try {
    started = await start(standing);
  } catch (error) {
    await standing.close();
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    name: started.name,
    fetch: (request) => started.fetch(request),
    checkHealth: async () => worstHealth([await started.checkHealth(), await standing.outbox.checkHealth()]),
    close: () => (closing ??= started.close().finally(() => standing.close())),
  };
}
