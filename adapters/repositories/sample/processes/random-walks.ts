import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';

const parameters = { walkers: 1000, steps: 1000, keptWalkers: 50, seed: 1905 };

const DIRECTIONS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

export const randomWalks: SampleProcess = {
  localId: 'random-walks',
  title: 'Random walks on a square lattice',
  description:
    'Walkers that start at the origin and step to one of the four neighbouring sites with equal probability, independent of ' +
    'each other and of their past. Their mean squared distance from the origin grows like the number of steps, the law of diffusion ' +
    'that Einstein gave for Brownian motion in 1905.',
  subjects: ['stochastic process', 'random walk', 'diffusion'],
  parameters,
  compute() {
    const { walkers, steps, keptWalkers, seed } = parameters;
    const random = createSeededRandom(seed);
    const squaredDistances = Array.from({ length: steps + 1 }, () => 0);
    const paths: number[] = [];
    for (let walker = 0; walker < walkers; walker += 1) {
      let [x, y] = [0, 0];
      for (let step = 0; step <= steps; step += 1) {
        squaredDistances[step] = (squaredDistances[step] ?? 0) + x * x + y * y;
        if (walker < keptWalkers) paths.push(x, y);
        const [dx, dy] = DIRECTIONS[random.integer(DIRECTIONS.length)] ?? [0, 0];
        x += dx;
        y += dy;
      }
    }
    return [
      createNpyFile({
        path: 'paths.npy',
        description: `the first ${keptWalkers} walkers: walker, step, coordinate`,
        type: '<i4',
        shape: [keptWalkers, steps + 1, 2],
        values: paths,
      }),
      createCsvFile({
        path: 'mean-squared-distance.csv',
        description: 'mean over all walkers after each step',
        columns: ['step', 'mean_squared_distance'],
        rows: squaredDistances.map((sum, step) => [step, sum / walkers]),
      }),
    ];
  },
};
