import { createCsvFile } from '../formats/csv.js';
import { createJsonFile } from '../formats/json.js';
import { log, power } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';
import { createSeededRandom, type SeededRandom } from '../seeded-random.js';

const parameters = {
  stars: 10_000,
  lowestMass: 0.08,
  breakMass: 0.5,
  highestMass: 50,
  slopeBelow: 1.3,
  slopeAbove: 2.3,
  radiusParsecs: 500,
  seed: 1955,
};

/** Integral of m^-slope from one mass to the other. */
const integratePower = (slope: number, from: number, to: number): number =>
  (power(to, 1 - slope) - power(from, 1 - slope)) / (1 - slope);

/** The mass below which lies that share of the stars between the two. */
const invertPower = (slope: number, from: number, to: number, share: number): number =>
  power(power(from, 1 - slope) + share * (power(to, 1 - slope) - power(from, 1 - slope)), 1 / (1 - slope));

/** By inversion of the cumulative mass function, whose two branches meet at the break. */
function drawMass(random: SeededRandom): number {
  const { lowestMass, breakMass, highestMass, slopeBelow, slopeAbove } = parameters;
  const below = integratePower(slopeBelow, lowestMass, breakMass);
  const above = integratePower(slopeAbove, breakMass, highestMass) * power(breakMass, slopeAbove - slopeBelow);
  return random.uniform() < below / (below + above)
    ? invertPower(slopeBelow, lowestMass, breakMass, random.uniform())
    : invertPower(slopeAbove, breakMass, highestMass, random.uniform());
}

/** Luminosity of a main-sequence star, both in units of the Sun's. */
function luminosityOf(mass: number): number {
  if (mass < 0.43) return 0.23 * power(mass, 2.3);
  if (mass < 2) return power(mass, 4);
  return 1.4 * power(mass, 3.5);
}

/** A point of the ball around the Sun, by drawing from the cube around it until one lies inside. */
function drawPosition(random: SeededRandom): [x: number, y: number, z: number] {
  const { radiusParsecs } = parameters;
  for (;;) {
    const [x, y, z] = [2 * random.uniform() - 1, 2 * random.uniform() - 1, 2 * random.uniform() - 1];
    if (x * x + y * y + z * z < 1) return [x * radiusParsecs, y * radiusParsecs, z * radiusParsecs];
  }
}

const SUN_BOLOMETRIC_MAGNITUDE = 4.74;

const roundTo6Digits = (value: number): number => Number(value.toPrecision(6));

export const starCatalogue: SampleProcess = {
  localId: 'star-catalogue',
  title: 'Synthetic star catalogue',
  description:
    "Main-sequence stars whose masses are drawn from Pavel Kroupa's mass function of 2001: their number falls like m^-1.3 from 0.08 to 0.5 solar masses " +
    "and like m^-2.3, nearly Edwin Salpeter's slope of 1955, above. Luminosities follow from the masses by the usual power laws; positions fill a " +
    'ball around the Sun evenly. No binaries, no dust, no age: a catalogue for trying out methods, not a model of the Galaxy.',
  subjects: ['astronomy', 'stellar populations', 'initial mass function', 'star catalogue'],
  parameters,
  compute() {
    const random = createSeededRandom(parameters.seed);
    const rows = Array.from({ length: parameters.stars }, (_, index) => {
      const mass = drawMass(random);
      const position = drawPosition(random);
      const luminosity = luminosityOf(mass);
      const distance = Math.sqrt(position.reduce((sum, coordinate) => sum + coordinate * coordinate, 0));
      const magnitude =
        SUN_BOLOMETRIC_MAGNITUDE - (2.5 * log(luminosity)) / Math.LN10 + (5 * log(distance / 10)) / Math.LN10;
      return [index + 1, ...[mass, luminosity, ...position, 1000 / distance, magnitude].map(roundTo6Digits)];
    });
    return [
      createCsvFile({
        path: 'stars.csv',
        description: 'solar units, parsecs from the Sun, milliarcseconds, apparent bolometric magnitude',
        columns: ['star', 'mass', 'luminosity', 'x', 'y', 'z', 'parallax', 'magnitude'],
        rows,
      }),
      createJsonFile({
        path: 'columns.json',
        description: 'unit of each column of stars.csv',
        value: {
          star: 'number of the star, from 1',
          mass: 'solar masses',
          luminosity: 'solar luminosities',
          x: 'parsecs',
          y: 'parsecs',
          z: 'parsecs',
          parallax: 'milliarcseconds',
          magnitude: 'apparent bolometric magnitude',
        },
      }),
    ];
  },
};
