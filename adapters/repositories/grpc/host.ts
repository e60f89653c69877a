import { createCall, endCall } from '../../../core/call.js';
import type { SciclomaticError } from '../../../core/errors.js';
import { startGrpcServer } from '../../../core/grpc-server.js';
import type { RepositoryId } from '../../../core/ids.js';
import type { Logger } from '../../../core/log.js';
import { startLoop } from '../../../core/loop.js';
import type { Part, PartHealth } from '../../../core/part.js';
import { readDescriptors } from '../../../proto/descriptors.js';
import {
  type AdapterDescription,
  type DirectoryInstitution,
  type Registration,
  registerAdapter,
} from '../../directory.js';
import type { RepositoryAdapter } from '../contract.js';
import { createRepositoryService } from './server.js';
import { watchSource } from './source-watch.js';

export interface RepositoryHostOptions {
  /** Closed with the host. */
  readonly adapters: readonly RepositoryAdapter[];
  readonly institution: DirectoryInstitution;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Address under which others reach the server, `host:port`; default: where it listens. */
  readonly advertisedAddress?: string | undefined;
  /** host:port of RegistryService; absent = not registered. */
  readonly registryAddress?: string | undefined;
  /** Wait before a source that fails is first tried again, in milliseconds; doubled with each try up to ten seconds. */
  readonly retrySourceMs?: number | undefined;
  readonly log: Logger;
}

export interface RepositoryHost extends Part {
  /** host:port of RepositoryService. */
  readonly address: string;
}

/** Time limit of an adapter's own description, in milliseconds. */
const DESCRIBE_TIMEOUT_MS = 5000;

/** Wait before the first try of a source that fails, in milliseconds: one that only stumbled is missed by nobody. */
const FIRST_RETRY_MS = 500;
/** Longest wait between two tries, in milliseconds: seldom enough for who is down. */
const MAX_RETRY_MS = 10_000;
/** Why a source fails, and when it is tried again. */
interface SourceFailure {
  readonly error: SciclomaticError;
  waitMs: number;
  /** Milliseconds on the process's own clock. */
  nextTryAtMs: number;
}

/** Time limit of such a try, in milliseconds. */
const RETRY_TIMEOUT_MS = 60_000;

/**
 * Serves repository adapters over gRPC and registers each of them under its repository's id. Under that id grpc.health.v1
 * says NOT_SERVING from when its source fails a description or a listing. Nobody harvests it then, so that the source is
 * tried here until it gives datasets again.
 */
export async function hostRepositories(options: RepositoryHostOptions): Promise<RepositoryHost> {
  const { registryAddress, log } = options;
  const firstWaitMs = options.retrySourceMs ?? FIRST_RETRY_MS;
  const failures = new Map<RepositoryId, SourceFailure>();
  const adapters = options.adapters.map((adapter) =>
    watchSource(adapter, (error) => {
      if (failures.has(adapter.id) === (error !== undefined)) return;
      if (error) failures.set(adapter.id, { error, waitMs: firstWaitMs, nextTryAtMs: performance.now() + firstWaitMs });
      else failures.delete(adapter.id);
      log.warn({ error, repository: adapter.id }, error ? 'Its source fails' : 'Its source is well again');
      server.setServing(error === undefined, adapter.id);
    }),
  );
  const server = await startGrpcServer({
    services: [createRepositoryService(adapters, log)],
    descriptors: readDescriptors(),
    host: options.host,
    port: options.port,
    log,
  });
  for (const { id } of adapters) server.setServing(true, id);
  const retrying = startLoop('retry sources', firstWaitMs, log, async (signal) => {
    const due = adapters.filter(({ id }) => isDue(failures.get(id)));
    await Promise.all(due.map((adapter) => trySource(adapter, log, signal)));
  });
  const registrations: Registration[] = [];
  let closing: Promise<void> | undefined;
  const close = async () => {
    await retrying.stop();
    await Promise.all(registrations.map((registration) => registration.close()));
    await server.close();
    await Promise.all(adapters.map((adapter) => adapter.close()));
  };
  try {
    const address = options.advertisedAddress ?? server.address;
    for (const adapter of registryAddress === undefined ? [] : adapters) {
      const description = await describeAdapter(adapter, options, address);
      registrations.push(registerAdapter(registryAddress ?? '', description, log));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    name: 'repository',
    address: server.address,
    checkHealth: () => Promise.resolve(describeHealth(failures)),
    close: () => (closing ??= close()),
  };
}

async function describeAdapter(
  adapter: RepositoryAdapter,
  { institution, log }: RepositoryHostOptions,
  address: string,
): Promise<AdapterDescription> {
  const { id, name, description } = await adapter.describe(createCall({ log, timeoutMs: DESCRIBE_TIMEOUT_MS }));
  const supports = Object.entries(adapter.supports).flatMap(([capability, offered]) => (offered ? [capability] : []));
  return { id, kind: 'REPOSITORY', institution, address, supports, name, description };
}

/** Whether to try again now; then the next try comes twice as late. */
function isDue(failure: SourceFailure | undefined): boolean {
  if (failure === undefined || performance.now() < failure.nextTryAtMs) return false;
  failure.waitMs = Math.min(failure.waitMs * 2, MAX_RETRY_MS);
  failure.nextTryAtMs = performance.now() + failure.waitMs;
  return true;
}

/** Asks for the first datasets; what comes of it is told where the adapter is watched. */
async function trySource(adapter: RepositoryAdapter, log: Logger, signal: AbortSignal): Promise<void> {
  const call = createCall({ log, signal, timeoutMs: RETRY_TIMEOUT_MS });
  try {
    await adapter.describe(call);
    for await (const _ of adapter.listDatasets(undefined, call)) break;
  } catch (error) {
    log.debug({ error, repository: adapter.id }, 'Its source still fails');
  } finally {
    endCall(call);
  }
}

function describeHealth(failures: ReadonlyMap<RepositoryId, SourceFailure>): PartHealth {
  if (failures.size === 0) return { state: 'READY' };
  return { state: 'DEGRADED', reason: [...failures].map(([id, { error }]) => `${id}: ${error.message}`).join('; ') };
}
