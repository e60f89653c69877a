import { SciclomaticError } from '../../core/errors.js';
import { equalBytes } from '../bytes.js';
import { type FormatCrypto, HASH_BYTES } from '../crypto.js';
import { assertIndex, type EntryRange, emptyRoot, nodeHash, type ReadHash, readRangeHash, splitPoint } from './tree.js';

type Sha256 = Pick<FormatCrypto, 'sha256'>;

export interface InclusionClaim {
  /** Index of the entry, counted from 0. */
  readonly index: number;
  /** Size of the tree. Not proved by the path alone: it must come from a signed checkpoint, as the root does. */
  readonly size: number;
  readonly leafHash: Uint8Array;
  /** Hashes from the leaf's sibling to the root's child. */
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

/** Audit path of an entry, leaf to root (RFC 6962 §2.1.1). @throws NOT_FOUND when the tree has no such entry */
export async function proveInclusion(
  index: number,
  size: number,
  readHash: ReadHash,
  crypto: Sha256,
): Promise<Uint8Array[]> {
  assertIndex(index, 'Entry index');
  assertIndex(size, 'Tree size');
  if (index >= size) throw new SciclomaticError('NOT_FOUND', `A tree of ${size} entries has no entry ${index}`);
  const ranges: EntryRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  return readPath(ranges, readHash, crypto);
}

/**
 * Proof that the tree of the old size is a prefix of the tree of the new size (RFC 6962 §2.1.2); empty when the sizes
 * are equal or the old one is 0.
 * @throws BAD_INPUT when the old size is larger
 */
export async function proveConsistency(
  oldSize: number,
  newSize: number,
  readHash: ReadHash,
  crypto: Sha256,
): Promise<Uint8Array[]> {
  assertIndex(oldSize, 'Tree size');
  assertIndex(newSize, 'Tree size');
  if (oldSize > newSize) throw new SciclomaticError('BAD_INPUT', `A tree never shrinks from ${oldSize} to ${newSize}`);
  if (oldSize === 0 || oldSize === newSize) return [];
  const ranges: EntryRange[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // The old tree itself is what the verifier knows; any other last subtree must be given.
  if (start !== 0) ranges.push({ start, end });
  return readPath(ranges, readHash, crypto);
}

const readPath = (ranges: readonly EntryRange[], readHash: ReadHash, crypto: Sha256): Promise<Uint8Array[]> =>
  Promise.all(ranges.toReversed().map((range) => readRangeHash(range, readHash, crypto)));

/** Checks an audit path by the algorithm of RFC 9162 §2.1.3.2. @throws PROOF_INVALID */
export function verifyInclusion(claim: InclusionClaim, crypto: Sha256): void {
  const { index, size, path, root } = claim;
  assertHashes([claim.leafHash, root, ...path]);
  if (!isIndex(index) || !isIndex(size) || index >= size) throw invalid(`no entry ${index} in a tree of ${size}`);
  let position = index;
  let last = size - 1;
  let hash = claim.leafHash;
  for (const sibling of path) {
    if (last === 0) throw invalid('the path is too long');
    if (isOdd(position) || position === last) {
      hash = nodeHash(sibling, hash, crypto);
      while (!isOdd(position) && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling, crypto);
    }
    position = half(position);
    last = half(last);
  }
  if (last !== 0) throw invalid('the path is too short');
  if (!equalBytes(hash, root)) throw invalid(`entry ${index} of ${size} does not lead to the root`);
}

/** Checks a consistency proof by the algorithm of RFC 9162 §2.1.4.2. @throws PROOF_INVALID */
export function verifyConsistency(claim: ConsistencyClaim, crypto: Sha256): void {
  const { oldSize, newSize, oldRoot, newRoot, path } = claim;
  assertHashes([oldRoot, newRoot, ...path]);
  if (!isIndex(oldSize) || !isIndex(newSize) || oldSize > newSize) throw invalid(`sizes ${oldSize} and ${newSize}`);
  if (oldSize === 0 || oldSize === newSize) {
    if (path.length > 0) throw invalid('the path is too long');
    if (!equalBytes(oldRoot, oldSize === 0 ? emptyRoot(crypto) : newRoot)) throw invalid('the old root is another');
    if (newSize === 0 && !equalBytes(newRoot, oldRoot)) throw invalid('the new root is another');
    return;
  }
  let position = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(position)) {
    position = half(position);
    last = half(last);
  }
  // A complete old tree (its size a power of two) is a node of the new one, so its root starts the path unsaid.
  const [first, ...rest] = position === 0 ? [oldRoot, ...path] : path;
  if (first === undefined) throw invalid('the path is too short');
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) throw invalid('the path is too long');
    if (isOdd(position) || position === last) {
      oldHash = nodeHash(sibling, oldHash, crypto);
      newHash = nodeHash(sibling, newHash, crypto);
      while (!isOdd(position) && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      newHash = nodeHash(newHash, sibling, crypto);
    }
    position = half(position);
    last = half(last);
  }
  if (last !== 0) throw invalid('the path is too short');
  if (!equalBytes(oldHash, oldRoot)) throw invalid('it does not lead to the old root');
  if (!equalBytes(newHash, newRoot)) throw invalid('it does not lead to the new root');
}

// Arithmetic instead of bit operators: those cut to 32 bits, and a log may have more entries.
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
const isIndex = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function assertHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw invalid(`a hash is not ${HASH_BYTES} bytes`);
}

const invalid = (problem: string): SciclomaticError =>
  new SciclomaticError('PROOF_INVALID', `Proof of the log: ${problem}`);
