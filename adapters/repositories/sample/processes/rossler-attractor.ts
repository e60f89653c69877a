import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { integrate, keepEvery } from '../integrate.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { a: 0.2, b: 0.2, c: 5.7, stepSize: 0.02, steps: 20_000 };

type State = [x: number, y: number, z: number];

const derivative = ([x, y, z]: State): State => [-y - z, x + parameters.a * y, parameters.b + z * (x - parameters.c)];

export const rosslerAttractor: SampleProcess = {
  localId: 'rossler-attractor',
  title: 'Rössler attractor',
  description:
    "Trajectory of Otto Rössler's 1976 system, chaos from a single nonlinear term: dx/dt = -y - z, dy/dt = x + a y, " +
    'dz/dt = b + z (x - c). Integrated with the classical Runge-Kutta method of fourth order at a fixed step from (1, 1, 0).',
  subjects: ['nonlinear dynamics', 'chaos', 'strange attractor'],
  parameters,
  compute() {
    const rows = integrate<State>(derivative, [1, 1, 0], parameters);
    return [
      createNpyFile({
        path: 'trajectory.npy',
        description: 'one row a step: time, x, y, z',
        type: '<f8',
        shape: [rows.length, 4],
        values: rows.flat(),
      }),
      createCsvFile({
        path: 'trajectory.csv',
        description: 'every 20th row',
        columns: ['time', 'x', 'y', 'z'],
        rows: keepEvery(rows, 20),
      }),
    ];
  },
};
