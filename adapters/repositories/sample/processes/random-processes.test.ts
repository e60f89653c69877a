import { describe, expect, it } from '@jest/globals';
import { readCsvColumns, readNpyRows } from '../read-back.js';
import { dampedOscillator } from './damped-oscillator.js';
import { kuramotoOscillators } from './kuramoto-oscillators.js';
import { ornsteinUhlenbeck } from './ornstein-uhlenbeck.js';
import { randomWalks } from './random-walks.js';
import { starCatalogue } from './star-catalogue.js';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Maximum-likelihood slope of a power law that is cut off on both sides, by bisection. */
function fitSlope(masses: readonly number[], from: number, to: number): number {
  const inside = masses.filter((mass) => mass >= from && mass < to);
  const meanLogarithm = mean(inside.map(Math.log));
  // Expected mean logarithm at that slope, by the midpoint rule; it falls as the slope rises.
  const expected = (slope: number): number => {
    let [weights, total] = [0, 0];
    for (let index = 0; index < 2000; index += 1) {
      const logarithm = Math.log(from) + (Math.log(to / from) * (index + 0.5)) / 2000;
      const weight = Math.exp((1 - slope) * logarithm);
      weights += weight;
      total += weight * logarithm;
    }
    return total / weights;
  };
  let [low, high] = [0, 5];
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2;
    if (expected(middle) > meanLogarithm) low = middle;
    else high = middle;
  }
  return low;
}

describe('random processes', () => {
  it('random walks: every step goes to a neighbour, and the squared distance grows like the steps', () => {
    const places = readNpyRows(randomWalks, 'paths.npy');
    for (let index = 1; index < 1001; index += 1) {
      const [x = 0, y = 0] = places[index] ?? [];
      const [beforeX = 0, beforeY = 0] = places[index - 1] ?? [];
      expect(Math.abs(x - beforeX) + Math.abs(y - beforeY)).toBe(1);
    }
    const { mean_squared_distance: distances = [] } = readCsvColumns(randomWalks, 'mean-squared-distance.csv');
    expect([distances[0], distances[1]]).toEqual([0, 1]);
    for (const step of [100, 500, 1000]) expect((distances[step] ?? 0) / step).toBeCloseTo(1, 0.8);
  });

  it('Ornstein-Uhlenbeck: the mean decays and the variance settles at sigma² / 2 theta', () => {
    const { time = [], mean: means = [], variance = [] } = readCsvColumns(ornsteinUhlenbeck, 'moments.csv');
    for (const index of [0, 50, 100]) expect(means[index]).toBeCloseTo(2 * Math.exp(-(time[index] ?? 0)), 0.9);
    expect(variance[0]).toBe(0);
    expect(mean(variance.slice(250))).toBeCloseTo(0.125, 1.8);
  });

  it('Kuramoto: no order without coupling, order with a strong one', () => {
    const { coupling = [], mean_order: orders = [] } = readCsvColumns(kuramotoOscillators, 'order-by-coupling.csv');
    expect(orders[coupling.indexOf(0)]).toBeLessThan(0.25);
    expect(orders[coupling.indexOf(2.5)]).toBeGreaterThan(0.6);
    expect(orders[coupling.indexOf(4)]).toBeGreaterThan(0.9);
  });

  it('damped oscillator: measurements scatter around the truth as stated, and the swing dies away', () => {
    const { exact = [], measured = [] } = readCsvColumns(dampedOscillator, 'signal.csv');
    const errors = measured.map((value, index) => value - (exact[index] ?? 0));
    expect(Math.abs(mean(errors))).toBeLessThan(0.005);
    expect(Math.sqrt(mean(errors.map((error) => error * error)))).toBeCloseTo(0.05, 2);
    expect(exact[0]).toBe(1);
    expect(Math.max(...exact.slice(-200).map(Math.abs))).toBeLessThan(0.03);
  });

  it('star catalogue: the slopes of the mass function are recovered', () => {
    const { mass = [] } = readCsvColumns(starCatalogue, 'stars.csv');
    expect(mass).toHaveLength(10_000);
    expect(Math.min(...mass)).toBeGreaterThanOrEqual(0.08);
    expect(Math.max(...mass)).toBeLessThanOrEqual(50);
    expect(fitSlope(mass, 0.5, 50)).toBeCloseTo(2.3, 0.8);
    expect(fitSlope(mass, 0.08, 0.5)).toBeCloseTo(1.3, 0.8);
  });

  it('star catalogue: positions fill the ball evenly, parallaxes and magnitudes agree with them', () => {
    const stars = readCsvColumns(starCatalogue, 'stars.csv');
    const { x = [], y = [], z = [], parallax = [], luminosity = [], magnitude = [] } = stars;
    const distances = x.map((one, index) => Math.hypot(one, y[index] ?? 0, z[index] ?? 0));
    expect(Math.max(...distances)).toBeLessThan(500);
    expect(distances.filter((distance) => distance < 250).length / distances.length).toBeCloseTo(1 / 8, 1.5);
    distances.forEach((distance, index) => {
      expect(((parallax[index] ?? 0) * distance) / 1000).toBeCloseTo(1, 4);
      const expected = 4.74 - 2.5 * Math.log10(luminosity[index] ?? 1) + 5 * Math.log10(distance / 10);
      expect(magnitude[index]).toBeCloseTo(expected, 3);
    });
  });
});
