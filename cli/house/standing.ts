import { join } from 'node:path';
import { createDirectory, type Directory } from '../../adapters/directory.js';
import { createProvenanceOutbox, type ProvenanceOutbox } from '../../adapters/ledger/grpc/provenance-outbox.js';
import type { RepositoryAdapter } from '../../adapters/repositories/contract.js';
import { openRegisteredRepository } from '../../adapters/repositories/grpc/open-registered.js';
import type { Call } from '../../core/call.js';
import type { RepositoryId } from '../../core/ids.js';
import type { Logger } from '../../core/log.js';
import { openInstitution, type SigningInstitution } from './institution.js';

/** What a part of a domain stands on: who it is, whom it knows, where it records what it did. */
export interface Standing {
  readonly institution: SigningInstitution;
  readonly directory: Directory;
  openRepository(id: RepositoryId, call: Call): Promise<RepositoryAdapter>;
  /** Keeps a signed provenance entry until the log has it. */
  recordProvenance(entry: Uint8Array): Promise<void>;
  readonly outbox: ProvenanceOutbox;
  close(): Promise<void>;
}

export interface StandingOptions {
  readonly dataDir: string;
  readonly keyDir: string | undefined;
  readonly institution: string;
  readonly institutionName: string | undefined;
  /** host:port of the registry. */
  readonly registry: string;
  /** Name of the part: its outbox lies in a folder of that name. */
  readonly part: string;
  readonly log: Logger;
}

export async function openStanding(options: StandingOptions): Promise<Standing> {
  const { dataDir, log } = options;
  const institution = await openInstitution(options, options.institution, options.institutionName);
  const directory = createDirectory(options.registry);
  const outbox = createProvenanceOutbox({ dir: join(dataDir, 'outbox', options.part), directory, log });
  return {
    institution,
    directory,
    outbox,
    openRepository: (id, call) => openRegisteredRepository(directory, id, call),
    recordProvenance: (entry) => outbox.add(entry),
    close: async () => {
      await outbox.close();
      await directory.close();
    },
  };
}
