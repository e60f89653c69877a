import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { log } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { growthFrom: 2.5, growthTo: 4, growthCount: 601, start: 0.4, discarded: 1000, kept: 128 };

/** What the map visits once it has settled, and its Lyapunov exponent: the mean of log |r (1 - 2x)| along the orbit. */
function settle(growth: number): { orbit: number[]; lyapunovExponent: number } {
  const { start, discarded, kept } = parameters;
  const orbit: number[] = [];
  let x = start;
  let logarithms = 0;
  for (let iteration = 0; iteration < discarded + kept; iteration += 1) {
    x = growth * x * (1 - x);
    if (iteration < discarded) continue;
    orbit.push(x);
    // Where the slope is exactly zero the exponent is minus infinity; a tiny slope keeps it a number.
    logarithms += log(Math.max(Math.abs(growth * (1 - 2 * x)), 1e-300));
  }
  return { orbit, lyapunovExponent: logarithms / kept };
}

export const logisticMap: SampleProcess = {
  localId: 'logistic-map',
  title: 'Logistic map: bifurcation diagram',
  description:
    'Long-term behaviour of x -> r x (1 - x), the model of a population with limited food through which Robert May ' +
    'showed in 1976 how simple rules give chaos. For each growth rate r the first iterations are discarded and the following ' +
    'ones kept; the Lyapunov exponent is positive where the map is chaotic.',
  subjects: ['nonlinear dynamics', 'chaos', 'bifurcation', 'population dynamics'],
  parameters,
  compute() {
    const { growthFrom, growthTo, growthCount, kept } = parameters;
    const growths = Array.from(
      { length: growthCount },
      (_, index) => growthFrom + ((growthTo - growthFrom) * index) / (growthCount - 1),
    );
    const settled = growths.map((growth) => ({ growth, ...settle(growth) }));
    return [
      createNpyFile({
        path: 'bifurcation.npy',
        description: 'one row a growth rate: the values of x that were kept',
        type: '<f8',
        shape: [growthCount, kept],
        values: settled.flatMap((one) => one.orbit),
      }),
      createCsvFile({
        path: 'lyapunov.csv',
        description: 'Lyapunov exponent of each growth rate',
        columns: ['growth', 'lyapunov_exponent'],
        rows: settled.map((one) => [one.growth, one.lyapunovExponent]),
      }),
    ];
  },
};
