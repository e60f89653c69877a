import { join } from 'node:path';
import { assertActive, type Call } from '../../../core/call.js';
import { SciclomaticError } from '../../../core/errors.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import type { Signer } from '../../../formats/crypto.js';
import { proveConsistency, proveInclusion } from '../../../formats/tlog/proof.js';
import { createVerifierKey } from '../../../formats/tlog/signed-note.js';
import type { Ledger } from '../contract.js';
import { assertEntries, assertEntryRange, assertKnownSize } from '../entry-checks.js';
import { createAppendQueue } from './append-queue.js';
import { openEntryIndex } from './entry-index.js';
import { createNodeDisk, type LedgerDisk } from './ledger-disk.js';
import { lockLedger } from './ledger-lock.js';
import { createLogReader } from './log-reader.js';
import { openLogWriter } from './log-writer.js';

export interface FilesLedgerOptions {
  /** Folder of the log; created when it is not there. `checkpoint` and `tile/` in it can be served as they are. */
  readonly dir: string;
  /** Name of the log; also the name of its key. */
  readonly origin: string;
  readonly key: Signer;
  /** Wraps the disk; tests pass one that fails. */
  readonly wrapDisk?: (disk: LedgerDisk) => LedgerDisk;
}

/**
 * A log in a folder of C2SP tlog-tiles. Opening checks the signed checkpoint against the tiles at its edge; `checkLedger`
 * checks everything.
 * @throws CONFLICT when another process has it open; DATA_CORRUPT when the checkpoint is of another key, is lost or does
 * not fit its tiles; BAD_INPUT when the origin is no key name
 */
export async function createFilesLedger(options: FilesLedgerOptions): Promise<Ledger> {
  const { dir, origin, key, wrapDisk = (disk) => disk } = options;
  const logKey = createVerifierKey(origin, key.publicKey, nodeCrypto);
  const lock = await lockLedger(dir);
  try {
    const disk = wrapDisk(await createNodeDisk(dir));
    const index = openEntryIndex(join(dir, 'index'));
    try {
      const writer = await openLogWriter({ disk, index, lock, key, logKey });
      const queue = createAppendQueue(writer.appendBatch);
      const reader = createLogReader(disk, () => writer.published());
      let closing: Promise<void> | undefined;
      return {
        supports: { persistent: true },
        origin,
        append: async (entries, call) => {
          assertOpen(closing, call);
          assertEntries(entries);
          return queue.append(entries, call);
        },
        readCheckpoint: async () => writer.published().note,
        readSize: async () => writer.published().state.size,
        readEntries: async (start, end, call) => {
          assertEntryRange(start, end, writer.published().state.size);
          return reader.readEntries(start, end, call);
        },
        proveInclusion: async (position, size) => {
          assertKnownSize(size, writer.published().state.size);
          return proveInclusion(position, size, reader.readHash, nodeCrypto);
        },
        proveConsistency: async (oldSize, newSize) => {
          assertKnownSize(newSize, writer.published().state.size);
          return proveConsistency(oldSize, newSize, reader.readHash, nodeCrypto);
        },
        close: () => {
          closing ??= queue.drain().then(async () => {
            await writer.settle();
            await index.close();
            await lock.release();
          });
          return closing;
        },
      };
    } catch (error) {
      await index.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw SciclomaticError.from(error);
  }
}

function assertOpen(closing: Promise<void> | undefined, call: Call): void {
  assertActive(call);
  if (closing !== undefined) throw new SciclomaticError('SOURCE_UNAVAILABLE', 'The log is closed');
}
