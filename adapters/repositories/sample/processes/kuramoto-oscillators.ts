import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { cos, sin } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom } from '../seeded-random.js';

const parameters = { oscillators: 100, stepSize: 0.05, steps: 600, averagedSteps: 200, seed: 1975 };

/** In units of the spread of the natural frequencies; the threshold of an infinite crowd is sqrt(8 / pi) = 1.596. */
const COUPLINGS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4];

/** Length and direction of the mean of all oscillators on the unit circle. */
function measureOrder(phases: readonly number[]): { x: number; y: number; order: number } {
  const x = phases.reduce((sum, phase) => sum + cos(phase), 0) / phases.length;
  const y = phases.reduce((sum, phase) => sum + sin(phase), 0) / phases.length;
  return { x, y, order: Math.sqrt(x * x + y * y) };
}

/** Order after each step. Each oscillator feels the mean of all: K r sin(psi - phase) = K (y cos phase - x sin phase). */
function synchronise(coupling: number, start: readonly number[], frequencies: readonly number[]): number[] {
  const { stepSize, steps } = parameters;
  const orders: number[] = [];
  let phases = start;
  for (let step = 0; step <= steps; step += 1) {
    const { x, y, order } = measureOrder(phases);
    orders.push(order);
    phases = phases.map(
      (phase, index) => phase + stepSize * ((frequencies[index] ?? 0) + coupling * (y * cos(phase) - x * sin(phase))),
    );
  }
  return orders;
}

export const kuramotoOscillators: SampleProcess = {
  localId: 'kuramoto-oscillators',
  title: 'Kuramoto oscillators',
  description:
    'A crowd of oscillators of different natural frequencies that pull at each other, d theta_i / dt = omega_i + (K / N) sum_j ' +
    'sin(theta_j - theta_i), after Yoshiki Kuramoto, 1975. Below a threshold of the coupling K they run past each other, above it they fall into ' +
    'step. Frequencies are normal with variance 1; Euler steps of a fixed size.',
  subjects: ['nonlinear dynamics', 'synchronisation', 'complex systems'],
  parameters: { ...parameters, couplings: COUPLINGS.join(' ') },
  compute() {
    const { oscillators, steps, averagedSteps, seed } = parameters;
    const random = createSeededRandom(seed);
    const frequencies = Array.from({ length: oscillators }, () => random.normal());
    const start = Array.from({ length: oscillators }, () => 2 * Math.PI * random.uniform());
    const orders = COUPLINGS.map((coupling) => synchronise(coupling, start, frequencies));
    return [
      createNpyFile({
        path: 'order.npy',
        description: 'order, from 0 (none) to 1 (in step): coupling, step',
        type: '<f8',
        shape: [COUPLINGS.length, steps + 1],
        values: orders.flat(),
      }),
      createCsvFile({
        path: 'order-by-coupling.csv',
        description: `mean order of the last ${averagedSteps} steps`,
        columns: ['coupling', 'mean_order'],
        rows: COUPLINGS.map((coupling, index) => {
          const last = (orders[index] ?? []).slice(-averagedSteps);
          return [coupling, last.reduce((sum, order) => sum + order, 0) / averagedSteps];
        }),
      }),
    ];
  },
};
