import { createCsvFile } from '../formats/csv.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { a: 1.4, b: 0.3, discarded: 100, points: 10_000 };

export const henonMap: SampleProcess = {
  localId: 'henon-map',
  title: 'Hénon map',
  description:
    'Points of the map (x, y) -> (1 - a x² + y, b x) that Michel Hénon proposed in 1976 as a section through a flow with ' +
    'a strange attractor. Iterated from (0, 0); the first points, still on their way to the attractor, are discarded.',
  subjects: ['nonlinear dynamics', 'chaos', 'strange attractor', 'fractal'],
  parameters,
  compute() {
    const { a, b, discarded, points } = parameters;
    const rows: [number, number][] = [];
    let [x, y] = [0, 0];
    for (let iteration = 0; iteration < discarded + points; iteration += 1) {
      [x, y] = [1 - a * x * x + y, b * x];
      if (iteration >= discarded) rows.push([x, y]);
    }
    return [createCsvFile({ path: 'points.csv', description: 'successive points', columns: ['x', 'y'], rows })];
  },
};
