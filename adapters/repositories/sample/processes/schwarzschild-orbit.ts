import { createCsvFile } from '../formats/csv.js';
import { createJsonFile } from '../formats/json.js';
import { integrate, keepEvery } from '../integrate.js';
import { cos, sin } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { mass: 1, semiLatusRectum: 100, eccentricity: 0.5, stepSize: 0.002, steps: 32_000 };

type State = [inverseRadius: number, slope: number];

/** Square of the angular momentum per mass of the bound orbit with these elements (Darwin, 1959). */
const { mass, semiLatusRectum, eccentricity } = parameters;
const squaredAngularMomentum =
  (mass * semiLatusRectum * semiLatusRectum) / (semiLatusRectum - mass * (3 + eccentricity * eccentricity));

const derivative = ([u, slope]: State): State => [slope, mass / squaredAngularMomentum - u + 3 * mass * u * u];

/** Angles at which the radius is smallest: where the slope of 1/r falls through zero, by linear interpolation. */
function findPerihelia(rows: readonly [number, ...State][]): number[] {
  return rows.flatMap(([angle, , slope], index) => {
    const [angleBefore, , slopeBefore] = rows[index - 1] ?? [0, 0, 0];
    if (!(slopeBefore > 0 && slope <= 0)) return [];
    return [angleBefore + ((angle - angleBefore) * slopeBefore) / (slopeBefore - slope)];
  });
}

export const schwarzschildOrbit: SampleProcess = {
  localId: 'schwarzschild-orbit',
  title: 'Schwarzschild orbit: precession of the perihelion',
  description:
    "Path of a small body around a black hole in Karl Schwarzschild's metric, in units where the hole's mass, gravity's constant and the speed of light are 1. " +
    'With u = 1/r the geodesic obeys d²u/dphi² = M/L² - u + 3 M u²; the last term is what Newton lacks and what turns the ellipse by about 6 pi M / p at each revolution. ' +
    'Integrated over the angle with the classical Runge-Kutta method of fourth order.',
  subjects: ['general relativity', 'black hole', 'celestial mechanics'],
  parameters,
  compute() {
    const start: State = [(1 + eccentricity) / semiLatusRectum, 0];
    const rows = integrate<State>(derivative, start, parameters);
    return [
      createCsvFile({
        path: 'orbit.csv',
        description: 'every 10th step: angle, radius, coordinates in units of the mass',
        columns: ['angle', 'radius', 'x', 'y'],
        rows: keepEvery(rows, 10).map(([angle, u]) => [angle, 1 / u, cos(angle) / u, sin(angle) / u]),
      }),
      createJsonFile({
        path: 'perihelia.json',
        description: 'angles of the perihelia after the first, in radians',
        value: { angles: findPerihelia(rows), advanceToFirstOrder: (6 * Math.PI * mass) / semiLatusRectum },
      }),
    ];
  },
};
