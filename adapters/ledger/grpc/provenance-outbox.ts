import { createCall } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import type { Logger } from '../../../core/log.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { createOutbox } from '../../../core/outbox.js';
import type { PartHealth } from '../../../core/part.js';
import { verifyProvenanceEntry } from '../../../formats/provenance-entry.js';
import type { Directory } from '../../directory.js';
import { MAX_ENTRY_BYTES } from '../contract.js';
import { createLedgerClient } from './ledger-client.js';

export interface ProvenanceOutboxOptions {
  /** Where entries wait. One process at a time. */
  readonly dir: string;
  /** Where the ledger is found; stays the caller's to close. */
  readonly directory: Directory;
  /** Only to a ledger of this institution; undefined = to the first healthy one. */
  readonly institution?: string | undefined;
  readonly log: Logger;
  /** Wait between tries, in milliseconds. */
  readonly intervalMs?: number | undefined;
}

export interface ProvenanceOutbox {
  /**
   * Keeps a signed provenance entry until the log has it; on disk when it resolves. What the log would refuse is refused
   * here, so that it cannot hold up what comes after it.
   * @throws SIGNATURE_INVALID, SOURCE_INVALID_ANSWER when it is no provenance entry, LIMIT_EXCEEDED, STORAGE_FULL
   */
  add(entry: Uint8Array): Promise<void>;
  /** Tries to deliver now; resolves when that try is over. */
  flush(): Promise<void>;
  /** Entries that the log does not have yet. */
  readCount(): number;
  /** DEGRADED while its disk is full. */
  checkHealth(): Promise<PartHealth>;
  close(): Promise<void>;
}

/** Time limit of one delivery, in milliseconds. */
const DELIVERY_TIMEOUT_MS = 20_000;

/**
 * Carries provenance entries to the log, in order, each at least once; a log gives the same bytes the same index, so that
 * each is in it once. A ledger that is down, moves or is replaced delays them and loses none.
 */
export function createProvenanceOutbox(options: ProvenanceOutboxOptions): ProvenanceOutbox {
  const { dir, directory, institution, log, intervalMs } = options;
  const client = createLedgerClient({ directory, institution });
  const outbox = createOutbox({
    dir,
    log,
    deliver: async (entries) => {
      await client.append(entries, createCall({ log, timeoutMs: DELIVERY_TIMEOUT_MS }));
    },
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
  return {
    add: async (entry) => {
      if (entry.length > MAX_ENTRY_BYTES) {
        throw new SciclomaticError(
          'LIMIT_EXCEEDED',
          `A provenance entry has ${entry.length} bytes; the maximum is ${MAX_ENTRY_BYTES}`,
        );
      }
      verifyProvenanceEntry(entry, nodeCrypto);
      await outbox.add(entry);
    },
    flush: () => outbox.flush(),
    readCount: () => outbox.readCount(),
    checkHealth: () => outbox.checkHealth(),
    close: async () => {
      await outbox.close();
      await client.close();
    },
  };
}
