import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { exp } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom, type SeededRandom } from '../seeded-random.js';
import { TorusGrid } from '../torus-grid.js';

const parameters = { side: 32, discardedSweeps: 200, measuredSweeps: 400, seed: 1925 };

/** In units of the coupling over Boltzmann's constant. Onsager's critical temperature is 2.269. */
const TEMPERATURES = [1.5, 1.75, 2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.75, 3, 3.5];

const neighbours = (spins: TorusGrid, row: number, column: number): number =>
  spins.at(row - 1, column) + spins.at(row + 1, column) + spins.at(row, column - 1) + spins.at(row, column + 1);

/** Offers each spin in turn to flip; Metropolis accepts with probability min(1, exp(-energy / temperature)). */
function sweep(spins: TorusGrid, acceptances: ReadonlyMap<number, number>, random: SeededRandom): void {
  spins.forEach((row, column) => {
    const spin = spins.at(row, column);
    const energy = 2 * spin * neighbours(spins, row, column);
    if (energy <= 0 || random.uniform() < (acceptances.get(energy) ?? 0)) spins.set(row, column, -spin);
  });
}

function measure(temperature: number, random: SeededRandom) {
  const { side, discardedSweeps, measuredSweeps } = parameters;
  const acceptances = new Map([4, 8].map((energy) => [energy, exp(-energy / temperature)]));
  const spins = new TorusGrid(side);
  spins.values.fill(1);
  const [magnetisations, energies]: [number[], number[]] = [[], []];
  for (let index = 0; index < discardedSweeps + measuredSweeps; index += 1) {
    sweep(spins, acceptances, random);
    if (index < discardedSweeps) continue;
    let [magnetisation, energy] = [0, 0];
    spins.forEach((row, column) => {
      magnetisation += spins.at(row, column);
      // Every bond is counted from both of its ends.
      energy -= (spins.at(row, column) * neighbours(spins, row, column)) / 2;
    });
    magnetisations.push(Math.abs(magnetisation) / side ** 2);
    energies.push(energy / side ** 2);
  }
  const energy = mean(energies);
  const variance = mean(energies.map((one) => one * one)) - energy * energy;
  return {
    row: [temperature, mean(magnetisations), energy, (variance * side ** 2) / (temperature * temperature)],
    spins: spins.values,
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const isingLattice: SampleProcess = {
  localId: 'ising-lattice',
  title: 'Ising model of a ferromagnet on a square lattice',
  description:
    'Spins of +1 and -1 on a square lattice with joined edges, each of which lowers the energy by agreeing with its four ' +
    'neighbours. Sampled by the Metropolis algorithm at temperatures around the critical one, 2 / log(1 + sqrt 2) = 2.269, above which the magnet ' +
    'loses its magnetisation. Each temperature starts from all spins up; the first sweeps are discarded.',
  subjects: ['statistical mechanics', 'phase transition', 'magnetism', 'Monte Carlo'],
  parameters: { ...parameters, temperatures: TEMPERATURES.join(' ') },
  compute() {
    const random = createSeededRandom(parameters.seed);
    const measured = TEMPERATURES.map((temperature) => measure(temperature, random));
    return [
      createCsvFile({
        path: 'magnetisation.csv',
        description: 'means per spin at each temperature',
        columns: ['temperature', 'absolute_magnetisation', 'energy', 'specific_heat'],
        rows: measured.map((one) => one.row),
      }),
      createNpyFile({
        path: 'spins.npy',
        description: 'the last lattice at each temperature: temperature, row, column',
        type: '<i4',
        shape: [TEMPERATURES.length, parameters.side, parameters.side],
        values: measured.flatMap((one) => [...one.spins]),
      }),
    ];
  },
};
