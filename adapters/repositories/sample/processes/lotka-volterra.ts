import { createCsvFile } from '../formats/csv.js';
import { integrate, keepEvery } from '../integrate.js';
import type { SampleProcess } from '../sample-process.js';

const parameters = {
  preyGrowth: 1.1,
  predation: 0.4,
  predatorGrowth: 0.1,
  predatorDeath: 0.4,
  startPrey: 10,
  startPredators: 10,
  stepSize: 0.01,
  steps: 10_000,
};

type State = [prey: number, predators: number];

const derivative = ([prey, predators]: State): State => [
  (parameters.preyGrowth - parameters.predation * predators) * prey,
  (parameters.predatorGrowth * prey - parameters.predatorDeath) * predators,
];

export const lotkaVolterra: SampleProcess = {
  localId: 'lotka-volterra',
  title: 'Lotka-Volterra predator and prey',
  description:
    'Numbers of a prey and of its predator that rise and fall in turn: d prey / dt = (alpha - beta predators) prey, ' +
    'd predators / dt = (delta prey - gamma) predators. The model of Alfred Lotka (1925) and Vito Volterra (1926), integrated with the ' +
    'classical Runge-Kutta method of fourth order at a fixed step; the orbits are closed.',
  subjects: ['ecology', 'population dynamics', 'nonlinear dynamics'],
  parameters,
  compute() {
    const { startPrey, startPredators } = parameters;
    const rows = integrate<State>(derivative, [startPrey, startPredators], parameters);
    return [
      createCsvFile({
        path: 'populations.csv',
        description: 'every 5th step',
        columns: ['time', 'prey', 'predators'],
        rows: keepEvery(rows, 5),
      }),
    ];
  },
};
