import { createCall } from '../../../core/call.js';
import { startGrpcServer } from '../../../core/grpc-server.js';
import type { Logger } from '../../../core/log.js';
import type { Part } from '../../../core/part.js';
import { readDescriptors } from '../../../proto/descriptors.js';
import { type DirectoryInstitution, type Registration, registerAdapter } from '../../directory.js';
import type { RepositoryAdapter } from '../contract.js';
import { createRepositoryService } from './server.js';

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
  readonly log: Logger;
}

export interface RepositoryHost extends Part {
  /** host:port of RepositoryService. */
  readonly address: string;
}

/** Time limit of an adapter's own description, in milliseconds. */
const DESCRIBE_TIMEOUT_MS = 5000;

/** Serves repository adapters over gRPC and registers each of them under its repository's id. */
export async function hostRepositories(options: RepositoryHostOptions): Promise<RepositoryHost> {
  const { adapters, institution, registryAddress, log } = options;
  const server = await startGrpcServer({
    services: [createRepositoryService(adapters, log)],
    descriptors: readDescriptors(),
    host: options.host,
    port: options.port,
    log,
  });
  const registrations: Registration[] = [];
  if (registryAddress !== undefined) {
    for (const adapter of adapters) {
      const { id, name, description } = await adapter.describe(createCall({ log, timeoutMs: DESCRIBE_TIMEOUT_MS }));
      const supports = Object.entries(adapter.supports).flatMap(([capability, offered]) =>
        offered ? [capability] : [],
      );
      const address = options.advertisedAddress ?? server.address;
      registrations.push(
        registerAdapter(
          registryAddress,
          { id, kind: 'REPOSITORY', institution, address, supports, name, description },
          log,
        ),
      );
    }
  }
  let closing: Promise<void> | undefined;
  const close = async () => {
    await Promise.all(registrations.map((registration) => registration.close()));
    await server.close();
    await Promise.all(adapters.map((adapter) => adapter.close()));
  };
  return {
    name: 'repository',
    address: server.address,
    checkHealth: () => Promise.resolve({ state: 'READY' }),
    close: () => (closing ??= close()),
  };
}
