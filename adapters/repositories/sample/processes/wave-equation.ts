import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { exp } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { speed: 1, cells: 200, courantNumber: 0.5, steps: 1600, keptEvery: 8, centre: 0.3, width: 0.07 };

/** One step of the leapfrog scheme; the ends stay fixed. */
function leap(before: readonly number[], now: readonly number[], squaredCourant: number): number[] {
  return now.map((here, index) => {
    const [left, right] = [now[index - 1], now[index + 1]];
    if (left === undefined || right === undefined) return 0;
    return 2 * here - (before[index] ?? 0) + squaredCourant * (left - 2 * here + right);
  });
}

export const waveEquation: SampleProcess = {
  localId: 'wave-equation',
  title: 'Wave equation on a string',
  description:
    "Swing of a string of unit length with fixed ends: d'Alembert's equation d²u/dt² = c² d²u/dx², from a bump at rest in the shape of a " +
    'bell curve. Leapfrog finite differences of second order. The bump parts in two, each is reflected upside down at the ends, ' +
    'and after a time of 2 / c the string is as it was.',
  subjects: ['acoustics', 'partial differential equation', 'waves', 'finite differences'],
  parameters,
  compute() {
    const { speed, cells, courantNumber, steps, keptEvery, centre, width } = parameters;
    const squaredCourant = courantNumber * courantNumber;
    const stepSize = courantNumber / cells / speed;
    const start = Array.from({ length: cells + 1 }, (_, index) => {
      const distance = (index / cells - centre) / width;
      return index === 0 || index === cells ? 0 : exp(-distance * distance);
    });
    // A string at rest moves half as far in its first step as the scheme, which knows no rest, would take it.
    let [before, now] = [start, leap(start, start, squaredCourant / 2)];
    const snapshots = [start];
    for (let step = 1; step <= steps; step += 1) {
      if (step % keptEvery === 0) snapshots.push(now);
      [before, now] = [now, leap(before, now, squaredCourant)];
    }
    return [
      createNpyFile({
        path: 'displacement.npy',
        description: `every ${keptEvery} steps, at each of ${cells + 1} points: time, position`,
        type: '<f8',
        shape: [snapshots.length, cells + 1],
        values: snapshots.flat(),
      }),
      createCsvFile({
        path: 'midpoint.csv',
        description: 'displacement of the middle of the string',
        columns: ['time', 'displacement'],
        rows: snapshots.map((one, index) => [index * keptEvery * stepSize, one[cells / 2] ?? 0]),
      }),
    ];
  },
};
