import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';
import { TorusGrid } from '../torus-grid.js';

const parameters = {
  side: 64,
  feed: 0.0367,
  kill: 0.0649,
  diffusionU: 0.16,
  diffusionV: 0.08,
  steps: 2000,
  keptEvery: 500,
  seed: 1984,
};

const laplacian = (grid: TorusGrid, row: number, column: number): number =>
  grid.at(row - 1, column) +
  grid.at(row + 1, column) +
  grid.at(row, column - 1) +
  grid.at(row, column + 1) -
  4 * grid.at(row, column);

/** U alone everywhere, but for a square in the middle with V in it; a little noise breaks the symmetry. */
function createStart(): [u: TorusGrid, v: TorusGrid] {
  const { side, seed } = parameters;
  const random = createSeededRandom(seed);
  const [u, v] = [new TorusGrid(side), new TorusGrid(side)];
  u.forEach((row, column) => {
    const inside = Math.abs(row - side / 2) < side / 10 && Math.abs(column - side / 2) < side / 10;
    const noise = 0.02 * random.uniform();
    u.set(row, column, inside ? 0.5 + noise : 1);
    v.set(row, column, inside ? 0.25 + noise : 0);
  });
  return [u, v];
}

function step(u: TorusGrid, v: TorusGrid, nextU: TorusGrid, nextV: TorusGrid): void {
  const { feed, kill, diffusionU, diffusionV } = parameters;
  u.forEach((row, column) => {
    const [hereU, hereV] = [u.at(row, column), v.at(row, column)];
    const reaction = hereU * hereV * hereV;
    nextU.set(row, column, hereU + diffusionU * laplacian(u, row, column) - reaction + feed * (1 - hereU));
    nextV.set(row, column, hereV + diffusionV * laplacian(v, row, column) + reaction - (feed + kill) * hereV);
  });
}

export const grayScott: SampleProcess = {
  localId: 'gray-scott',
  title: 'Gray-Scott reaction-diffusion',
  description:
    'Two substances that diffuse and react, U + 2V -> 3V, while U is fed and V is removed: du/dt = Du lap u - u v² + F (1 - u), ' +
    'dv/dt = Dv lap v + u v² - (F + k) v, after Gray and Scott, 1984. At these rates spots grow and divide like cells. Explicit Euler steps ' +
    'of unit time on a grid with joined edges.',
  subjects: ['reaction-diffusion', 'pattern formation', 'chemistry', 'partial differential equation'],
  parameters,
  compute() {
    const { side, steps, keptEvery } = parameters;
    let [u, v] = createStart();
    let [nextU, nextV] = [new TorusGrid(side), new TorusGrid(side)];
    const snapshots: number[] = [];
    const rows: number[][] = [];
    for (let time = 0; time <= steps; time += 1) {
      if (time % keptEvery === 0) {
        snapshots.push(...v.values);
        rows.push([time, v.values.reduce((sum, value) => sum + value, 0) / side ** 2]);
      }
      step(u, v, nextU, nextV);
      [u, v, nextU, nextV] = [nextU, nextV, u, v];
    }
    return [
      createNpyFile({
        path: 'v.npy',
        description: `concentration of V every ${keptEvery} steps: time, row, column`,
        type: '<f8',
        shape: [rows.length, side, side],
        values: snapshots,
      }),
      createCsvFile({
        path: 'mean-v.csv',
        description: 'mean concentration of V',
        columns: ['time', 'mean_v'],
        rows,
      }),
    ];
  },
};
