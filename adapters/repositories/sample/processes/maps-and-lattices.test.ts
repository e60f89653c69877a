import { describe, expect, it } from '@jest/globals';
import { computeFile, readCsvColumns, readNpy, readNpyRows } from '../read-back.js';
import { fractalTerrain } from './fractal-terrain.js';
import { gameOfLife } from './game-of-life.js';
import { grayScott } from './gray-scott.js';
import { henonMap } from './henon-map.js';
import { isingLattice } from './ising-lattice.js';
import { logisticMap } from './logistic-map.js';
import { mandelbrotSet } from './mandelbrot-set.js';
import { percolation } from './percolation.js';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('maps', () => {
  it('logistic map: a fixed point at 2.8, a cycle of two at 3.2, chaos at 4', () => {
    const rows = readNpyRows(logisticMap, 'bifurcation.npy');
    const { growth = [], lyapunov_exponent: exponents = [] } = readCsvColumns(logisticMap, 'lyapunov.csv');
    const at = (wanted: number): number => growth.findIndex((one) => Math.abs(one - wanted) < 1e-9);
    const distinct = (wanted: number): number => new Set(rows[at(wanted)]?.map((x) => x.toFixed(9))).size;
    expect(rows[at(2.8)]?.[0]).toBeCloseTo(1 - 1 / 2.8, 9);
    expect([distinct(2.8), distinct(3.2), distinct(3.5)]).toEqual([1, 2, 4]);
    expect(distinct(4)).toBeGreaterThan(100);
    expect(exponents[at(3.2)]).toBeLessThan(0);
    // At 4 the exponent is log 2.
    expect(exponents[at(4)]).toBeCloseTo(Math.LN2, 0);
  });

  it('Hénon map: obeys its recurrence and stays bounded', () => {
    const { x = [], y = [] } = readCsvColumns(henonMap, 'points.csv');
    expect(x).toHaveLength(10_000);
    x.slice(0, -1).forEach((here, index) => {
      expect(x[index + 1]).toBeCloseTo(1 - 1.4 * here * here + (y[index] ?? 0), 12);
      expect(Math.abs(here)).toBeLessThan(1.3);
    });
    expect(new Set(x).size).toBe(10_000);
  });

  it('Mandelbrot set: is symmetric, holds its heart and has the known area of about 1.507', () => {
    const rows = readNpyRows(mandelbrotSet, 'escape-times.npy');
    rows.forEach((row, index) => {
      expect(row).toEqual(rows[rows.length - 1 - index]);
    });
    expect(rows[160]?.[352]).toBe(200);
    expect(rows[0]?.[0]).toBeLessThan(3);
    const { area } = JSON.parse(new TextDecoder().decode(computeFile(mandelbrotSet, 'summary.json'))) as {
      area: number;
    };
    expect(area).toBeGreaterThan(1.48);
    expect(area).toBeLessThan(1.58);
  });
});

describe('lattices', () => {
  it('Ising: magnetised below the critical temperature, not above, with the energy that Onsager found', () => {
    const columns = readCsvColumns(isingLattice, 'magnetisation.csv');
    const { temperature = [], absolute_magnetisation: magnetisations = [], energy = [] } = columns;
    const at = (wanted: number): number => temperature.indexOf(wanted);
    // Onsager and Yang: m = (1 - sinh(2/T)^-4)^(1/8).
    for (const cold of [1.5, 1.75, 2]) {
      expect(magnetisations[at(cold)]).toBeCloseTo((1 - Math.sinh(2 / cold) ** -4) ** 0.125, 1.5);
    }
    expect(magnetisations[at(3.5)]).toBeLessThan(0.15);
    expect(energy[at(1.5)]).toBeCloseTo(-1.95, 1);
    expect([...energy].sort((left, right) => left - right)).toEqual(energy);
    expect(new Set(readNpy(computeFile(isingLattice, 'spins.npy')).values)).toEqual(new Set([-1, 1]));
  });

  it('Gray-Scott: concentrations stay between 0 and 1 while the pattern grows out of its square', () => {
    const rows = readNpyRows(grayScott, 'v.npy');
    expect(rows.flat().every((v) => v >= 0 && v < 1)).toBe(true);
    const share = (snapshot: number): number => {
      const cells = rows.slice(snapshot * 64, (snapshot + 1) * 64).flat();
      return cells.filter((v) => v > 0.1).length / cells.length;
    };
    expect(share(0)).toBeLessThan(0.05);
    expect(share(4)).toBeGreaterThan(2 * share(0));
    expect(share(4)).toBeLessThan(0.9);
  });

  it('Game of Life: every generation follows from the one before by the rule', () => {
    const rows = readNpyRows(gameOfLife, 'generations.npy');
    const { population = [] } = readCsvColumns(gameOfLife, 'population.csv');
    const cell = (generation: number, row: number, column: number): number =>
      rows[generation * 64 + ((row + 64) % 64)]?.[(column + 64) % 64] ?? Number.NaN;
    for (const generation of [0, 1, 50, 98]) {
      for (let place = 0; place < 64 * 64; place += 1) {
        const [row, column] = [Math.floor(place / 64), place % 64];
        const block = [-1, 0, 1].flatMap((down) =>
          [-1, 0, 1].map((right) => cell(generation, row + down, column + right)),
        );
        const total = block.reduce((sum, one) => sum + one, 0);
        const alive = total === 3 || (total === 4 && block[4] === 1);
        if (cell(generation + 1, row, column) !== Number(alive))
          throw new Error(`Wrong at ${generation} ${row} ${column}`);
      }
    }
    expect(population[1]).toBe(
      rows
        .slice(64, 128)
        .flat()
        .reduce((sum, one) => sum + one, 0),
    );
  });

  it('percolation: lattices are spanned above the threshold and not below it', () => {
    const columns = readCsvColumns(percolation, 'spanning.csv');
    const { occupation = [], spanning_share: spanning = [], largest_cluster_share: largest = [] } = columns;
    const at = (wanted: number): number => occupation.indexOf(wanted);
    expect(spanning[at(0.5)]).toBe(0);
    expect(spanning[at(0.7)]).toBe(1);
    expect(largest[at(0.5)]).toBeLessThan(0.15);
    expect(largest[at(0.7)]).toBeGreaterThan(0.6);
    const empty = readNpy(computeFile(percolation, 'clusters.npy')).values.filter((cluster) => cluster === 0);
    expect(empty.length / 64 ** 2).toBeCloseTo(0.41, 1);
  });

  it('percolation: neighbours that are filled belong to the same cluster', () => {
    const rows = readNpyRows(percolation, 'clusters.npy');
    rows.forEach((row, index) => {
      row.forEach((cluster, column) => {
        for (const neighbour of [row[column + 1], rows[index + 1]?.[column]]) {
          if (cluster && neighbour) expect(neighbour).toBe(cluster);
        }
      });
    });
  });

  it('terrain: differences of height grow with distance to the power of the Hurst exponent', () => {
    const rows = readNpyRows(fractalTerrain, 'heights.npy');
    const difference = (distance: number): number =>
      mean(
        rows.flatMap((row) => row.map((height, column) => Math.abs(height - (row[(column + distance) % 256] ?? 0)))),
      );
    const exponent = Math.log(difference(16) / difference(2)) / Math.log(8);
    expect(exponent).toBeGreaterThan(0.65);
    expect(exponent).toBeLessThan(0.95);
  });
});
