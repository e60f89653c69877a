import { type Ledger, MAX_ENTRY_BYTES } from '../../adapters/ledger/contract.js';
import type { Call } from '../../core/call.js';
import { SciclomaticError } from '../../core/errors.js';
import { type GrpcService, serverStreamHandler, unaryHandler } from '../../core/grpc-server.js';
import type { Logger } from '../../core/log.js';
import { nodeCrypto } from '../../core/node-crypto.js';
import { equalBytes } from '../../formats/bytes.js';
import { type VerifiedProvenanceEntry, verifyProvenanceEntry } from '../../formats/provenance-entry.js';
import {
  type LedgerServiceServer,
  LedgerServiceService,
  type ReadEntriesRequest,
  type ReadEntriesResponse,
} from '../../proto/gen/sciclomatic/provenance/v1/ledger.js';

/** Entries in one Append (proto). */
const MAX_APPEND_ENTRIES = 256;
/** Entries read from the log at once while they are streamed. */
const BATCH_ENTRIES = 256;

export interface LedgerServiceOptions {
  readonly ledger: Ledger;
  /** C2SP text form. */
  readonly verifierKey: string;
  /** Public keys by which an institution signs; empty when none is known, then any key may speak for it. */
  readonly listInstitutionKeys: (institution: string, call: Call) => Promise<readonly Uint8Array[]>;
  /** Told after each append. */
  readonly onAppend: (call: Call) => Promise<void>;
  readonly log: Logger;
}

/** LedgerService over a ledger: nothing is appended that is not a provenance entry signed by its agent. */
export function createLedgerService(options: LedgerServiceOptions): GrpcService {
  const { ledger, log, verifierKey } = options;
  const implementation: LedgerServiceServer = {
    append: unaryHandler(log, async ({ entries }, call) => {
      await checkEntries(entries, options, call);
      const indexes = await ledger.append(entries, call);
      await options.onAppend(call);
      return { indexes: indexes.map(BigInt) };
    }),
    readCheckpoint: unaryHandler(log, async (_request, call) => ({
      checkpoint: await ledger.readCheckpoint(call),
      verifierKey,
    })),
    readEntries: serverStreamHandler(log, (request, call) => readEntries(ledger, request, call)),
  };
  return { definition: LedgerServiceService, implementation };
}

/** @throws BAD_INPUT, LIMIT_EXCEEDED, SIGNATURE_INVALID naming the entry; then nothing of the request is appended */
async function checkEntries(
  entries: readonly Uint8Array[],
  { listInstitutionKeys }: LedgerServiceOptions,
  call: Call,
): Promise<void> {
  if (entries.length === 0) throw new SciclomaticError('BAD_INPUT', 'There is no entry to append');
  if (entries.length > MAX_APPEND_ENTRIES) {
    throw new SciclomaticError(
      'LIMIT_EXCEEDED',
      `At most ${MAX_APPEND_ENTRIES} entries at once, not ${entries.length}`,
    );
  }
  for (const [position, entry] of entries.entries()) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new SciclomaticError(
        'LIMIT_EXCEEDED',
        `Entry ${position} has ${entry.length} bytes; the maximum is ${MAX_ENTRY_BYTES}`,
      );
    }
    const verified = verifyEntry(entry, position);
    const keys = await listInstitutionKeys(verified.entry.agent, call);
    if (keys.length > 0 && !keys.some((key) => verified.signers.some((signer) => equalBytes(signer, key)))) {
      throw new SciclomaticError(
        'SIGNATURE_INVALID',
        `Entry ${position} is signed by a key that is not one of institution ${verified.entry.agent}`,
      );
    }
  }
}

/** @throws BAD_INPUT, SIGNATURE_INVALID */
function verifyEntry(entry: Uint8Array, position: number): VerifiedProvenanceEntry {
  try {
    return verifyProvenanceEntry(entry, nodeCrypto);
  } catch (error) {
    const { code, message } = SciclomaticError.from(error);
    // What a source would have answered wrongly is, in a request, wrong input.
    throw new SciclomaticError(code === 'SOURCE_INVALID_ANSWER' ? 'BAD_INPUT' : code, `Entry ${position}: ${message}`, {
      cause: error,
    });
  }
}

async function* readEntries(
  ledger: Ledger,
  request: ReadEntriesRequest,
  call: Call,
): AsyncGenerator<ReadEntriesResponse> {
  const size = await ledger.readSize(call);
  const end = request.end === 0n ? BigInt(size) : request.end;
  if (request.start > end || end > BigInt(size)) {
    throw new SciclomaticError(
      'LIMIT_EXCEEDED',
      `The log has ${size} entries; ${request.start} to ${end} is no range of them`,
    );
  }
  for (let start = Number(request.start); start < Number(end); start += BATCH_ENTRIES) {
    const entries = await ledger.readEntries(start, Math.min(Number(end), start + BATCH_ENTRIES), call);
    for (const [position, entry] of entries.entries()) yield { index: BigInt(start + position), entry };
  }
}
