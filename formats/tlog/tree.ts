import { SciclomaticError } from '../../core/errors.js';
import { concatBytes } from '../bytes.js';
import type { FormatCrypto } from '../crypto.js';

type Sha256 = Pick<FormatCrypto, 'sha256'>;

/**
 * Reads the hash of a complete subtree: the 2^level entries from index × 2^level on. Level 0 are the leaf hashes.
 * It is asked only for subtrees that lie wholly within the tree.
 */
export type ReadHash = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** A complete subtree, as ReadHash names it. */
interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** Entries from start (inclusive) to end (exclusive). */
export interface EntryRange {
  readonly start: number;
  readonly end: number;
}

const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** Hash of one entry (RFC 6962 §2.1): SHA-256 of a zero byte and the entry. */
export const leafHash = (entry: Uint8Array, crypto: Sha256): Uint8Array =>
  crypto.sha256(concatBytes(LEAF_PREFIX, entry));

/** Hash of two subtrees (RFC 6962 §2.1): SHA-256 of a one byte and both hashes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array, crypto: Sha256): Uint8Array =>
  crypto.sha256(concatBytes(NODE_PREFIX, left, right));

/** Root of the tree without entries: SHA-256 of nothing. */
export const emptyRoot = (crypto: Sha256): Uint8Array => crypto.sha256(new Uint8Array(0));

/** Root over the leaf hashes in order (RFC 6962 §2.1, MTH). Each level is hashed once; an odd last hash moves up as it is. */
export function rootOf(leafHashes: readonly Uint8Array[], crypto: Sha256): Uint8Array {
  if (leafHashes.length === 0) return emptyRoot(crypto);
  let level = [...leafHashes];
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const left = level[index] as Uint8Array;
      const right = level[index + 1];
      above.push(right === undefined ? left : nodeHash(left, right, crypto));
    }
    level = above;
  }
  return level[0] as Uint8Array;
}

/** Root of the tree of that size, from stored subtrees. */
export async function readRoot(size: number, readHash: ReadHash, crypto: Sha256): Promise<Uint8Array> {
  assertIndex(size, 'Tree size');
  return size === 0 ? emptyRoot(crypto) : readRangeHash({ start: 0, end: size }, readHash, crypto);
}

/**
 * MTH of a range as proofs use it: it starts at a multiple of the largest power of two within its length, so it splits
 * into complete subtrees, largest first.
 */
export async function readRangeHash(range: EntryRange, readHash: ReadHash, crypto: Sha256): Promise<Uint8Array> {
  const hashes = await Promise.all(splitRange(range).map(async (node) => readHash(node.level, node.index)));
  return hashes.reduceRight((right, left) => nodeHash(left, right, crypto));
}

function splitRange({ start, end }: EntryRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  let position = start;
  for (let level = Math.floor(Math.log2(end - start)) + 1; level >= 0; level -= 1) {
    const width = 2 ** level;
    if (position + width > end) continue;
    nodes.push({ level, index: position / width });
    position += width;
  }
  return nodes;
}

/** Largest power of two below n, for n of 2 and more: where RFC 6962 splits a tree. */
export function splitPoint(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** @throws BAD_INPUT unless it is a whole number that a double holds exactly */
export function assertIndex(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new SciclomaticError('BAD_INPUT', `${what} ${value} is none`);
}
