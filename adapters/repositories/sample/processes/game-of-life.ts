import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';
import { TorusGrid } from '../torus-grid.js';

const parameters = { side: 64, generations: 400, keptGenerations: 100, densityAtStart: 0.35, seed: 1970 };

function countNeighbours(cells: TorusGrid, row: number, column: number): number {
  let count = -cells.at(row, column);
  for (let down = -1; down <= 1; down += 1) {
    for (let right = -1; right <= 1; right += 1) count += cells.at(row + down, column + right);
  }
  return count;
}

function nextGeneration(cells: TorusGrid): TorusGrid {
  const next = new TorusGrid(cells.side);
  cells.forEach((row, column) => {
    const neighbours = countNeighbours(cells, row, column);
    const lives = neighbours === 3 || (neighbours === 2 && cells.at(row, column) === 1);
    next.set(row, column, lives ? 1 : 0);
  });
  return next;
}

export const gameOfLife: SampleProcess = {
  localId: 'game-of-life',
  title: 'Game of Life',
  description:
    "John Conway's cellular automaton of 1970 from a random soup on a square with joined edges: a cell is born with three living " +
    'neighbours of eight and survives with two or three.',
  subjects: ['cellular automaton', 'complex systems'],
  parameters,
  compute() {
    const { side, generations, keptGenerations, densityAtStart, seed } = parameters;
    const random = createSeededRandom(seed);
    let cells = new TorusGrid(side);
    cells.forEach((row, column) => {
      cells.set(row, column, random.uniform() < densityAtStart ? 1 : 0);
    });
    const kept: number[] = [];
    const rows: number[][] = [];
    for (let generation = 0; generation <= generations; generation += 1) {
      rows.push([generation, cells.values.reduce((sum, cell) => sum + cell, 0)]);
      if (generation < keptGenerations) kept.push(...cells.values);
      cells = nextGeneration(cells);
    }
    return [
      createNpyFile({
        path: 'generations.npy',
        description: `the first ${keptGenerations} generations, 1 = alive: generation, row, column`,
        type: '|u1',
        shape: [keptGenerations, side, side],
        values: kept,
      }),
      createCsvFile({
        path: 'population.csv',
        description: 'living cells in each generation',
        columns: ['generation', 'population'],
        rows,
      }),
    ];
  },
};
