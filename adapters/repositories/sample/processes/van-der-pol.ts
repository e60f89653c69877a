import { createCsvFile } from '../formats/csv.js';
import { integrate, keepEvery } from '../integrate.js';
import type { SampleProcess } from '../sample-process.js';

const DAMPINGS = [0.5, 2, 5];
const parameters = { startPosition: 0.1, stepSize: 0.005, steps: 12_000 };

type State = [position: number, velocity: number];

export const vanDerPol: SampleProcess = {
  localId: 'van-der-pol',
  title: 'Van der Pol oscillator',
  description:
    'Oscillator whose friction drives small swings and damps large ones, met by Balthasar van der Pol in electric circuits with ' +
    "vacuum tubes: x'' - mu (1 - x²) x' + x = 0. From wherever it starts it comes to the same limit cycle, the more like a saw the larger mu " +
    'is. Integrated with the classical Runge-Kutta method of fourth order at a fixed step.',
  subjects: ['nonlinear dynamics', 'limit cycle', 'electronics'],
  parameters: { ...parameters, dampings: DAMPINGS.join(' ') },
  compute() {
    return DAMPINGS.map((damping) => {
      const derivative = ([x, velocity]: State): State => [velocity, damping * (1 - x * x) * velocity - x];
      const rows = integrate<State>(derivative, [parameters.startPosition, 0], parameters);
      return createCsvFile({
        path: `damping-${damping}.csv`,
        description: `motion with mu = ${damping}, every 10th step`,
        columns: ['time', 'position', 'velocity'],
        rows: keepEvery(rows, 10),
      });
    });
  },
};
