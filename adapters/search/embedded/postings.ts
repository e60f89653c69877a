import { enlarge, type TermPostings } from '../collect-terms.js';
import { findFirst } from '../select-first.js';

/** Numbers in a block of terms, about: what one term costs to read. */
const BLOCK_NUMBERS = 4096;

/** Hashes of terms, rising, where the postings of each end, and these. */
interface Block {
  readonly hashes: Float64Array;
  readonly ends: Uint32Array;
  readonly pairs: Uint32Array;
}

/** Packs terms, in rising order, into blocks. */
export function* listBlocks(terms: Iterable<TermPostings>): Generator<{ firstTerm: number; bytes: Uint8Array }> {
  let hashes: number[] = [];
  let ends: number[] = [];
  let numbers: number[] = [];
  const pack = () => {
    const bytes = new Uint8Array(8 + hashes.length * 12 + numbers.length * 4);
    new Float64Array(bytes.buffer, 0, 1)[0] = hashes.length;
    const block = parseBlock(bytes);
    block.hashes.set(hashes);
    block.ends.set(ends);
    block.pairs.set(numbers);
    return { firstTerm: hashes[0] as number, bytes };
  };
  for (const { hash, pairs, start, end } of terms) {
    if (numbers.length + end - start + hashes.length > BLOCK_NUMBERS && hashes.length > 0) {
      yield pack();
      [hashes, ends, numbers] = [[], [], []];
    }
    for (let at = start; at < end; at++) numbers.push(pairs[at] as number);
    hashes.push(hash);
    ends.push(numbers.length);
  }
  if (hashes.length > 0) yield pack();
}

/** Views of a block, whose bytes begin where their buffer does. */
function parseBlock({ buffer }: Uint8Array): Block {
  const count = new Float64Array(buffer, 0, 1)[0] ?? 0;
  const hashes = new Float64Array(buffer, 8, count);
  return {
    hashes,
    ends: new Uint32Array(buffer, 8 + count * 8, count),
    pairs: new Uint32Array(buffer, 8 + count * 12),
  };
}

export function findInBlock(bytes: Uint8Array, wanted: number): Uint32Array {
  const { hashes, ends, pairs } = parseBlock(bytes);
  const index = findFirst(hashes.length, (place) => (hashes[place] as number) >= wanted);
  return hashes[index] === wanted ? pairs.subarray(ends[index - 1] ?? 0, ends[index]) : new Uint32Array();
}

export function* listBlock(bytes: Uint8Array): Generator<TermPostings, void> {
  const { hashes, ends, pairs } = parseBlock(bytes);
  let start = 0;
  for (let index = 0; index < hashes.length; index++) {
    const end = ends[index] as number;
    yield { hash: hashes[index] as number, pairs, start, end };
    start = end;
  }
}

/** Every term of several segments with the documents that `renumbered` keeps (not -1). */
export function* mergePostings(
  sources: readonly { terms: Iterator<TermPostings, void>; renumbered: Int32Array }[],
): Generator<TermPostings> {
  const heads = sources.map(({ terms, renumbered }) => ({ terms, renumbered, head: terms.next().value }));
  let merged = new Uint32Array(BLOCK_NUMBERS);
  for (;;) {
    let hash = Number.POSITIVE_INFINITY;
    for (const { head } of heads) if (head !== undefined && head.hash < hash) hash = head.hash;
    if (hash === Number.POSITIVE_INFINITY) return;
    let end = 0;
    for (const source of heads) {
      const { head, renumbered } = source;
      if (head?.hash !== hash) continue;
      if (end + head.end - head.start > merged.length) merged = enlarge(merged, head.end - head.start);
      for (let at = head.start; at < head.end; at += 2) {
        const document = renumbered[head.pairs[at] as number] as number;
        if (document < 0) continue;
        merged[end++] = document;
        merged[end++] = head.pairs[at + 1] as number;
      }
      source.head = source.terms.next().value;
    }
    if (end > 0) yield { hash, pairs: merged, start: 0, end };
  }
}
