import { createJsonFile } from '../formats/json.js';
import { createNpyFile } from '../formats/npy.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = {
  width: 480,
  height: 321,
  realFrom: -2.2,
  realTo: 0.8,
  imaginaryFrom: -1,
  imaginaryTo: 1,
  maximumIterations: 200,
};

/** Iterations after which |z| is over 2; the maximum when it never was. */
function countIterations(real: number, imaginary: number): number {
  let [x, y] = [0, 0];
  for (let count = 0; count < parameters.maximumIterations; count += 1) {
    const [xx, yy] = [x * x, y * y];
    if (xx + yy > 4) return count;
    y = 2 * x * y + imaginary;
    x = xx - yy + real;
  }
  return parameters.maximumIterations;
}

export const mandelbrotSet: SampleProcess = {
  localId: 'mandelbrot-set',
  title: 'Mandelbrot set: escape times',
  description:
    'For each point c of a grid in the complex plane, after how many iterations of z -> z² + c from z = 0 the absolute value is over 2. ' +
    'Points that do not escape within the limit count as members of the set that Benoit Mandelbrot made known in 1980.',
  subjects: ['fractal', 'complex dynamics', 'visualisation'],
  parameters,
  compute() {
    const { width, height, realFrom, realTo, imaginaryFrom, imaginaryTo, maximumIterations } = parameters;
    const counts: number[] = [];
    for (let row = 0; row < height; row += 1) {
      const imaginary = imaginaryFrom + ((imaginaryTo - imaginaryFrom) * row) / (height - 1);
      for (let column = 0; column < width; column += 1) {
        counts.push(countIterations(realFrom + ((realTo - realFrom) * column) / (width - 1), imaginary));
      }
    }
    const members = counts.filter((count) => count === maximumIterations).length;
    return [
      createNpyFile({
        path: 'escape-times.npy',
        description: 'rows along the imaginary axis, columns along the real axis',
        type: '<i4',
        shape: [height, width],
        values: counts,
      }),
      createJsonFile({
        path: 'summary.json',
        description: 'number of points that did not escape, and the area they stand for',
        value: {
          members,
          area: (members * ((realTo - realFrom) / (width - 1)) * (imaginaryTo - imaginaryFrom)) / (height - 1),
        },
      }),
    ];
  },
};
