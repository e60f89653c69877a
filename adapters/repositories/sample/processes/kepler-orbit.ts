import { createCsvFile } from '../formats/csv.js';
import { cos, sin } from '../portable-math.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = { semiMajorAxis: 0.3871, eccentricity: 0.2056, periodDays: 87.97, positions: 2000, periods: 2 };

/** Solves Kepler's equation M = E - e sin E by Newton's method; at this eccentricity a few rounds reach the last bit. */
function solveKepler(meanAnomaly: number): number {
  const { eccentricity } = parameters;
  let anomaly = meanAnomaly;
  for (let round = 0; round < 8; round += 1) {
    anomaly -= (anomaly - eccentricity * sin(anomaly) - meanAnomaly) / (1 - eccentricity * cos(anomaly));
  }
  return anomaly;
}

export const keplerOrbit: SampleProcess = {
  localId: 'kepler-orbit',
  title: 'Kepler orbit of Mercury',
  description:
    "Place of a planet on the ellipse of Johannes Kepler's first law at equal intervals of time, with the elements of Mercury: " +
    "Kepler's equation M = E - e sin E is solved by Newton's method, then x = a (cos E - e), y = a sqrt(1 - e²) sin E. The Sun is at the origin, " +
    'perihelion on the positive x axis; no other planet disturbs.',
  subjects: ['astronomy', 'celestial mechanics', 'Solar System'],
  parameters,
  compute() {
    const { semiMajorAxis, eccentricity, periodDays, positions, periods } = parameters;
    const semiMinorAxis = semiMajorAxis * Math.sqrt(1 - eccentricity * eccentricity);
    const rows = Array.from({ length: positions + 1 }, (_, index) => {
      const turns = (periods * index) / positions;
      const anomaly = solveKepler(2 * Math.PI * turns);
      return [turns * periodDays, semiMajorAxis * (cos(anomaly) - eccentricity), semiMinorAxis * sin(anomaly)];
    });
    return [
      createCsvFile({
        path: 'positions.csv',
        description: 'days since perihelion, coordinates in astronomical units',
        columns: ['time', 'x', 'y'],
        rows,
      }),
    ];
  },
};
