import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cos, exp, log, power, sin } from './portable-math.js';

/** The engine's own functions are good to the last bit or nearly so: ours may differ by a few. */
const expectClose = (actual: number, expected: number, scale = Math.abs(expected)): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-15 * scale);

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe('portable mathematics', () => {
  it('agrees with the engine in sine and cosine', () => {
    fc.assert(
      fc.property(between(-1e5, 1e5), (x) => {
        expectClose(sin(x), Math.sin(x), 1);
        expectClose(cos(x), Math.cos(x), 1);
      }),
    );
  });

  it('agrees with the engine in exponential and logarithm', () => {
    fc.assert(
      fc.property(between(-700, 700), (x) => {
        expectClose(exp(x), Math.exp(x));
        expectClose(log(Math.exp(x)), Math.log(Math.exp(x)), Math.max(1, Math.abs(x)));
      }),
    );
  });

  it('agrees with the engine in powers', () => {
    fc.assert(
      fc.property(between(0.01, 100), between(-5, 5), (base, exponent) => {
        expect(power(base, exponent) / base ** exponent).toBeCloseTo(1, 12);
      }),
    );
  });

  it('is exact where the result is', () => {
    expect([sin(0), cos(0), exp(0), exp(-1e4), log(1)]).toEqual([0, 1, 1, 0, 0]);
  });
});
