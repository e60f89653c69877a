import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { exp } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';

const parameters = { reversion: 1, noise: 0.5, start: 2, stepSize: 0.02, steps: 500, paths: 200, seed: 1930 };

export const ornsteinUhlenbeck: SampleProcess = {
  localId: 'ornstein-uhlenbeck',
  title: 'Ornstein-Uhlenbeck process',
  description:
    'Velocity of a Brownian particle with friction, dX = -theta X dt + sigma dW, as Uhlenbeck and Ornstein described it in 1930. ' +
    'Paths are drawn with the exact transition law, a normal variable of mean X exp(-theta dt) and variance ' +
    'sigma² (1 - exp(-2 theta dt)) / (2 theta), so that there is no error of discretisation.',
  subjects: ['stochastic process', 'Brownian motion', 'diffusion'],
  parameters,
  compute() {
    const { reversion, noise, start, stepSize, steps, paths, seed } = parameters;
    const random = createSeededRandom(seed);
    const decay = exp(-reversion * stepSize);
    const deviation = noise * Math.sqrt((1 - decay * decay) / (2 * reversion));
    const values: number[] = [];
    for (let path = 0; path < paths; path += 1) {
      let x = start;
      for (let step = 0; step <= steps; step += 1) {
        values.push(x);
        x = x * decay + deviation * random.normal();
      }
    }
    const rows = Array.from({ length: steps + 1 }, (_, step) => {
      const across = Array.from({ length: paths }, (_path, path) => values[path * (steps + 1) + step] ?? 0);
      const mean = across.reduce((sum, x) => sum + x, 0) / paths;
      return [step * stepSize, mean, across.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / (paths - 1)];
    });
    return [
      createNpyFile({
        path: 'paths.npy',
        description: 'path, step',
        type: '<f8',
        shape: [paths, steps + 1],
        values,
      }),
      createCsvFile({
        path: 'moments.csv',
        description: 'mean and variance over the paths at each time',
        columns: ['time', 'mean', 'variance'],
        rows,
      }),
    ];
  },
};
