import { credentials } from '@grpc/grpc-js';
import { type Call, limitCall } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { CHANNEL_OPTIONS, callServerStream, callUnary } from '../../../core/grpc-client.js';
import { LedgerServiceClient } from '../../../proto/gen/sciclomatic/provenance/v1/ledger.js';
import type { Directory } from '../../directory.js';

/** A log of somebody, over LedgerService. */
export interface LedgerClient {
  /**
   * Index of each entry, in order. Appending the same bytes again gives the same index.
   * @param entries signed provenance entries, 1 to 256
   * @throws SOURCE_UNAVAILABLE when no ledger answers; SIGNATURE_INVALID, BAD_INPUT, LIMIT_EXCEEDED as the ledger says
   */
  append(entries: readonly Uint8Array[], call: Call): Promise<number[]>;
  /** The newest signed checkpoint (C2SP signed note), and the log's key in C2SP text form. */
  readCheckpoint(call: Call): Promise<{ readonly checkpoint: string; readonly verifierKey: string }>;
  /** Entries from start (inclusive) to end (exclusive, undefined = all), in order. @throws LIMIT_EXCEEDED past the end */
  readEntries(start: number, end: number | undefined, call: Call): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Which ledger: the one at host:port, or the first HEALTHY one of the directory, by id. */
export type LedgerTarget =
  | { readonly address: string }
  | {
      readonly directory: Directory;
      /** Only a ledger of this institution. */
      readonly institution?: string | undefined;
    };

/** Time limit of one append, in milliseconds: a batch of signatures and one fsync. */
const APPEND_TIMEOUT_MS = 15_000;
const SOURCE = 'ledger';

/** Asks the ledger anew for every call, so that it follows one that moved. The directory stays the caller's to close. */
export function createLedgerClient(target: LedgerTarget): LedgerClient {
  let connected: { readonly address: string; readonly client: LedgerServiceClient } | undefined;
  const connect = async (call: Call): Promise<LedgerServiceClient> => {
    const address = await findAddress(target, call);
    if (connected?.address !== address) {
      connected?.client.close();
      connected = { address, client: new LedgerServiceClient(address, credentials.createInsecure(), CHANNEL_OPTIONS) };
    }
    return connected.client;
  };
  return {
    append: async (entries, call) => {
      const client = await connect(call);
      const limited = limitCall(call, APPEND_TIMEOUT_MS);
      const { indexes } = await callUnary(client.append.bind(client), { entries: [...entries] }, limited, SOURCE);
      if (indexes.length !== entries.length) {
        throw new SciclomaticError(
          'SOURCE_INVALID_ANSWER',
          `The ledger gave ${indexes.length} indexes for ${entries.length} entries`,
          { source: SOURCE },
        );
      }
      return indexes.map(Number);
    },
    readCheckpoint: async (call) => {
      const client = await connect(call);
      return callUnary(client.readCheckpoint.bind(client), {}, call, SOURCE);
    },
    readEntries: (start, end, call) => readEntries(connect, start, end, call),
    close: () => {
      connected?.client.close();
      connected = undefined;
      return Promise.resolve();
    },
  };
}

async function* readEntries(
  connect: (call: Call) => Promise<LedgerServiceClient>,
  start: number,
  end: number | undefined,
  call: Call,
): AsyncGenerator<Uint8Array> {
  // In the protocol an end of 0 means "to the end".
  if (end !== undefined && end <= start) return;
  const client = await connect(call);
  const request = { start: BigInt(start), end: BigInt(end ?? 0) };
  for await (const { entry } of callServerStream(client.readEntries.bind(client), request, call, SOURCE)) yield entry;
}

async function findAddress(target: LedgerTarget, call: Call): Promise<string> {
  if ('address' in target) return target.address;
  const { institution } = target;
  const ledgers = (await target.directory.listAdapters('LEDGER', call)).filter(
    (entry) => institution === undefined || entry.institution.id === institution,
  );
  const healthy = ledgers.find(({ state }) => state === 'HEALTHY');
  if (healthy !== undefined) return healthy.address;
  const known = ledgers.map(({ id, state }) => `${id} is ${state}`).join(', ') || 'none is registered';
  throw new SciclomaticError('SOURCE_UNAVAILABLE', `No healthy ledger: ${known}`, { source: SOURCE });
}
