import { join } from 'node:path';
import { type AdapterDescription, createDirectory, type Directory, registerAdapter } from '../../adapters/directory.js';
import type { Ledger } from '../../adapters/ledger/contract.js';
import { createFilesLedger } from '../../adapters/ledger/files/files-ledger.js';
import { type Call, createCall } from '../../core/call.js';
import { type GrpcServer, startGrpcServer } from '../../core/grpc-server.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { nodeCrypto, type SigningKey } from '../../core/node-crypto.js';
import { closeParts, type HttpPart, type Part, type PartHealth } from '../../core/part.js';
import { createVerifierKey, formatVerifierKey } from '../../formats/tlog/signed-note.js';
import { readDescriptors } from '../../proto/descriptors.js';
import { createSubgraphGraphQL, type VerifyCaller } from '../subgraph.js';
import type { Context } from './context.js';
import { createLedgerService } from './ledger-service.js';
import { createLoaders } from './loaders.js';
import { LogReader } from './log-reader.js';
import { ledgerEntries } from './metrics.js';
import { ProvenanceIndex } from './provenance-index.js';
import { provenanceResolvers } from './resolvers.js';

export interface ProvenanceSubgraphOptions {
  /** Where the index lies, and the log when no ledger is given. */
  readonly dir: string;
  /** Name of the log, the first line of its checkpoints: a URL without scheme, no white space, no "+". */
  readonly origin: string;
  /** The institution's key: it signs the checkpoints. */
  readonly signingKey: SigningKey;
  readonly institution: { readonly id: InstitutionId; readonly name: string };
  /** Where LedgerService listens. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** host:port of the registry; absent = this ledger registers nowhere and knows no institution's key but its own. */
  readonly registryAddress?: string | undefined;
  /** Id under which it registers. */
  readonly adapterId?: string | undefined;
  /** host:port under which others reach it, where that is not host and port. */
  readonly advertisedAddress?: string | undefined;
  /** Closed with the part. Absent = tiles on disk in `dir`. */
  readonly ledger?: Ledger | undefined;
  readonly log: Logger;
  readonly verifyCaller: VerifyCaller;
}

export interface ProvenanceSubgraph extends HttpPart {
  /** host:port of LedgerService. */
  readonly address: string;
  /** The log's key, C2SP text form. */
  readonly verifierKey: string;
}

/** Time limit of reading the log at the start, in milliseconds; what is left is read with the first question. */
const INDEX_TIMEOUT_MS = 60_000;
/** Time limit of a health check, in milliseconds. */
const HEALTH_TIMEOUT_MS = 2000;

/**
 * The institution's log: LedgerService over gRPC, and the questions of schema.graphql over it.
 * @throws CONFLICT when the port is taken or another process has the log open; DATA_CORRUPT when the log's own files do not
 * fit together
 */
export async function createProvenanceSubgraph(options: ProvenanceSubgraphOptions): Promise<ProvenanceSubgraph> {
  const { origin, signingKey, registryAddress } = options;
  const log = options.log.child({ part: 'provenance' });
  const verifierKey = formatVerifierKey(createVerifierKey(origin, signingKey.publicKey, nodeCrypto));
  // In the order of their opening; a start that fails in the middle closes what it opened.
  const opened: Pick<Part, 'close'>[] = [];
  try {
    const ledger =
      options.ledger ?? (await createFilesLedger({ dir: join(options.dir, 'log'), origin, key: signingKey }));
    opened.push(ledger);
    const unwatch = ledgerEntries.watch({ origin }, () =>
      ledger.readSize(createCall({ log, timeoutMs: HEALTH_TIMEOUT_MS })),
    );
    opened.push({ close: async () => unwatch() });
    const index = new ProvenanceIndex(join(options.dir, 'index'), ledger);
    opened.push(index);
    await index.catchUp(createCall({ log, timeoutMs: INDEX_TIMEOUT_MS }));
    const directory = registryAddress === undefined ? undefined : createDirectory(registryAddress);
    if (directory !== undefined) opened.push(directory);
    const server = await startLedgerServer({ ...options, log }, ledger, index, directory, verifierKey);
    opened.push(server);
    const graphql = await createSubgraphGraphQL<Context>(
      {
        name: 'provenance',
        schemaUrl: new URL('schema.graphql', import.meta.url),
        resolvers: provenanceResolvers,
        createContext: (request) => {
          const reader = new LogReader(ledger, index, verifierKey);
          return { ...request, log: reader, loaders: createLoaders(reader, request.call) };
        },
      },
      { log, verifyCaller: options.verifyCaller },
    );
    opened.push({ close: () => graphql.stop() });
    if (registryAddress !== undefined) {
      opened.push(registerAdapter(registryAddress, describeLedger(options, ledger, server.address), log));
    }
    let closing: Promise<void> | undefined;
    return {
      name: 'provenance',
      address: server.address,
      verifierKey,
      fetch: (request) => graphql.fetch(request),
      checkHealth: () => checkHealth(ledger, log),
      close: () => (closing ??= closeParts(opened)),
    };
  } catch (error) {
    await closeParts(opened);
    throw error;
  }
}

async function startLedgerServer(
  options: ProvenanceSubgraphOptions,
  ledger: Ledger,
  index: ProvenanceIndex,
  directory: Directory | undefined,
  verifierKey: string,
): Promise<GrpcServer> {
  const { host, port, institution, log, signingKey } = options;
  const service = createLedgerService({
    ledger,
    verifierKey,
    listInstitutionKeys: async (agent, call) => [
      ...(agent === institution.id ? [signingKey.publicKey] : []),
      ...(directory === undefined ? [] : await listRegisteredKeys(directory, agent, call)),
    ],
    onAppend: (call) =>
      index.catchUp(call).catch((error: unknown) => {
        log.warn({ error }, 'The provenance index lags; the next question brings it up to date');
      }),
    log,
  });
  return startGrpcServer({ services: [service], descriptors: readDescriptors(), host, port, log });
}

function describeLedger(options: ProvenanceSubgraphOptions, ledger: Ledger, address: string): AdapterDescription {
  const { institution, signingKey, origin } = options;
  return {
    id: options.adapterId ?? `${institution.id}-log`,
    kind: 'LEDGER',
    institution: { ...institution, publicKey: signingKey.publicKey },
    address: options.advertisedAddress ?? address,
    supports: ledger.supports.persistent ? ['persistent'] : [],
    name: `Log of ${institution.name}`,
    description: `Append-only provenance log ${origin}`,
  };
}

async function checkHealth(ledger: Ledger, log: Logger): Promise<PartHealth> {
  try {
    await ledger.readCheckpoint(createCall({ log, timeoutMs: HEALTH_TIMEOUT_MS }));
    return { state: 'READY' };
  } catch (error) {
    return { state: 'NOT_READY', reason: `The log cannot be read: ${error instanceof Error ? error.message : error}` };
  }
}

/** Keys under which the institution's adapters are registered. */
async function listRegisteredKeys(directory: Directory, institution: string, call: Call): Promise<Uint8Array[]> {
  const kinds = ['LEDGER', 'STORAGE_PEER', 'REPOSITORY'] as const;
  const entries = await Promise.all(kinds.map((kind) => directory.listAdapters(kind, call)));
  return entries
    .flat()
    .filter((entry) => entry.institution.id === institution && entry.institution.publicKey.length > 0)
    .map((entry) => entry.institution.publicKey);
}
