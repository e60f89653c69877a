import { createCsvFile } from '../formats/csv.js';
import { exp } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

/** In minutes. Polonium-214 lives for microseconds only and is left out: bismuth is taken to decay to lead-210 at once. */
const HALF_LIVES = [
  ['radon-222', 5505.8],
  ['polonium-218', 3.1],
  ['lead-214', 26.8],
  ['bismuth-214', 19.9],
] as const;

const parameters = { startAtoms: 1e9, minutes: 12_000, interval: 10 };

const rates = HALF_LIVES.map(([, halfLife]) => Math.LN2 / halfLife);

/** Atoms of the n-th member at that time, by Bateman's solution of 1910 for a chain that starts with its first member only. */
function countAtoms(member: number, time: number): number {
  const upTo = rates.slice(0, member + 1);
  const feeding = rates.slice(0, member).reduce((product, rate) => product * rate, parameters.startAtoms);
  return (
    feeding *
    upTo.reduce((sum, rate, index) => {
      const differences = upTo.reduce((product, other, at) => (at === index ? product : product * (other - rate)), 1);
      return sum + exp(-rate * time) / differences;
    }, 0)
  );
}

export const radonDecayChain: SampleProcess = {
  localId: 'radon-decay-chain',
  title: 'Radioactive decay chain of radon-222',
  description:
    'Numbers of atoms in the decay of radon through polonium-218, lead-214 and bismuth-214 to lead-210, which with its 22 years counts as stable here. ' +
    "Each member decays at a rate proportional to its number, dN_i/dt = lambda_(i-1) N_(i-1) - lambda_i N_i; evaluated by Bateman's exact solution. After some hours the short-lived " +
    'members decay as fast as radon feeds them.',
  subjects: ['nuclear physics', 'radioactivity', 'geochemistry'],
  parameters: {
    ...parameters,
    ...Object.fromEntries(HALF_LIVES.map(([nuclide, halfLife]) => [`halfLifeMinutes ${nuclide}`, halfLife])),
  },
  compute() {
    const { startAtoms, minutes, interval } = parameters;
    const rows = Array.from({ length: minutes / interval + 1 }, (_, index) => {
      const atoms = rates.map((_rate, member) => Math.round(countAtoms(member, index * interval)));
      return [index * interval, ...atoms, startAtoms - atoms.reduce((sum, count) => sum + count, 0)];
    });
    return [
      createCsvFile({
        path: 'atoms.csv',
        description: 'minutes, then whole atoms of each nuclide',
        columns: ['time', ...HALF_LIVES.map(([nuclide]) => nuclide), 'lead-210'],
        rows,
      }),
    ];
  },
};
