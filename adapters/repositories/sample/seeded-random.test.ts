import { describe, expect, it } from '@jest/globals';
import { createSeededRandom, createSplitMix64, createXoshiro128 } from './seeded-random.js';

const take = <Item>(count: number, next: () => Item): Item[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('seeded random numbers', () => {
  it('steps xoshiro128** as worked out by hand from the definition', () => {
    expect(take(3, createXoshiro128([1, 2, 3, 4]))).toEqual([11520, 0, 5927040]);
  });

  it('steps SplitMix64 to its published first numbers for the seed 1234567', () => {
    expect(take(2, createSplitMix64(1234567n))).toEqual([6457827717110365317n, 3203168211198807973n]);
  });

  it('gives the same numbers for the same seed and others for another', () => {
    const first = take(5, createSeededRandom(7).uniform);
    expect(take(5, createSeededRandom(7).uniform)).toEqual(first);
    expect(take(5, createSeededRandom(8).uniform)).not.toEqual(first);
  });

  it('spreads uniform numbers evenly over [0, 1)', () => {
    const values = take(20_000, createSeededRandom(1).uniform);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(values)).toBeCloseTo(0.5, 1.5);
    expect(mean(values.map((value) => (value - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
  });

  it('gives normal numbers of mean 0, variance 1 and kurtosis 3', () => {
    const values = take(20_000, createSeededRandom(2).normal);
    expect(Math.abs(mean(values))).toBeLessThan(0.03);
    expect(mean(values.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect(Math.abs(mean(values.map((value) => value ** 4)) - 3)).toBeLessThan(0.3);
  });

  it('gives every whole number below the limit, and no other', () => {
    const random = createSeededRandom(3);
    expect(new Set(take(200, () => random.integer(4)))).toEqual(new Set([0, 1, 2, 3]));
  });
});
