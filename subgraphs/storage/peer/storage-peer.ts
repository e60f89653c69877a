import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChunksUsage, MAX_CHUNK_BYTES } from '../../../adapters/chunks/contract.js';
import {
  createFilesChunkStore,
  type FilesChunkStoreOptions,
} from '../../../adapters/chunks/files/files-chunk-store.js';
import { registerAdapter } from '../../../adapters/directory.js';
import { chunkServiceDefinition } from '../../../adapters/swarm/chunk-frame-codec.js';
import { createCall } from '../../../core/call.js';
import { lockFolder } from '../../../core/folder-lock.js';
import { startGrpcServer } from '../../../core/grpc-server.js';
import { parseAdapterId, parseInstitutionId } from '../../../core/ids.js';
import { openEnvironment } from '../../../core/lmdb.js';
import type { Logger } from '../../../core/log.js';
import { startLoop } from '../../../core/loop.js';
import type { SigningKey } from '../../../core/node-crypto.js';
import { closeParts, type Part } from '../../../core/part.js';
import { readDescriptors } from '../../../proto/descriptors.js';
import { AuditServiceService } from '../../../proto/gen/sciclomatic/storage/v1/audit.js';
import { ManifestServiceService } from '../../../proto/gen/sciclomatic/storage/v1/manifest.js';
import { createAuditService } from './audit-service.js';
import { createByteBudget } from './byte-budget.js';
import { type ChunkCollector, createChunkCollector } from './chunk-collector.js';
import { openChunkNames } from './chunk-names.js';
import { createChunkService } from './chunk-service.js';
import { peerConfigSchema } from './config.js';
import type { PeerStores } from './keep-manifest.js';
import { createManifestService } from './manifest-service.js';
import { openManifestStore } from './manifest-store.js';
import { storedBytes } from './metrics.js';

export interface StoragePeerOptions {
  /** Adapter id. */
  readonly id: string;
  readonly institution: { readonly id: string; readonly name: string };
  /** Folder of its own: `chunks/`, `incoming/`, `damaged/`, `index/`, `manifests/`, `lock`. */
  readonly dir: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** host:port of the registry; registers nowhere when absent. */
  readonly registryAddress?: string | undefined;
  /** host:port under which others reach this peer, when it is not the one that it listens on. */
  readonly advertisedAddress?: string | undefined;
  /** Bytes of chunks kept at most; absent = the disk decides. */
  readonly quotaBytes?: number | undefined;
  /** What the disk of the folder says of itself; the system is asked when absent. */
  readonly readDisk?: FilesChunkStoreOptions['readDisk'];
  /** How long a chunk that no manifest names is kept after it was last written or asked for, in milliseconds; a week when absent. */
  readonly unnamedChunkKeptMs?: number | undefined;
  /** Wait between two looks for such chunks, in milliseconds; an hour when absent. */
  readonly collectIntervalMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** The institution's key; its public half is registered. */
  readonly signingKey?: SigningKey | undefined;
  readonly log: Logger;
}

export interface StoragePeer extends Part {
  readonly id: string;
  /** host:port that it listens on. */
  readonly address: string;
  readUsage(): Promise<ChunksUsage & { readonly manifestCount: number }>;
}

/** Bytes of chunks that all streams together may hold in memory. */
const STREAM_BUDGET_BYTES = 48 * 1024 * 1024;
/** An hour: each look reads the index of all chunks. */
const DEFAULT_COLLECT_INTERVAL_MS = 3_600_000;
/** Tables of manifests, and of what they name, in one environment. */
const MAX_TABLES = 8;

/**
 * Starts one member of the swarm: ChunkService, ManifestService and AuditService on a port of its own, over a folder of
 * its own. @throws CONFLICT when the port is taken or another process has the folder, MALFORMED_ID
 */
