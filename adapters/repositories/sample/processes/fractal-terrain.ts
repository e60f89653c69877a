import { createJsonFile } from '../formats/json.js';
import { createNpyFile } from '../formats/npy.js';
import { power } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';
import { TorusGrid } from '../torus-grid.js';

const parameters = { side: 256, hurstExponent: 0.8, seed: 1982 };

/** Mean of the four cells at that distance, along the axes or along the diagonals. */
const meanAround = (heights: TorusGrid, row: number, column: number, distance: number, diagonal: boolean): number =>
  (heights.at(row - distance, column - (diagonal ? distance : 0)) +
    heights.at(row + distance, column + (diagonal ? distance : 0)) +
    heights.at(row + (diagonal ? distance : 0), column - distance) +
    heights.at(row - (diagonal ? distance : 0), column + distance)) /
  4;

/** Halves the distance between known cells: first the middle of each square, then the middle of each of its sides. */
function refine(heights: TorusGrid, distance: number, draw: () => number): void {
  const half = distance / 2;
  for (let row = half; row < heights.side; row += distance) {
    for (let column = half; column < heights.side; column += distance) {
      heights.set(row, column, meanAround(heights, row, column, half, true) + draw());
    }
  }
  for (let row = 0; row < heights.side; row += half) {
    for (let column = row % distance === 0 ? half : 0; column < heights.side; column += distance) {
      heights.set(row, column, meanAround(heights, row, column, half, false) + draw());
    }
  }
}

export const fractalTerrain: SampleProcess = {
  localId: 'fractal-terrain',
  title: 'Fractal terrain',
  description:
    'A landscape that looks alike at every scale, an approximation of fractional Brownian motion over the plane: differences of height grow with distance to the power of ' +
    'the Hurst exponent. Made by midpoint displacement in squares and diamonds after Fournier, Fussell and Carpenter, 1982, on a grid with joined edges, with ' +
    'normal displacements that shrink by 2^-H when the distance is halved.',
  subjects: ['geomorphology', 'fractal', 'fractional Brownian motion', 'computer graphics'],
  parameters,
  compute() {
    const { side, hurstExponent, seed } = parameters;
    const random = createSeededRandom(seed);
    const heights = new TorusGrid(side);
    let roughness = 1;
    for (let distance = side; distance > 1; distance /= 2) {
      const scale = roughness;
      refine(heights, distance, () => scale * random.normal());
      roughness *= power(2, -hurstExponent);
    }
    return [
      createNpyFile({
        path: 'heights.npy',
        description: 'height of each cell: row, column',
        type: '<f8',
        shape: [side, side],
        values: heights.values,
      }),
      createJsonFile({
        path: 'summary.json',
        description: 'lowest and highest cell',
        value: {
          lowest: heights.values.reduce((lowest, height) => Math.min(lowest, height)),
          highest: heights.values.reduce((highest, height) => Math.max(highest, height)),
        },
      }),
    ];
  },
};
