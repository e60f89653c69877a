import { createCsvFile } from '../formats/csv.js';
import { createJsonFile } from '../formats/json.js';
import { createNpyFile } from '../formats/npy.js';
import { exp, power } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { states: 10, positionFrom: -8, positionTo: 8, points: 1601 };

/** Values of all states at one place: psi_(n+1) = sqrt(2/(n+1)) x psi_n - sqrt(n/(n+1)) psi_(n-1). */
function evaluateStates(x: number): number[] {
  const values: number[] = [];
  let [before, now] = [0, power(Math.PI, -0.25) * exp((-x * x) / 2)];
  for (let n = 0; n < parameters.states; n += 1) {
    values.push(now);
    [before, now] = [now, Math.sqrt(2 / (n + 1)) * x * now - Math.sqrt(n / (n + 1)) * before];
  }
  return values;
}

export const quantumHarmonicOscillator: SampleProcess = {
  localId: 'quantum-harmonic-oscillator',
  title: 'Quantum harmonic oscillator: wavefunctions',
  description:
    'The lowest stationary states of a particle in a parabolic well, in units where mass, frequency and the reduced Planck constant are 1: ' +
    "Schrödinger's equation -psi'' / 2 + x² psi / 2 = E psi with E = n + 1/2. Computed by the three-term recurrence of the Hermite functions, " +
    'which keeps them normalised.',
  subjects: ['quantum mechanics', 'wavefunction', 'special functions'],
  parameters,
  compute() {
    const { states, positionFrom, positionTo, points } = parameters;
    const rows = Array.from({ length: points }, (_, index) => {
      const x = positionFrom + ((positionTo - positionFrom) * index) / (points - 1);
      return [x, ...evaluateStates(x)];
    });
    const names = Array.from({ length: states }, (_, n) => `psi_${n}`);
    return [
      createNpyFile({
        path: 'wavefunctions.npy',
        description: 'one row a place: x, then the value of each state',
        type: '<f8',
        shape: [points, states + 1],
        values: rows.flat(),
      }),
      createCsvFile({
        path: 'wavefunctions.csv',
        description: 'the same as text',
        columns: ['x', ...names],
        rows,
      }),
      createJsonFile({
        path: 'energies.json',
        description: 'energy of each state',
        value: Object.fromEntries(names.map((name, n) => [name, n + 0.5])),
      }),
    ];
  },
};
