import { credentials } from '@grpc/grpc-js';
import { type Call, createCall, limitCall } from '../core/call.js';
import { CHANNEL_OPTIONS, callUnary } from '../core/grpc-client.js';
import type { InstitutionId } from '../core/ids.js';
import type { Logger } from '../core/log.js';
import { startLoop } from '../core/loop.js';
import {
  type AdapterEntry,
  AdapterKind,
  AdapterState,
  RegistryServiceClient,
} from '../proto/gen/sciclomatic/registry/v1/registry.js';

/** What an adapter is; the names of the GraphQL enum. */
export type DirectoryKind = 'REPOSITORY' | 'STORAGE_PEER' | 'LEDGER';
export type DirectoryState = 'REGISTERED' | 'HEALTHY' | 'SUSPENDED';

export interface DirectoryInstitution {
  readonly id: InstitutionId;
  readonly name: string;
  /** Ed25519, 32 bytes; empty when it signs nothing. */
  readonly publicKey: Uint8Array;
}

/** An adapter as it describes itself. */
export interface AdapterDescription {
  readonly id: string;
  readonly kind: DirectoryKind;
  readonly institution: DirectoryInstitution;
  /** host:port of its gRPC server. */
  readonly address: string;
  /** Names that are true in its supports manifest. */
  readonly supports: readonly string[];
  readonly name: string;
  readonly description: string;
}

export interface DirectoryEntry extends AdapterDescription {
  readonly state: DirectoryState;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly lastSeenAtMs: number;
}

/** Who is there: every part finds the others through it. */
export interface Directory {
  /** Adapters of a kind, suspended ones too, by id; the last known ones while the registry is silent. */
  listAdapters(kind: DirectoryKind, call: Call): Promise<readonly DirectoryEntry[]>;
  close(): Promise<void>;
}

export interface Registration {
  /** Says goodbye and stops the heartbeats. MAY be called twice. */
  close(): Promise<void>;
}

const KINDS: Readonly<Record<DirectoryKind, AdapterKind>> = {
  REPOSITORY: AdapterKind.ADAPTER_KIND_REPOSITORY,
  STORAGE_PEER: AdapterKind.ADAPTER_KIND_STORAGE_PEER,
  LEDGER: AdapterKind.ADAPTER_KIND_LEDGER,
};

const STATES: Readonly<Record<DirectoryState, AdapterState>> = {
  REGISTERED: AdapterState.ADAPTER_STATE_REGISTERED,
  HEALTHY: AdapterState.ADAPTER_STATE_HEALTHY,
  SUSPENDED: AdapterState.ADAPTER_STATE_SUSPENDED,
};

/** How long an answer of the registry is used before it is asked again, in milliseconds. */
const FRESH_MS = 1000;
/** Time limit of one call to the registry, in milliseconds. */
const REGISTRY_TIMEOUT_MS = 3000;
/** Wait between tries while the registry is silent, in milliseconds; a third of the lease once it answered. */
const REGISTER_RETRY_MS = 500;

export function directoryKind(kind: AdapterKind): DirectoryKind | undefined {
  return (Object.keys(KINDS) as DirectoryKind[]).find((name) => KINDS[name] === kind);
}

/** An entry as the registry sends it. */
export function fromAdapterEntry(entry: DirectoryEntry): AdapterEntry {
  const { state, reason, lastSeenAtMs, ...adapter } = entry;
  return {
    adapter: { ...adapter, kind: KINDS[adapter.kind], supports: [...adapter.supports] },
    state: STATES[state],
    reason,
    lastSeenAtMs: BigInt(lastSeenAtMs),
  };
}

function directoryState(state: AdapterState): DirectoryState {
  return (Object.keys(STATES) as DirectoryState[]).find((name) => STATES[name] === state) ?? 'REGISTERED';
}

/**
 * A directory that asks the registry at host:port. Never throws because the registry is down: it says what it last knew.
 * @param now milliseconds since the epoch
 */
export function createDirectory(registryAddress: string, now: () => number = Date.now): Directory {
  const client = new RegistryServiceClient(registryAddress, credentials.createInsecure(), CHANNEL_OPTIONS);
  const known = new Map<DirectoryKind, { entries: readonly DirectoryEntry[]; askedAt: number }>();
  const asking = new Map<DirectoryKind, Promise<readonly DirectoryEntry[]>>();

  const ask = async (kind: DirectoryKind, call: Call): Promise<readonly DirectoryEntry[]> => {
    const request = { kind: KINDS[kind] };
    const response = await callUnary(
      client.listAdapters.bind(client),
      request,
      limitCall(call, REGISTRY_TIMEOUT_MS),
      'registry',
    );
    const entries = response.adapters.flatMap(({ adapter, state, reason, lastSeenAtMs }): DirectoryEntry[] => {
      const { institution } = adapter ?? {};
      if (!adapter || !institution) return [];
      return [
        {
          ...adapter,
          kind,
          institution: { ...institution, id: institution.id as InstitutionId },
          state: directoryState(state),
          reason,
          lastSeenAtMs: Number(lastSeenAtMs),
        },
      ];
    });
    known.set(kind, { entries, askedAt: now() });
    return entries;
  };

  return {
    listAdapters: async (kind, call) => {
      const last = known.get(kind);
      if (last && now() - last.askedAt < FRESH_MS) return last.entries;
      const running = asking.get(kind) ?? ask(kind, call).finally(() => asking.delete(kind));
      asking.set(kind, running);
      try {
        return await running;
      } catch (error) {
        call.log.warn({ error }, 'The registry does not answer; the adapters last known are used');
        return last?.entries ?? [];
      }
    },
    close: () => Promise.resolve(client.close()),
  };
}

/**
 * Registers an adapter and keeps its lease by heartbeats until closed. Keeps trying while the registry is down, and
 * registers again when the lease was lost: an adapter that started first, or survived its registry, finds its place.
 */
export function registerAdapter(registryAddress: string, adapter: AdapterDescription, log: Logger): Registration {
  const client = new RegistryServiceClient(registryAddress, credentials.createInsecure(), CHANNEL_OPTIONS);
  let leaseId: string | undefined;
  let beatAt = 0;
  let closed = false;
  const loop = startLoop(`register ${adapter.id}`, REGISTER_RETRY_MS, log, async (signal) => {
    if (Date.now() < beatAt) return;
    const call = createCall({ log, signal, timeoutMs: REGISTRY_TIMEOUT_MS });
    const lease = await keepLease(client, adapter, leaseId, call).catch((error: unknown) => {
      leaseId = undefined;
      throw error;
    });
    leaseId = lease.leaseId;
    beatAt = Date.now() + lease.leaseMs / 3;
  });
  return {
    close: async () => {
      if (closed) return;
      closed = true;
      await loop.stop();
      if (leaseId !== undefined) {
        const call = createCall({ log, timeoutMs: REGISTRY_TIMEOUT_MS });
        await callUnary(client.deregister.bind(client), { leaseId }, call, 'registry').catch(() => undefined);
      }
      client.close();
    },
  };
}

async function keepLease(
  client: RegistryServiceClient,
  adapter: AdapterDescription,
  leaseId: string | undefined,
  call: Call,
): Promise<{ leaseId: string; leaseMs: number }> {
  if (leaseId !== undefined) {
    const kept = await callUnary(client.heartbeat.bind(client), { leaseId }, call, 'registry');
    return { leaseId, leaseMs: kept.leaseMs };
  }
  const request = { adapter: { ...adapter, kind: KINDS[adapter.kind], supports: [...adapter.supports] } };
  return callUnary(client.register.bind(client), request, call, 'registry');
}
