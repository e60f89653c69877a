import { describe, expect, it } from '@jest/globals';
import { createTermCollector, hashTerm } from './collect-terms.js';

describe('hashTerm', () => {
  it('gives half a million like terms a whole number of 53 bits each of their own', () => {
    const hashes = new Set<number>();
    for (let number = 0; number < 250_000; number++) {
      hashes.add(hashTerm(String(number)));
      hashes.add(hashTerm(`10.5281/zenodo.${number}`));
    }
    expect(hashes.size).toBe(500_000);
    for (const hash of hashes) if (!Number.isSafeInteger(hash) || hash <= 0) throw new Error(`bad hash ${hash}`);
  });

  it('fills its low bits evenly, by which terms find their places', () => {
    const places = new Uint32Array(256);
    for (let number = 0; number < 25_600; number++) (places[hashTerm(`word${number}`) & 255] as number)++;
    expect(Math.min(...places)).toBeGreaterThan(50);
    expect(Math.max(...places)).toBeLessThan(160);
  });
});

describe('a term collector', () => {
  it('lists every term once, by hash, with its documents in order, through many growths', () => {
    const collector = createTermCollector();
    const words = Array.from({ length: 3000 }, (_, number) => `w${number}q`);
    for (let document = 0; document < 30; document++) {
      const title = words.filter((_, number) => number % (document + 1) === 0).join(' ');
      const lengths = collector.add({ id: 'a:x', title, creators: [], subjects: [], files: null });
      expect(lengths).toEqual([Math.ceil(3000 / (document + 1)), 0, 0, 0, 2]);
    }
    const found = new Map<number, number[]>();
    let last = 0;
    for (const { hash, pairs, start, end } of collector.list()) {
      expect(hash).toBeGreaterThan(last);
      last = hash;
      found.set(
        hash,
        [...pairs.subarray(start, end)].filter((_, at) => at % 2 === 0),
      );
    }
    expect(found.size).toBe(3002);
    for (const [number, word] of words.entries()) {
      const expected = Array.from({ length: 30 }, (_, document) => document).filter((one) => number % (one + 1) === 0);
      expect([word, found.get(hashTerm(word))]).toEqual([word, expected]);
    }
  });
});
