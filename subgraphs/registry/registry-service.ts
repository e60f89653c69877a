import {
  type AdapterDescription,
  type DirectoryKind,
  directoryKind,
  fromAdapterEntry,
} from '../../adapters/directory.js';
import { SciclomaticError } from '../../core/errors.js';
import { type GrpcService, unaryHandler } from '../../core/grpc-server.js';
import { parseInstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import {
  type Adapter,
  type DeregisterRequest,
  type DeregisterResponse,
  type HeartbeatRequest,
  type HeartbeatResponse,
  type ListAdaptersRequest,
  type ListAdaptersResponse,
  type RegisterRequest,
  type RegisterResponse,
  RegistryServiceService,
} from '../../proto/gen/sciclomatic/registry/v1/registry.js';
import type { AdapterStore } from './adapter-store.js';

/** RegistryService over the store. `registered` is called after each registration, so that its health is checked at once. */
export function createRegistryService(store: AdapterStore, registered: () => void, log: Logger): GrpcService {
  return {
    definition: RegistryServiceService,
    implementation: {
      register: unaryHandler<RegisterRequest, RegisterResponse>(log, async ({ adapter }) => {
        const lease = await store.register(parseAdapter(adapter));
        registered();
        return lease;
      }),
      heartbeat: unaryHandler<HeartbeatRequest, HeartbeatResponse>(log, async ({ leaseId }) => ({
        leaseMs: store.renew(leaseId),
      })),
      deregister: unaryHandler<DeregisterRequest, DeregisterResponse>(log, ({ leaseId }) => {
        store.release(leaseId);
        return Promise.resolve({});
      }),
      listAdapters: unaryHandler<ListAdaptersRequest, ListAdaptersResponse>(log, ({ kind }) => {
        const wanted: DirectoryKind | undefined = directoryKind(kind);
        const entries = store.list().filter((entry) => wanted === undefined || entry.kind === wanted);
        return Promise.resolve({ adapters: entries.map(fromAdapterEntry) });
      }),
    },
  };
}

function parseAdapter(adapter: Adapter | undefined): AdapterDescription {
  const kind = adapter && directoryKind(adapter.kind);
  if (!adapter?.institution || kind === undefined) {
    throw new SciclomaticError('BAD_INPUT', 'A registration needs an adapter with a kind and an institution');
  }
  return { ...adapter, kind, institution: { ...adapter.institution, id: parseInstitutionId(adapter.institution.id) } };
}
