import { randomBytes, randomInt } from 'node:crypto';
import type { Directory } from '../../adapters/directory.js';
import { createCall, endCall } from '../../core/call.js';
import type { InstitutionId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { SigningKey } from '../../core/node-crypto.js';
import { type HttpPart, type PartHealth, worstHealth } from '../../core/part.js';
import { createSubgraphGraphQL, type VerifyCaller } from '../subgraph.js';
import { type Random, SAMPLE_CHUNKS } from './chunk-sample.js';
import {
  DEFAULT_AUDIT_INTERVAL_MS,
  DEFAULT_MAX_PULLS,
  DEFAULT_REQUIRED_COPIES,
  DEFAULT_SILENT_PEER_GRACE_MS,
  DEFAULT_WATCH_INTERVAL_MS,
} from './config.js';
import type { Context } from './context.js';
import { HealthStore } from './health-store.js';
import { createLoaders } from './loaders.js';
import { Replication } from './replication.js';
import { replicationResolvers } from './resolvers.js';
import { createStoragePeers, HASH_BYTES } from './storage-peer.js';

export interface ReplicationSubgraphOptions {
  /** Where what is known lies. One process at a time. */
  readonly dir: string;
  /** Whose audits and copies these are, in the log. */
  readonly institution: { readonly id: InstitutionId };
  readonly signingKey: SigningKey;
  /** Where storage peers are found; stays the caller's to close. */
  readonly directory: Directory;
  /** Keeps a signed provenance entry until the log has it. */
  readonly recordProvenance: (entry: Uint8Array) => Promise<void>;
  /** Institutions that should have a good copy. */
  readonly requiredCopies?: number | undefined;
  /** How long a silent peer is waited for before its copies are made elsewhere, in milliseconds. */
  readonly silentPeerGraceMs?: number | undefined;
  /** Wait between rounds over all datasets, in milliseconds. */
  readonly auditIntervalMs?: number | undefined;
  /** Wait between looks at what is new, in milliseconds. */
  readonly watchIntervalMs?: number | undefined;
  /** Chunks of each dataset that one audit challenges. */
  readonly auditSampleChunks?: number | undefined;
  /** Pulls that run at once. */
  readonly maxPulls?: number | undefined;
  readonly log: Logger;
  readonly verifyCaller: VerifyCaller;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Draws samples; must not be foreseeable by peers. */
  readonly random?: Random | undefined;
}

export interface ReplicationSubgraph extends HttpPart {
  /** Looks at every peer, audits everything now, and resolves when the copies that this begins are made or have failed. */
  wake(): Promise<void>;
}

/**
 * Longest silence of a pull before it counts as failed, in milliseconds: a peer tells of every 16 chunks that it gets, so
 * this asks for 280 KB/s. What it has stays, and the next pull goes on from there.
 */
const STALL_MS = 60_000;
/** Time limit of a health check, in milliseconds. */
const HEALTH_TIMEOUT_MS = 2000;

/** The auditor of the swarm, at work from now on, and the questions of schema.graphql about what it finds. */
export async function createReplicationSubgraph(options: ReplicationSubgraphOptions): Promise<ReplicationSubgraph> {
  const { institution, signingKey, directory, recordProvenance } = options;
  const log = options.log.child({ part: 'replication' });
  const store = new HealthStore(options.dir);
  const peers = createStoragePeers();
  const replication = new Replication({
    store,
    directory,
    peers,
    recorder: { institution: institution.id, signingKey, recordProvenance },
    requiredCopies: options.requiredCopies ?? DEFAULT_REQUIRED_COPIES,
    silentPeerGraceMs: options.silentPeerGraceMs ?? DEFAULT_SILENT_PEER_GRACE_MS,
    sampleChunks: options.auditSampleChunks ?? SAMPLE_CHUNKS,
    auditIntervalMs: options.auditIntervalMs ?? DEFAULT_AUDIT_INTERVAL_MS,
    watchIntervalMs: options.watchIntervalMs ?? DEFAULT_WATCH_INTERVAL_MS,
    maxPulls: options.maxPulls ?? DEFAULT_MAX_PULLS,
    stallMs: STALL_MS,
    now: options.now ?? Date.now,
    random: options.random ?? drawRandom,
    createNonce: () => randomBytes(HASH_BYTES),
    log,
  });
  const graphql = await createSubgraphGraphQL<Context>(
    {
      name: 'replication',
      schemaUrl: new URL('schema.graphql', import.meta.url),
      resolvers: replicationResolvers,
      createContext: (request) => ({ ...request, replication, loaders: createLoaders(replication) }),
    },
    { log, verifyCaller: options.verifyCaller },
  );
  let closing: Promise<void> | undefined;
  const close = async () => {
    await graphql.stop();
    await replication.stop();
    peers.close();
    await store.close();
  };
  return {
    name: 'replication',
    fetch: (request) => graphql.fetch(request),
    checkHealth: async () =>
      worstHealth([
        await checkPeers(directory, options.requiredCopies ?? DEFAULT_REQUIRED_COPIES, log),
        await store.checkHealth(),
      ]),
    wake: () => replication.wake(),
    close: () => (closing ??= close()),
  };
}

/** As many institutions with a healthy peer as datasets should have copies; fewer cannot be repaired. */
async function checkPeers(directory: Directory, requiredCopies: number, log: Logger): Promise<PartHealth> {
  const call = createCall({ log, timeoutMs: HEALTH_TIMEOUT_MS });
  const peers = await directory.listAdapters('STORAGE_PEER', call).finally(() => endCall(call));
  const healthy = peers.filter(({ state }) => state === 'HEALTHY');
  const institutions = new Set(healthy.map(({ institution }) => institution.id));
  if (institutions.size >= requiredCopies) return { state: 'READY' };
  const reason = `Datasets should have ${requiredCopies} copies; institutions with a healthy peer: ${institutions.size}`;
  return { state: 'DEGRADED', reason };
}

/** Uniform from 0 to 1 by a generator that cannot be predicted from its output. */
function drawRandom(): number {
  const steps = 2 ** 47;
  return randomInt(steps) / steps;
}
