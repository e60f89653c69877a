import { createCsvFile } from '../formats/csv.js';
import { cos, exp } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';

const parameters = {
  frequency: 1.5,
  dampingRate: 0.15,
  amplitude: 1,
  noise: 0.05,
  interval: 0.02,
  samples: 1500,
  seed: 1687,
};

export const dampedOscillator: SampleProcess = {
  localId: 'damped-oscillator',
  title: 'Damped harmonic oscillator measured with noise',
  description:
    "A swing that dies away, x'' + 2 gamma x' + omega² x = 0, sampled at equal intervals by an instrument with normal errors. The solution " +
    'A exp(-gamma t) cos(sqrt(omega² - gamma²) t) is exact and given beside each measurement, so that fits and filters can be judged by it.',
  subjects: ['classical mechanics', 'signal processing', 'measurement error'],
  parameters,
  compute() {
    const { frequency, dampingRate, amplitude, noise, interval, samples, seed } = parameters;
    const random = createSeededRandom(seed);
    const dampedFrequency = Math.sqrt(frequency * frequency - dampingRate * dampingRate);
    const rows = Array.from({ length: samples }, (_, index) => {
      const time = index * interval;
      const exact = amplitude * exp(-dampingRate * time) * cos(dampedFrequency * time);
      return [time, exact, exact + noise * random.normal()];
    });
    return [
      createCsvFile({
        path: 'signal.csv',
        description: 'seconds, true position, measured position',
        columns: ['time', 'exact', 'measured'],
        rows,
      }),
    ];
  },
};
