import { cos, log } from './portable-math.js';

/** Random numbers that are the same for the same seed on every machine. Not for secrets. */
export interface SeededRandom {
  /** At least 0, less than 1, a multiple of 2^-53. */
  uniform(): number;
  /** Of the normal distribution with mean 0 and variance 1. */
  normal(): number;
  /** Whole, at least 0, less than `limit`. */
  integer(limit: number): number;
}

/** Taken out of Math once: in a vm context, such as a test runner's, every look at a global is slow. */
const { floor, imul, sqrt } = Math;

const TURN = 2 * Math.PI;

const cutTo64Bits = (value: bigint): bigint => BigInt.asUintN(64, value);

/** SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): stretches a small seed to as many well-mixed bits as wanted. */
export function createSplitMix64(seed: bigint): () => bigint {
  let state = cutTo64Bits(seed);
  return () => {
    state = cutTo64Bits(state + 0x9e3779b97f4a7c15n);
    let mixed = cutTo64Bits((state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = cutTo64Bits((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
}

const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** xoshiro128** 1.1 (Blackman and Vigna, ACM TOMS 47(4), 2021): 32 random bits at each call, period 2^128 - 1. */
export function createXoshiro128(initial: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = initial;
  return () => {
    const result = imul(rotateLeft(imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** xoshiro128** seeded through SplitMix64, as its authors advise. */
export function createSeededRandom(seed: number): SeededRandom {
  const stretch = createSplitMix64(BigInt(seed));
  const [first, second] = [stretch(), stretch()];
  const upper = (value: bigint): number => Number(value >> 32n);
  const lower = (value: bigint): number => Number(value & 0xffffffffn);
  const next = createXoshiro128([upper(first), lower(first), upper(second), lower(second)]);

  // 27 + 26 bits of two draws fill a double's 53.
  const uniform = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
  return {
    uniform,
    // Box and Muller, 1958; 1 - u keeps zero out of the logarithm.
    normal: () => sqrt(-2 * log(1 - uniform())) * cos(TURN * uniform()),
    integer: (limit) => floor(uniform() * limit),
  };
}
