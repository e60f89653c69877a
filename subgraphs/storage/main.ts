import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Directory } from '../../adapters/directory.js';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { createSwarm } from '../../adapters/swarm/swarm.js';
import { type Call, createCall } from '../../core/call.js';
import type { InstitutionId, RepositoryId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { startLoop } from '../../core/loop.js';
import type { SigningKey } from '../../core/node-crypto.js';
import { type HttpPart, worstHealth } from '../../core/part.js';
import { createSubgraphGraphQL, type VerifyCaller } from '../subgraph.js';
import { type StorageConfig, storageConfigSchema } from './config.js';
import type { Context, StorageServices } from './context.js';
import { createHoldings } from './holdings.js';
import { readOrCreateLinkKey } from './link-key.js';
import { createLoaders } from './loaders.js';
import { createMirrorer } from './mirrorer.js';
import { resolvers } from './resolvers.js';
import { createRoutes } from './routes.js';
import type { TransferServices } from './services.js';
import { createLinkSigner } from './signed-link.js';
import { openStorageState } from './state.js';
import { createSubmitter } from './submitter.js';
import { openTransferJobs } from './transfer-jobs.js';
import { openUploads } from './uploads.js';

export interface StorageSubgraphOptions extends Partial<StorageConfig> {
  readonly dir: string;
  /** Who signs manifests and provenance here; its peers are asked first. */
  readonly institution: { readonly id: InstitutionId; readonly name: string };
  readonly signingKey: SigningKey;
  readonly directory: Directory;
  /** A client of the repository's adapter; closed after each use. @throws SOURCE_UNAVAILABLE, UNKNOWN_REPOSITORY */
  readonly openRepository: (id: RepositoryId, call: Call) => Promise<RepositoryAdapter>;
  /** Keeps a signed provenance entry durably; MUST be idempotent. */
  readonly recordProvenance: (entry: Uint8Array) => Promise<void>;
  /** Origin of links, without a slash at the end; when absent, the one under which the client reached the gateway. */
  readonly publicUrl?: string | undefined;
  /** Secret of at least 32 bytes that links are signed with; kept in the folder when absent. */
  readonly linkKey?: Uint8Array | undefined;
  readonly log: Logger;
  readonly verifyCaller: VerifyCaller;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Waits before a source that broke off is asked again; real time when absent. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Wait between two looks for uploads that nobody named, in milliseconds. */
const CLEAN_INTERVAL_MS = 600_000;
/** Wait before interrupted submissions are tried again, in milliseconds, until a peer is there. */
const RESUME_INTERVAL_MS = 2000;

/** Starts the way into and out of the swarm: uploads, submissions, mirrors, downloads. It holds no chunks itself. */
export async function createStorageSubgraph(options: StorageSubgraphOptions): Promise<HttpPart> {
  const { dir, directory, institution } = options;
  const log = options.log.child({ subgraph: 'storage' });
  const now = options.now ?? Date.now;
  const config = storageConfigSchema.parse(options);
  await mkdir(dir, { recursive: true });
  const linkKey = options.linkKey ?? (await readOrCreateLinkKey(join(dir, 'link.key')));
  const state = openStorageState(join(dir, 'state'));
  const swarm = createSwarm({ directory, nearInstitution: institution.id });
  const holdings = createHoldings(swarm, config.holdingsFreshMs, now);
  const jobs = openTransferJobs(state, now);
  const transfer: TransferServices = { ...options, swarm, holdings, state, jobs, log, now };
  const uploads = openUploads(state, config.uploadKeptMs, now);
  const submitter = createSubmitter(transfer, uploads, config.uploadKeptMs);
  const mirrorer = createMirrorer(transfer, { ...config, wait: options.wait });
  const links = createLinkSigner(linkKey, now);
  const services: StorageServices = { uploads, jobs, submitter, mirrorer, links, holdings, config, now };
  const routes = createRoutes({ swarm, holdings, links, uploads }, options.log);
  const graphql = await createSubgraphGraphQL<Context>(
    {
      name: 'storage',
      schemaUrl: new URL('./schema.graphql', import.meta.url),
      resolvers,
      createContext: (request) => ({
        ...request,
        ...services,
        publicUrl: options.publicUrl ?? request.publicUrl,
        loaders: createLoaders(swarm, holdings, request.call),
      }),
    },
    options,
  );
  const loops = [
    startLoop('storage cleaning', CLEAN_INTERVAL_MS, log, async () => {
      await uploads.removeExpired();
      await submitter.removeExpired();
    }),
    startLoop('storage resume', RESUME_INTERVAL_MS, log, (signal) => submitter.resume(createCall({ log, signal }))),
  ];
  mirrorer.resume();
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await mirrorer.stop();
    for (const loop of loops) await loop.stop();
    await graphql.stop();
    await swarm.close();
    await state.close();
  };
  return {
    name: 'storage',
    fetch: (request) => routes(request) ?? graphql.fetch(request),
    checkHealth: async () => {
      const peers = await swarm.listPeers(createCall({ log }));
      const answered = peers.some(({ healthy }) => healthy);
      return worstHealth([
        answered ? { state: 'READY' } : { state: 'DEGRADED', reason: 'No storage peer is healthy' },
        await state.checkHealth(),
      ]);
    },
    close: () => (closing ??= close()),
  };
}
