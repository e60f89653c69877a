/**
 * Elementary functions of +, -, *, / and square roots only. IEEE 754 fixes the result of those to the last bit, but
 * not of Math.sin or Math.exp, which ECMAScript leaves to the engine: a chaotic system would carry the last bit of
 * another machine into every digit. Accurate to about 1e-15, relative, for |x| up to 1e5.
 */

/** Taken out of Math once: in a vm context, such as a test runner's, every look at a global is slow. */
const { LN2, PI, round, SQRT2 } = Math;

/** log(2) and pi/2, each in a part with trailing zero bits, so that small multiples of it are exact, and the rest (fdlibm). */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

/** Coefficients of a Taylor series: sign^i / power! for power = first, first + step, … up to last. */
function createTaylor(first: number, step: number, last: number, sign: 1 | -1): readonly number[] {
  const coefficients: number[] = [];
  let [factorial, factor] = [1, 1];
  for (let power = 0; power <= last; power += 1) {
    factorial *= Math.max(1, power);
    if (power < first || (power - first) % step !== 0) continue;
    coefficients.push(factor / factorial);
    factor *= sign;
  }
  return coefficients;
}

const SIN = createTaylor(1, 2, 17, -1);
const COS = createTaylor(0, 2, 18, -1);
const EXP = createTaylor(0, 1, 14, 1);
/** 2 artanh(s) / s = 2 (1 + s²/3 + s⁴/5 + …). */
const LOG = Array.from({ length: 12 }, (_, index) => 2 / (2 * index + 1));

/** Horner's scheme, highest power first. */
function evaluate(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let index = coefficients.length - 1; index >= 0; index -= 1) sum = sum * x + (coefficients[index] ?? 0);
  return sum;
}

/** Sine of x + quarters * pi / 2. */
function sinOfQuarters(x: number, quarters: number): number {
  const turns = round(x / (PI / 2));
  const rest = x - turns * HALF_PI_HIGH - turns * HALF_PI_LOW;
  const quadrant = (((turns + quarters) % 4) + 4) % 4;
  const value = quadrant % 2 === 0 ? rest * evaluate(SIN, rest * rest) : evaluate(COS, rest * rest);
  return quadrant < 2 ? value : -value;
}

export const sin = (x: number): number => sinOfQuarters(x, 0);
export const cos = (x: number): number => sinOfQuarters(x, 1);

const scratch = new DataView(new ArrayBuffer(8));
const EXPONENT_BIAS = 1023;

/** e^x for x up to 700; 0 below -700, where doubles begin to lose digits. */
export function exp(x: number): number {
  if (x < -700) return 0;
  const doublings = round(x / LN2);
  const rest = x - doublings * LN2_HIGH - doublings * LN2_LOW;
  scratch.setFloat64(0, 0);
  scratch.setUint16(0, (doublings + EXPONENT_BIAS) << 4);
  return evaluate(EXP, rest) * scratch.getFloat64(0);
}

/** Natural logarithm of a positive, normal number. */
export function log(x: number): number {
  scratch.setFloat64(0, x);
  const upper = scratch.getUint16(0);
  let doublings = (upper >> 4) - EXPONENT_BIAS;
  scratch.setUint16(0, (upper & 0xf) | (EXPONENT_BIAS << 4));
  let mantissa = scratch.getFloat64(0);
  if (mantissa > SQRT2) {
    mantissa /= 2;
    doublings += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  return doublings * LN2_HIGH + (doublings * LN2_LOW + s * evaluate(LOG, s * s));
}

/** base^exponent for a positive base. */
export const power = (base: number, exponent: number): number => exp(exponent * log(base));
