import { describe, expect, it } from '@jest/globals';
import { computeFile, readCsvColumns, readNpyRows } from '../read-back.js';
import { doublePendulum } from './double-pendulum.js';
import { figureEightOrbit } from './figure-eight-orbit.js';
import { heatEquation } from './heat-equation.js';
import { keplerOrbit } from './kepler-orbit.js';
import { lorenzAttractor } from './lorenz-attractor.js';
import { lotkaVolterra } from './lotka-volterra.js';
import { quantumHarmonicOscillator } from './quantum-harmonic-oscillator.js';
import { radonDecayChain } from './radon-decay-chain.js';
import { rosslerAttractor } from './rossler-attractor.js';
import { schwarzschildOrbit } from './schwarzschild-orbit.js';
import { sirEpidemic } from './sir-epidemic.js';
import { vanDerPol } from './van-der-pol.js';
import { waveEquation } from './wave-equation.js';

const column = (rows: readonly number[][], index: number): number[] => rows.map((row) => row[index] ?? Number.NaN);
const largest = (values: readonly number[] = []): number => values.reduce((high, value) => Math.max(high, value));
const smallest = (values: readonly number[] = []): number => values.reduce((low, value) => Math.min(low, value));
const spread = (values: readonly number[] = []): number => largest(values) - smallest(values);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const parseJson = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

describe('ordinary differential equations', () => {
  it('Lorenz: stays on the attractor and visits both of its wings', () => {
    const rows = readNpyRows(lorenzAttractor, 'trajectory.npy');
    expect(rows).toHaveLength(100_001);
    expect(largest(column(rows, 1).map(Math.abs))).toBeLessThan(21);
    expect(smallest(column(rows, 3))).toBeGreaterThan(0);
    expect(largest(column(rows, 3))).toBeLessThan(50);
    const wings = column(rows, 1).map(Math.sign);
    expect(wings.filter((wing, index) => index > 0 && wing !== wings[index - 1]).length).toBeGreaterThan(100);
  });

  it('Lorenz: a twin parts at the known Lyapunov exponent of about 0.9', () => {
    const { time = [], distance = [] } = readCsvColumns(lorenzAttractor, 'twin-distance.csv');
    // Until 12 both still circle one wing, where nothing parts them; by 35 they have nothing in common.
    const [early, late] = [time.indexOf(12), time.indexOf(30)];
    const exponent = Math.log((distance[late] ?? 0) / (distance[early] ?? 0)) / 18;
    expect(exponent).toBeGreaterThan(0.6);
    expect(exponent).toBeLessThan(1.2);
    expect(largest(distance)).toBeGreaterThan(10);
  });

  it('Rössler: turns steadily in the plane and folds out of it', () => {
    const rows = readNpyRows(rosslerAttractor, 'trajectory.npy').slice(5000);
    expect(largest(column(rows, 1).map(Math.abs))).toBeLessThan(15);
    expect(smallest(column(rows, 3))).toBeGreaterThan(0);
    expect(largest(column(rows, 3))).toBeGreaterThan(10);
    const upward = rows.filter((row, index) => index > 0 && (rows[index - 1]?.[2] ?? 0) < 0 && (row[2] ?? 0) >= 0);
    // The mean period is about 5.9 time units.
    expect((15_000 * 0.02) / upward.length).toBeCloseTo(5.9, 0);
  });

  it('double pendulum: conserves its energy', () => {
    const energies = column(readNpyRows(doublePendulum, 'motion.npy'), 5);
    expect(energies[0]).toBeCloseTo(-9.81 * 3 * Math.cos(2), 10);
    expect(spread(energies)).toBeLessThan(1e-4);
  });

  it('figure eight: conserves energy to 1e-6 and comes back after a period', () => {
    const rows = readNpyRows(figureEightOrbit, 'orbit.npy');
    expect(spread(column(rows, 13))).toBeLessThan(1e-6);
    const period = rows[Math.round(6.32591398 / 0.0025)] ?? [];
    for (let index = 1; index <= 12; index += 1) {
      expect(Math.abs((period[index] ?? Number.NaN) - (rows[0]?.[index] ?? 0))).toBeLessThan(0.005);
    }
  });

  it('figure eight: the centre of mass rests', () => {
    for (const row of readNpyRows(figureEightOrbit, 'orbit.npy')) {
      expect(Math.abs((row[1] ?? 1) + (row[3] ?? 1) + (row[5] ?? 1))).toBeLessThan(1e-6);
    }
  });

  it('Lotka-Volterra: keeps its constant of motion', () => {
    const { prey = [], predators = [] } = readCsvColumns(lotkaVolterra, 'populations.csv');
    const constants = prey.map((x, index) => {
      const y = predators[index] ?? Number.NaN;
      return 0.1 * x - 0.4 * Math.log(x) + 0.4 * y - 1.1 * Math.log(y);
    });
    expect(spread(constants)).toBeLessThan(1e-6);
    expect(spread(prey)).toBeGreaterThan(5);
  });

  it('SIR: every person is somewhere, and the final size obeys its equation', () => {
    const { susceptible = [], infected = [], recovered = [] } = readCsvColumns(sirEpidemic, 'epidemic.csv');
    susceptible.forEach((persons, index) => {
      expect(Math.abs(persons + (infected[index] ?? 0) + (recovered[index] ?? 0) - 1e6)).toBeLessThan(1e-3);
    });
    const summary = parseJson(computeFile(sirEpidemic, 'summary.json')) as { finalFractionInfected: number };
    const fraction = summary.finalFractionInfected;
    // Kermack and McKendrick: 1 - z = exp(-R0 z).
    expect(fraction).toBeCloseTo(1 - Math.exp(-3 * fraction), 4);
  });

  it('Van der Pol: reaches a limit cycle of amplitude 2 for every damping', () => {
    for (const damping of ['0.5', '2', '5']) {
      const { position = [] } = readCsvColumns(vanDerPol, `damping-${damping}.csv`);
      expect(largest(position.slice(600))).toBeCloseTo(2, 1);
    }
  });

  it('decay chain: no atom is lost, half the radon is left after its half-life, and the daughters come into balance', () => {
    const atoms = readCsvColumns(radonDecayChain, 'atoms.csv');
    const { time = [] } = atoms;
    const counts = ['radon-222', 'polonium-218', 'lead-214', 'bismuth-214', 'lead-210'].map(
      (name) => atoms[name] ?? [],
    );
    time.forEach((_, index) => {
      expect(Math.abs(sum(counts.map((of) => of[index] ?? 0)) - 1e9)).toBeLessThan(1);
      for (const of of counts) expect(of[index]).toBeGreaterThan(-1e-3);
    });
    expect((counts[0]?.[time.indexOf(5510)] ?? 0) / 1e9).toBeCloseTo(0.5, 2);
    const later = time.indexOf(600);
    const radonActivity = (counts[0]?.[later] ?? 0) / 5505.8;
    expect((counts[3]?.[later] ?? 0) / 19.9 / radonActivity).toBeCloseTo(1, 1);
  });

  it('Kepler: sweeps equal areas in equal times, between perihelion and aphelion', () => {
    const { x = [], y = [] } = readCsvColumns(keplerOrbit, 'positions.csv');
    const areas = x.slice(1).map((toX, index) => {
      return ((x[index] ?? 0) * (y[index + 1] ?? 0) - toX * (y[index] ?? 0)) / 2;
    });
    expect(spread(areas) / largest(areas)).toBeLessThan(1e-4);
    const radii = x.map((one, index) => Math.hypot(one, y[index] ?? 0));
    expect(smallest(radii)).toBeCloseTo(0.3871 * (1 - 0.2056), 8);
    expect(largest(radii)).toBeCloseTo(0.3871 * (1 + 0.2056), 8);
  });

  it('Schwarzschild: the perihelion advances as Einstein found, and a little more', () => {
    const { angles, advanceToFirstOrder } = parseJson(computeFile(schwarzschildOrbit, 'perihelia.json')) as {
      angles: number[];
      advanceToFirstOrder: number;
    };
    expect(angles.length).toBeGreaterThan(5);
    angles.forEach((angle, index) => {
      const advance = angle / (index + 1) - 2 * Math.PI;
      expect(advance / advanceToFirstOrder).toBeGreaterThan(1);
      expect(advance / advanceToFirstOrder).toBeLessThan(1.07);
    });
  });
});

