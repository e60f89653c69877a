import { createCall } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { checkGrpcHealth } from '../../core/grpc-health.js';
import { startGrpcServer } from '../../core/grpc-server.js';
import type { Logger } from '../../core/log.js';
import { startLoop } from '../../core/loop.js';
import type { HttpPart, PartHealth } from '../../core/part.js';
import { readDescriptors } from '../../proto/descriptors.js';
import { createSubgraphGraphQL, type VerifyCaller } from '../subgraph.js';
import { type AdapterEntry, AdapterStore } from './adapter-store.js';
import type { RegistryConfig } from './config.js';
import type { Context } from './context.js';
import { createRegistryService } from './registry-service.js';
import { resolvers } from './resolvers.js';

export interface RegistrySubgraphOptions extends RegistryConfig {
  readonly dir: string;
  /** Where its gRPC server listens. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Logger;
  readonly verifyCaller: VerifyCaller;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface RegistrySubgraph extends HttpPart {
  /** host:port of RegistryService. */
  readonly address: string;
}

/** Time limit of one health check, in milliseconds. */
const HEALTH_TIMEOUT_MS = 1500;
/** Health checks in a row that may be late before an adapter is suspended. */
const MAX_SLOW_CHECKS = 3;

/** Starts the registry: RegistryService over gRPC, its GraphQL, and the watch over leases and health. */
export async function createRegistrySubgraph(options: RegistrySubgraphOptions): Promise<RegistrySubgraph> {
  const { log } = options;
  const store = await AdapterStore.open({ dir: options.dir, leaseMs: options.leaseMs, now: options.now ?? Date.now });
  const slowChecks = new Map<string, number>();
  const loop = startLoop('adapter health', options.healthIntervalMs, log, async (signal) => {
    store.suspendExpired();
    await Promise.all(store.listLeased().map((adapter) => checkAdapter(store, adapter, slowChecks, log, signal)));
  });
  const grpc = await startGrpcServer({
    services: [createRegistryService(store, () => void loop.wake(), log)],
    descriptors: readDescriptors(),
    host: options.host,
    port: options.port,
    log,
  });
  const graphql = await createSubgraphGraphQL<Context>(
    {
      name: 'registry',
      schemaUrl: new URL('./schema.graphql', import.meta.url),
      resolvers,
      createContext: (request) => ({ ...request, adapters: store }),
    },
    options,
  );
  let closing: Promise<void> | undefined;
  const close = async () => {
    await loop.stop();
    await grpc.close();
    await graphql.stop();
    await store.close();
  };
  return {
    name: 'registry',
    address: grpc.address,
    fetch: graphql.fetch,
    checkHealth: () => checkSelf(grpc.address, log),
    close: () => (closing ??= close()),
  };
}

/** The registry asks itself as its adapters do. */
async function checkSelf(address: string, log: Logger): Promise<PartHealth> {
  try {
    const serving = await checkGrpcHealth(address, createCall({ log, timeoutMs: HEALTH_TIMEOUT_MS }));
    return serving ? { state: 'READY' } : { state: 'NOT_READY', reason: `${address} says that it does not serve` };
  } catch (error) {
    return { state: 'NOT_READY', reason: `${address} does not answer: ${SciclomaticError.from(error).message}` };
  }
}

async function checkAdapter(
  store: AdapterStore,
  adapter: AdapterEntry,
  slowChecks: Map<string, number>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    const call = createCall({ log, signal, timeoutMs: HEALTH_TIMEOUT_MS });
    const serving = await checkGrpcHealth(adapter.address, call, adapter.id);
    slowChecks.delete(adapter.id);
    if (serving) store.markHealthy(adapter.id);
    else store.suspend(adapter.id, 'It says that it, or its source, does not serve');
  } catch (error) {
    if (signal.aborted) return;
    const { code } = SciclomaticError.from(error);
    const failures = (slowChecks.get(adapter.id) ?? 0) + 1;
    slowChecks.set(adapter.id, failures);
    // A refused connection is certain; an answer that is only late may be a busy machine, this one included.
    if (code === 'DEADLINE_EXCEEDED' && failures < MAX_SLOW_CHECKS) return;
    store.suspend(adapter.id, `Its health check fails: ${code}`);
  }
}
