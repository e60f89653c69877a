import { createCsvFile } from '../formats/csv.js';
import { createJsonFile } from '../formats/json.js';
import { integrate, keepEvery } from '../integrate.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = {
  population: 1_000_000,
  infectedAtStart: 10,
  contactsPerDay: 0.3,
  recoveryPerDay: 0.1,
  stepSize: 0.1,
  steps: 2000,
};

type State = [susceptible: number, infected: number, recovered: number];

function derivative([susceptible, infected]: State): State {
  const infections = (parameters.contactsPerDay * susceptible * infected) / parameters.population;
  const recoveries = parameters.recoveryPerDay * infected;
  return [-infections, infections - recoveries, recoveries];
}

export const sirEpidemic: SampleProcess = {
  localId: 'sir-epidemic',
  title: 'SIR epidemic',
  description:
    'Course of an epidemic through a closed population after Kermack and McKendrick, 1927: dS/dt = -beta S I / N, ' +
    'dI/dt = beta S I / N - gamma I, dR/dt = gamma I. Here one case infects three others at the beginning. Integrated with the ' +
    'classical Runge-Kutta method of fourth order at a fixed step of a tenth of a day.',
  subjects: ['epidemiology', 'population dynamics', 'public health'],
  parameters,
  compute() {
    const { population, infectedAtStart, contactsPerDay, recoveryPerDay } = parameters;
    const rows = integrate<State>(derivative, [population - infectedAtStart, infectedAtStart, 0], parameters);
    const peak = rows.reduce((highest, row) => (row[2] > highest[2] ? row : highest));
    const last = rows.at(-1) ?? peak;
    return [
      createCsvFile({
        path: 'epidemic.csv',
        description: 'persons at each half day',
        columns: ['day', 'susceptible', 'infected', 'recovered'],
        rows: keepEvery(rows, 5),
      }),
      createJsonFile({
        path: 'summary.json',
        description: 'basic reproduction number, peak and final size',
        value: {
          basicReproductionNumber: contactsPerDay / recoveryPerDay,
          peakDay: peak[0],
          peakInfected: peak[2],
          finalFractionInfected: (last[2] + last[3]) / population,
        },
      }),
    ];
  },
};