describe('partial differential equations and waves', () => {
  it('heat: both modes die away as Fourier says, and the ends stay cold', () => {
    const rows = readNpyRows(heatEquation, 'temperature.npy');
    rows.forEach((row, index) => {
      const time = index * 50 * 0.00004;
      expect([row[0], row[100]]).toEqual([0, 0]);
      const exact = [25, 50].map((point) => {
        const x = point / 100;
        const first = Math.exp(-(Math.PI ** 2) * time) * Math.sin(Math.PI * x);
        return first + (Math.exp(-9 * Math.PI ** 2 * time) * Math.sin(3 * Math.PI * x)) / 2;
      });
      expect(Math.abs((row[25] ?? 0) - (exact[0] ?? 1))).toBeLessThan(1e-3);
      expect(Math.abs((row[50] ?? 0) - (exact[1] ?? 1))).toBeLessThan(1e-3);
    });
  });

  it('wave: is upside down at the other side after half a period and back after a whole one', () => {
    const rows = readNpyRows(waveEquation, 'displacement.npy');
    const start = rows[0] ?? [];
    // Snapshots are 0.02 apart; the period is 2.
    const [half, whole] = [rows[50] ?? [], rows[100] ?? []];
    start.forEach((value, index) => {
      expect(Math.abs((whole[index] ?? 1) - value)).toBeLessThan(0.06);
      expect(Math.abs((half[200 - index] ?? 1) + value)).toBeLessThan(0.06);
    });
    expect(rows.every((row) => row[0] === 0 && row[200] === 0)).toBe(true);
  });

  it('quantum oscillator: states are normalised, orthogonal, and have as many zeros as their number', () => {
    const rows = readNpyRows(quantumHarmonicOscillator, 'wavefunctions.npy');
    const states = Array.from({ length: 10 }, (_, n) => column(rows, n + 1));
    const overlap = (one: readonly number[], other: readonly number[]): number =>
      0.01 * sum(one.map((value, index) => value * (other[index] ?? 0)));
    states.forEach((state, n) => {
      expect(overlap(state, state)).toBeCloseTo(1, 8);
      if (n > 1) expect(overlap(state, states[n - 2] ?? [])).toBeCloseTo(0, 8);
      const inside = state.filter((value) => Math.abs(value) > 1e-9).map(Math.sign);
      expect(inside.filter((sign, index) => index > 0 && sign !== inside[index - 1])).toHaveLength(n);
    });
  });
});
