import { formatTable } from '../cli/output.js';
import type { Measure } from './measure.js';

/** A scenario measures ours and a rival in turn, in one run, and checks every answer. */
export interface Scenario {
  readonly name: string;
  run(options: { readonly quick: boolean }): Promise<Measure[]>;
}

const SCENARIOS: Readonly<Record<string, () => Promise<Scenario>>> = {
  start: async () => (await import('./start/scenario.js')).startScenario,
  gateway: async () => (await import('./gateway/scenario.js')).gatewayScenario,
  transfer: async () => (await import('./transfer/scenario.js')).transferScenario,
  search: async () => (await import('./search/scenario.js')).searchScenario,
};

const [name = '', ...flags] = process.argv.slice(2);
const load = SCENARIOS[name];
if (!load || flags.some((flag) => flag !== '--quick')) {
  console.error(`usage: npm run bench -- NAME [--quick]\nscenarios: ${Object.keys(SCENARIOS).join(', ')}`);
  process.exit(2);
}
const scenario = await load();
const measures = await scenario.run({ quick: flags.includes('--quick') });
const show = (value: number | null) => (value === null ? '-' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
for (const line of formatTable(
  ['measure', 'unit', 'ours', 'rival', 'ratio', 'goal', 'holds'],
  measures.map(({ name: measure, unit, ours, rival, ratio, goal, holds }) => [
    measure,
    unit,
    show(ours),
    show(rival),
    show(ratio),
    goal,
    holds ? 'yes' : 'NO',
  ]),
)) {
  console.log(line);
}
console.log(JSON.stringify({ scenario: scenario.name, measures }));
process.exit(measures.every(({ holds }) => holds) ? 0 : 1);
