import { assertActive } from '../../../core/call.js';
import { nodeCrypto } from '../../../core/node-crypto.js';
import { encodeHex } from '../../../formats/bytes.js';
import type { Signer } from '../../../formats/crypto.js';
import { signCheckpoint } from '../../../formats/tlog/checkpoint.js';
import { proveConsistency, proveInclusion } from '../../../formats/tlog/proof.js';
import { leafHash, nodeHash, type ReadHash, readRoot } from '../../../formats/tlog/tree.js';
import type { Ledger } from '../contract.js';
import { assertEntries, assertEntryRange, assertKnownSize } from '../entry-checks.js';

export interface MemoryLedgerOptions {
  /** Name of the log; also the name of its key. */
  readonly origin: string;
  readonly key: Signer;
}

/** A log that forgets everything when it is closed: the model that others are held against. */
export async function createMemoryLedger({ origin, key }: MemoryLedgerOptions): Promise<Ledger> {
  const entries: Uint8Array[] = [];
  /** Hashes of complete subtrees: levels[level][index]. */
  const levels: Uint8Array[][] = [[]];
  const indexes = new Map<string, number>();
  const readHash: ReadHash = (level, index) => levels[level]?.[index] as Uint8Array;
  let checkpoint = { size: 0, note: '' };
  await publish();

  /** Concurrent appends may end in any order; the checkpoint never goes back. */
  async function publish(): Promise<void> {
    const size = entries.length;
    const root = await readRoot(size, readHash, nodeCrypto);
    if (size >= checkpoint.size) checkpoint = { size, note: signCheckpoint({ origin, size, root }, key, nodeCrypto) };
  }

  function grow(hash: Uint8Array): void {
    let level = levels[0] ?? [];
    level.push(hash);
    for (let height = 1; level.length % 2 === 0; height += 1) {
      const [left, right] = level.slice(-2) as [Uint8Array, Uint8Array];
      level = levels[height] ??= [];
      level.push(nodeHash(left, right, nodeCrypto));
    }
  }

  function appendOne(entry: Uint8Array): number {
    const hash = leafHash(entry, nodeCrypto);
    const name = encodeHex(hash);
    const known = indexes.get(name);
    if (known !== undefined) return known;
    grow(hash);
    indexes.set(name, entries.length);
    return entries.push(entry.slice()) - 1;
  }

  return {
    supports: { persistent: false },
    origin,
    append: async (added, call) => {
      assertActive(call);
      assertEntries(added);
      const result = added.map(appendOne);
      await publish();
      return result;
    },
    readCheckpoint: () => Promise.resolve(checkpoint.note),
    readSize: () => Promise.resolve(entries.length),
    readEntries: async (start, end) => {
      assertEntryRange(start, end, entries.length);
      return entries.slice(start, end).map((entry) => entry.slice());
    },
    proveInclusion: async (index, size) => {
      assertKnownSize(size, entries.length);
      return proveInclusion(index, size, readHash, nodeCrypto);
    },
    proveConsistency: async (oldSize, newSize) => {
      assertKnownSize(newSize, entries.length);
      return proveConsistency(oldSize, newSize, readHash, nodeCrypto);
    },
    close: () => Promise.resolve(),
  };
}