export async function createStoragePeer(options: StoragePeerOptions): Promise<StoragePeer> {
  const id = parseAdapterId(options.id);
  const institution = { ...options.institution, id: parseInstitutionId(options.institution.id) };
  const log = options.log.child({ peer: id });
  const stores = await openStores(options, log);
  const { chunks, manifests, hold } = stores;
  const server = await startGrpcServer({
    services: [
      {
        definition: chunkServiceDefinition,
        implementation: createChunkService({ chunks, budget: createByteBudget(STREAM_BUDGET_BYTES), log }),
      },
      { definition: ManifestServiceService, implementation: createManifestService({ chunks, manifests, hold, log }) },
      { definition: AuditServiceService, implementation: createAuditService(chunks, log) },
    ],
    descriptors: readDescriptors(),
    host: options.host,
    port: options.port,
    log,
  }).catch(async (error: unknown) => {
    await stores.close();
    throw error;
  });
  const registration =
    options.registryAddress === undefined
      ? undefined
      : registerAdapter(
          options.registryAddress,
          {
            id,
            kind: 'STORAGE_PEER',
            institution: { ...institution, publicKey: options.signingKey?.publicKey ?? new Uint8Array() },
            address: options.advertisedAddress ?? server.address,
            supports: ['persistent'],
            name: `Storage of ${institution.name}`,
            description: `A member of the swarm that keeps chunks and manifests for ${institution.name}.`,
          },
          log,
        );
  const collecting = startLoop(
    'collect chunks',
    options.collectIntervalMs ?? DEFAULT_COLLECT_INTERVAL_MS,
    log,
    async (signal) => {
      const collected = await stores.collector.collect(createCall({ log, signal }));
      if (collected.chunkCount > 0) log.info({ ...collected }, 'Chunks that no manifest names were removed');
    },
  );
  const unwatch = storedBytes.watch({ peer: id }, async () => (await chunks.readUsage()).storedBytes);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    unwatch();
    server.setServing(false);
    await registration?.close();
    await collecting.stop();
    await server.close();
    await stores.close();
  };
  return {
    name: 'storage-peer',
    id,
    address: server.address,
    readUsage: async () => ({ ...(await chunks.readUsage()), manifestCount: manifests.readCount() }),
    checkHealth: async () => {
      const { freeBytes } = await chunks.readUsage();
      return freeBytes !== null && freeBytes < MAX_CHUNK_BYTES
        ? { state: 'DEGRADED', reason: `Peer ${id} has room for ${freeBytes} bytes more, which is not a whole chunk` }
        : { state: 'READY' };
    },
    close: () => (closing ??= close()),
  };
}

interface OpenStores extends PeerStores {
  readonly collector: ChunkCollector;
  close(): Promise<void>;
}

/** What was opened is closed again when a later one cannot be. */
async function openStores(options: StoragePeerOptions, log: Logger): Promise<OpenStores> {
  const { dir, quotaBytes, readDisk, now = Date.now } = options;
  const keptMs = options.unnamedChunkKeptMs ?? peerConfigSchema.shape.unnamedChunkKeptMs.parse(undefined);
  await mkdir(dir, { recursive: true });
  const lock = await lockFolder(dir, log);
  const opened: { close(): Promise<void> }[] = [{ close: lock.release }];
  const close = () => closeParts(opened);
  try {
    const files = await createFilesChunkStore({ dir, quotaBytes, readDisk });
    opened.push(files);
    const { reconciliation } = files;
    if (reconciliation && reconciliation.adopted + reconciliation.forgotten + reconciliation.damaged > 0) {
      log.info({ ...reconciliation }, 'The chunk store was put right after a crash');
    }
    const database = openEnvironment({ path: join(dir, 'manifests'), maxDbs: MAX_TABLES });
    opened.push(database);
    const manifests = await openManifestStore(database);
    const names = openChunkNames(database);
    const collector = createChunkCollector({ chunks: files, manifests, names, keptMs, now });
    const { chunks, hold } = collector;
    return { chunks, manifests, hold, collector, close };
  } catch (error) {
    await close();
    throw error;
  }
}
