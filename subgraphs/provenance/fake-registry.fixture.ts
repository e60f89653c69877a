import { SciclomaticError } from '../../core/errors.js';
import { type GrpcServer, startGrpcServer, unaryHandler } from '../../core/grpc-server.js';
import { silentLogger } from '../../core/log.js';
import { readDescriptors } from '../../proto/descriptors.js';
import {
  type Adapter,
  AdapterState,
  type RegistryServiceServer,
  RegistryServiceService,
} from '../../proto/gen/sciclomatic/registry/v1/registry.js';

export interface FakeRegistry extends GrpcServer {
  /** Who registered, and may be added to. */
  readonly adapters: Map<string, Adapter>;
}

/** A registry that believes everybody and calls everybody HEALTHY, for tests. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const adapters = new Map<string, Adapter>();
  const implementation: RegistryServiceServer = {
    register: unaryHandler(silentLogger, ({ adapter }) => {
      if (adapter === undefined) throw new SciclomaticError('BAD_INPUT', 'No adapter');
      adapters.set(adapter.id, adapter);
      return Promise.resolve({ leaseId: adapter.id, leaseMs: 60_000 });
    }),
    heartbeat: unaryHandler(silentLogger, () => Promise.resolve({ leaseMs: 60_000 })),
    deregister: unaryHandler(silentLogger, ({ leaseId }) => {
      adapters.delete(leaseId);
      return Promise.resolve({});
    }),
    listAdapters: unaryHandler(silentLogger, ({ kind }) =>
      Promise.resolve({
        adapters: [...adapters.values()]
          .filter((adapter) => adapter.kind === kind)
          .map((adapter) => ({
            adapter,
            state: AdapterState.ADAPTER_STATE_HEALTHY,
            lastSeenAtMs: 0n,
            reason: '',
          })),
      }),
    ),
  };
  const services = [{ definition: RegistryServiceService, implementation }];
  const descriptors = readDescriptors();
  const server = await startGrpcServer({ services, descriptors, host: '127.0.0.1', port: 0, log: silentLogger });
  return { ...server, adapters };
}
