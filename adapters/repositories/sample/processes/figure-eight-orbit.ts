import { createCsvFile } from '../formats/csv.js';
import { createNpyFile } from '../formats/npy.js';
import { integrate, keepEvery } from '../integrate.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { stepSize: 0.0025, steps: 7600, bodies: 3, mass: 1, gravitationalConstant: 1 };

type Vector = readonly [x: number, y: number];

/** Positions of the three bodies, then their velocities. */
type State = [number, number, number, number, number, number, number, number, number, number, number, number];

/** Attraction that unit mass at `to` exerts on unit mass at `from`. */
function attract(from: Vector, to: Vector): Vector {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const squared = dx * dx + dy * dy;
  const cubed = squared * Math.sqrt(squared);
  return [dx / cubed, dy / cubed];
}

function derivative([ax, ay, bx, by, cx, cy, ...velocities]: State): State {
  const ab = attract([ax, ay], [bx, by]);
  const bc = attract([bx, by], [cx, cy]);
  const ca = attract([cx, cy], [ax, ay]);
  return [
    ...velocities,
    ...[ab[0] - ca[0], ab[1] - ca[1]],
    ...[bc[0] - ab[0], bc[1] - ab[1]],
    ...[ca[0] - bc[0], ca[1] - bc[1]],
  ] as State;
}

function energyOf([ax, ay, bx, by, cx, cy, ...velocities]: State): number {
  const distance = (dx: number, dy: number): number => Math.sqrt(dx * dx + dy * dy);
  const kinetic = velocities.reduce((sum, velocity) => sum + (velocity * velocity) / 2, 0);
  return kinetic - 1 / distance(bx - ax, by - ay) - 1 / distance(cx - bx, cy - by) - 1 / distance(ax - cx, ay - cy);
}

/** Simó's numbers for the orbit of Chenciner and Montgomery. */
const START: State = [
  ...([0.97000436, -0.24308753] as const),
  ...([-0.97000436, 0.24308753] as const),
  ...([0, 0] as const),
  ...([0.466203685, 0.43236573] as const),
  ...([0.466203685, 0.43236573] as const),
  ...([-0.93240737, -0.86473146] as const),
];

export const figureEightOrbit: SampleProcess = {
  localId: 'figure-eight-orbit',
  title: 'Figure-eight orbit of three bodies',
  description:
    'Three equal masses that chase each other along one curve in the shape of an eight under their own gravity, an N-body ' +
    'orbit found by Cris Moore in 1993 and proved by Chenciner and Montgomery in 2000. Each body is accelerated by the sum of the ' +
    'others divided by the square of their distance. Three periods of 6.3259 time units, integrated with the classical ' +
    'Runge-Kutta method of fourth order at a fixed step.',
  subjects: ['celestial mechanics', 'three-body problem', 'N-body simulation', 'gravity'],
  parameters,
  compute() {
    const rows = integrate<State>(derivative, START, parameters).map(([time, ...state]): number[] => [
      time,
      ...state,
      energyOf(state),
    ]);
    const columns = ['x1', 'y1', 'x2', 'y2', 'x3', 'y3', 'vx1', 'vy1', 'vx2', 'vy2', 'vx3', 'vy3'];
    return [
      createNpyFile({
        path: 'orbit.npy',
        description: 'one row a step, columns as in orbit.csv',
        type: '<f8',
        shape: [rows.length, 14],
        values: rows.flat(),
      }),
      createCsvFile({
        path: 'orbit.csv',
        description: 'every 20th row: time, positions, velocities, total energy',
        columns: ['time', ...columns, 'energy'],
        rows: keepEvery(rows, 20),
      }),
    ];
  },
};
