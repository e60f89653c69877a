import type { DatasetRecord } from '../../formats/dataset-record.js';
import { COUNT_MAXIMA, COUNT_SHIFTS, SEARCHED_FIELDS } from './searched-fields.js';
import { visitTerms } from './text-analysis.js';

/**
 * The documents of a term, known by its hash: pairs of a document and how often its fields hold the term, packed as
 * searched-fields.ts says. They stand in `pairs` from start to end until the next term is asked for: a view for each
 * of the many terms that few documents have would cost more than all else.
 */
export interface TermPostings {
  readonly hash: number;
  readonly pairs: Uint32Array;
  readonly start: number;
  readonly end: number;
}

/**
 * 53 bits for a term. Two terms that share them would find each other's records: by chance once in 10^9 searches of an
 * index of 10^7 terms, and on purpose no more than by writing the other term into the record.
 */
export function hashTerm(term: string): number {
  let low = 0x2545f491;
  let high = 0x6c078965;
  for (let index = 0; index < term.length; index++) {
    const code = term.charCodeAt(index);
    low = Math.imul(low ^ code, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul(high ^ code, 0x85ebca77);
    high ^= high >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0) || 1;
}

/** A copy with twice the room, and at least so much more. */
export function enlarge(numbers: Uint32Array, more: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2 + more);
  larger.set(numbers);
  return larger;
}

/** Places in tables that grow; a power of two. */
const FIRST_ROOM = 1024;
const NO_DOCUMENT = 0xffff_ffff;

/** Collects the terms of documents in memory, numbered from 0 in the order of their coming. */
export function createTermCollector() {
  /** Open addressing: hash of a term, 0 where there is none; its newest pair; how many it has. */
  let hashes = new Float64Array(FIRST_ROOM);
  let newest = new Uint32Array(FIRST_ROOM);
  let sizes = new Uint32Array(FIRST_ROOM);
  let termCount = 0;
  /** Of each pair: the one before it of the same term, its document, packed counts. Pair 0 ends each chain. */
  let pairs = new Uint32Array(FIRST_ROOM).fill(NO_DOCUMENT, 0, 3);
  let pairCount = 1;
  let documentCount = 0;

  const findSlot = (hash: number): number => {
    const mask = hashes.length - 1;
    let slot = hash & mask;
    while (hashes[slot] !== 0 && hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  };
  const grow = (): void => {
    const old = { hashes, newest, sizes };
    const size = hashes.length * 4;
    [hashes, newest, sizes] = [new Float64Array(size), new Uint32Array(size), new Uint32Array(size)];
    for (const [place, hash] of old.hashes.entries()) {
      const slot = findSlot(hash);
      hashes[slot] = hash;
      newest[slot] = old.newest[place] as number;
      sizes[slot] = old.sizes[place] as number;
    }
  };
  const addPair = (hash: number, slot: number, document: number, counts: number): void => {
    if ((pairCount + 1) * 3 > pairs.length) pairs = enlarge(pairs, 0);
    pairs[pairCount * 3] = newest[slot] as number;
    pairs[pairCount * 3 + 1] = document;
    pairs[pairCount * 3 + 2] = counts;
    newest[slot] = pairCount++;
    (sizes[slot] as number)++;
    if (hashes[slot] === hash) return;
    hashes[slot] = hash;
    if (++termCount * 2 > hashes.length) grow();
  };

  return {
    /** Takes the record of the next document and returns how many terms each searched field of it has. */
    add(record: DatasetRecord): number[] {
      const document = documentCount++;
      return SEARCHED_FIELDS.map(({ listTexts }, field) => {
        const one = 2 ** (COUNT_SHIFTS[field] as number);
        const maximum = (COUNT_MAXIMA[field] as number) * one;
        let length = 0;
        const count = (term: string): void => {
          length++;
          const hash = hashTerm(term);
          const slot = findSlot(hash);
          const pair = (newest[slot] as number) * 3;
          if (pairs[pair + 1] !== document) addPair(hash, slot, document, one);
          // Fields come in the order of their bits, so that those above this one's are still 0.
          else if ((pairs[pair + 2] as number) < maximum) (pairs[pair + 2] as number) += one;
        };
        for (const text of listTexts(record)) visitTerms(text, 'INDEX', count);
        return length;
      });
    },

    /** Everything so far, by term in rising order of hashes. */
    *list(): Generator<TermPostings> {
      let listed = new Uint32Array(FIRST_ROOM);
      for (const hash of hashes.filter((known) => known !== 0).sort()) {
        const slot = findSlot(hash);
        const end = (sizes[slot] as number) * 2;
        if (end > listed.length) listed = enlarge(listed, end);
        let pair = newest[slot] as number;
        for (let at = end; at > 0; pair = pairs[pair * 3] as number) {
          listed[--at] = pairs[pair * 3 + 2] as number;
          listed[--at] = pairs[pair * 3 + 1] as number;
        }
        yield { hash, pairs: listed, start: 0, end };
      }
    },
  };
}
