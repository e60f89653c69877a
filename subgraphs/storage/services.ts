import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import type { Swarm } from '../../adapters/swarm/swarm.js';
import type { Call } from '../../core/call.js';
import type { InstitutionId, RepositoryId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import type { SigningKey } from '../../core/node-crypto.js';
import type { Holdings } from './holdings.js';
import type { StorageState } from './state.js';
import type { TransferJobs } from './transfer-jobs.js';

/** What transfers into the swarm work with. */
export interface TransferServices {
  readonly swarm: Swarm;
  readonly holdings: Holdings;
  readonly state: StorageState;
  readonly jobs: TransferJobs;
  readonly institution: { readonly id: InstitutionId; readonly name: string };
  readonly signingKey: SigningKey;
  /** Keeps a signed provenance entry durably; MUST be idempotent. */
  readonly recordProvenance: (entry: Uint8Array) => Promise<void>;
  /** A client of the repository's adapter; closed after each use. @throws SOURCE_UNAVAILABLE, UNKNOWN_REPOSITORY */
  readonly openRepository: (id: RepositoryId, call: Call) => Promise<RepositoryAdapter>;
  readonly log: Logger;
  readonly now: () => number;
}
