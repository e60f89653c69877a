import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { sin } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { diffusivity: 1, cells: 100, stepSize: 0.00004, steps: 5000, keptEvery: 50 };

export const heatEquation: SampleProcess = {
  localId: 'heat-equation',
  title: 'Heat equation on a rod',
  description:
    "Cooling of a rod of unit length whose ends are held at zero: Fourier's equation dT/dt = kappa d²T/dx², from the profile " +
    'sin(pi x) + sin(3 pi x) / 2. Explicit finite differences, forward in time and central in space; with kappa dt / dx² = 0.4 ' +
    'the scheme is stable.',
  subjects: ['heat transfer', 'partial differential equation', 'diffusion', 'finite differences'],
  parameters,
  compute() {
    const { diffusivity, cells, stepSize, steps, keptEvery } = parameters;
    const ratio = diffusivity * stepSize * cells * cells;
    let profile = Array.from({ length: cells + 1 }, (_, index) => {
      const x = index / cells;
      return index === 0 || index === cells ? 0 : sin(Math.PI * x) + sin(3 * Math.PI * x) / 2;
    });
    const snapshots: number[][] = [];
    for (let step = 0; step <= steps; step += 1) {
      if (step % keptEvery === 0) snapshots.push(profile);
      profile = profile.map((here, index) => {
        const [left, right] = [profile[index - 1], profile[index + 1]];
        return left === undefined || right === undefined ? 0 : here + ratio * (left - 2 * here + right);
      });
    }
    return [
      createNpyFile({
        path: 'temperature.npy',
        description: `every ${keptEvery} steps, at each of ${cells + 1} points: time, position`,
        type: '<f8',
        shape: [snapshots.length, cells + 1],
        values: snapshots.flat(),
      }),
      createCsvFile({
        path: 'midpoint.csv',
        description: 'temperature in the middle of the rod',
        columns: ['time', 'temperature'],
        rows: snapshots.map((one, index) => [index * keptEvery * stepSize, one[cells / 2] ?? 0]),
      }),
    ];
  },
};
