import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { integrate, keepEvery } from '../integrate.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { sigma: 10, rho: 28, beta: 8 / 3, stepSize: 0.005, steps: 100_000, twinDistance: 1e-9 };

type State = [x: number, y: number, z: number];

const derivative = ([x, y, z]: State): State => [
  parameters.sigma * (y - x),
  x * (parameters.rho - z) - y,
  x * y - parameters.beta * z,
];

export const lorenzAttractor: SampleProcess = {
  localId: 'lorenz-attractor',
  title: 'Lorenz attractor',
  description:
    "Trajectory of Edward Lorenz's 1963 model of convection, the best known strange attractor: dx/dt = sigma (y - x), " +
    'dy/dt = x (rho - z) - y, dz/dt = x y - beta z. Integrated with the classical Runge-Kutta method of fourth order at a ' +
    'fixed step from (1, 1, 1). A twin that starts a billionth beside it shows how quickly prediction fails.',
  subjects: ['nonlinear dynamics', 'chaos', 'strange attractor', 'atmospheric convection'],
  parameters,
  compute() {
    const rows = integrate<State>(derivative, [1, 1, 1], parameters);
    const twin = integrate<State>(derivative, [1 + parameters.twinDistance, 1, 1], { ...parameters, steps: 10_000 });
    const distances = twin.map(([time, x, y, z], index) => {
      const [, otherX, otherY, otherZ] = rows[index] ?? [0, 0, 0, 0];
      const [dx, dy, dz] = [x - otherX, y - otherY, z - otherZ];
      return [time, Math.sqrt(dx * dx + dy * dy + dz * dz)];
    });
    return [
      createNpyFile({
        path: 'trajectory.npy',
        description: 'one row a step: time, x, y, z',
        type: '<f8',
        shape: [rows.length, 4],
        values: rows.flat(),
      }),
      createCsvFile({
        path: 'trajectory-start.csv',
        description: 'every 10th row of the first 10,000 steps',
        columns: ['time', 'x', 'y', 'z'],
        rows: keepEvery(rows.slice(0, 10_001), 10),
      }),
      createCsvFile({
        path: 'twin-distance.csv',
        description: 'distance between the two trajectories, every 10th step',
        columns: ['time', 'distance'],
        rows: keepEvery(distances, 10),
      }),
    ];
  },
};
