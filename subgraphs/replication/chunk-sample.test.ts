import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { drawSample } from './chunk-sample.js';
import { createRepeatableRandom } from './repeatable-random.fixture.js';

const seed = fc.integer({ min: 1, max: 2_147_483_646 });

describe('drawSample', () => {
  it('draws as many different chunks as asked for, all when there are few, and those that are owed', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(40), fc.array(fc.nat(250)), seed, (chunkCount, sampleCount, owed, start) => {
        const sample = drawSample(chunkCount, sampleCount, owed, createRepeatableRandom(start));
        expect(new Set(sample).size).toBe(sample.length);
        expect(sample).toEqual([...sample].sort((left, right) => left - right));
        expect(sample.every((position) => position >= 0 && position < chunkCount)).toBe(true);
        const owedHere = new Set(owed.filter((position) => position < chunkCount));
        expect([...owedHere].every((position) => sample.includes(position))).toBe(true);
        expect(sample.length).toBeGreaterThanOrEqual(Math.min(chunkCount, sampleCount));
        expect(sample.length).toBeLessThanOrEqual(Math.min(chunkCount, sampleCount + owedHere.size));
      }),
    );
  });

  it('draws each chunk equally often', () => {
    const next = createRepeatableRandom(1);
    const counts = new Array<number>(20).fill(0);
    for (let round = 0; round < 20_000; round += 1) {
      for (const position of drawSample(20, 4, [], next)) counts[position] = (counts[position] ?? 0) + 1;
    }
    // Expected 4000 each, standard deviation about 57.
    for (const count of counts) expect(Math.abs(count - 4000)).toBeLessThan(300);
  });
});
