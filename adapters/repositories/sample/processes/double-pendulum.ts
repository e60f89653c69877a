import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { integrate, keepEvery } from '../integrate.js';
import { cos, sin } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { gravity: 9.81, length: 1, mass: 1, startAngle: 2, stepSize: 0.002, steps: 15_000 };

/** Angles from the vertical in radians, angular velocities in radians per second. */
type State = [upper: number, lower: number, upperVelocity: number, lowerVelocity: number];

/** Lagrange's equations for two equal rods without mass that end in equal weights. */
function derivative([upper, lower, upperVelocity, lowerVelocity]: State): State {
  const { gravity, length } = parameters;
  const difference = upper - lower;
  const [sine, cosine] = [sin(difference), cos(difference)];
  const denominator = length * (2 - cosine * cosine);
  const upperSquared = length * upperVelocity * upperVelocity;
  const lowerSquared = length * lowerVelocity * lowerVelocity;
  return [
    upperVelocity,
    lowerVelocity,
    (gravity * (sin(lower) * cosine - 2 * sin(upper)) - sine * (lowerSquared + upperSquared * cosine)) / denominator,
    (2 * gravity * (sin(upper) * cosine - sin(lower)) + sine * (2 * upperSquared + lowerSquared * cosine)) /
      denominator,
  ];
}

/** Kinetic and potential energy in joules; zero of height at the hinge. */
function energyOf([upper, lower, upperVelocity, lowerVelocity]: State): number {
  const { gravity, length, mass } = parameters;
  const kinetic =
    mass *
    length *
    length *
    (upperVelocity * upperVelocity +
      (lowerVelocity * lowerVelocity) / 2 +
      upperVelocity * lowerVelocity * cos(upper - lower));
  return kinetic - mass * gravity * length * (2 * cos(upper) + cos(lower));
}

export const doublePendulum: SampleProcess = {
  localId: 'double-pendulum',
  title: 'Double pendulum',
  description:
    'Swing of a pendulum that hangs from a pendulum, without friction: two equal weights on two equal rods, let go at rest ' +
    "with both rods at the same angle. Lagrange's equations integrated with the classical Runge-Kutta method of fourth " +
    'order at a fixed step. The total energy, which nature conserves, tells how good the integration is.',
  subjects: ['classical mechanics', 'chaos', 'nonlinear dynamics'],
  parameters,
  compute() {
    const { startAngle } = parameters;
    const rows = integrate<State>(derivative, [startAngle, startAngle, 0, 0], parameters).map(
      ([time, ...state]): number[] => [time, ...state, energyOf(state)],
    );
    return [
      createNpyFile({
        path: 'motion.npy',
        description: 'one row a step, columns as in motion.csv',
        type: '<f8',
        shape: [rows.length, 6],
        values: rows.flat(),
      }),
      createCsvFile({
        path: 'motion.csv',
        description: 'every 10th row: seconds, radians, radians per second, joules',
        columns: ['time', 'upper_angle', 'lower_angle', 'upper_velocity', 'lower_velocity', 'energy'],
        rows: keepEvery(rows, 10),
      }),
    ];
  },
};
