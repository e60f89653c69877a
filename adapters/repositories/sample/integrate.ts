/** Rate of change of each variable. */
export type Derivative<State extends number[]> = (state: State, time: number) => State;

export interface IntegrationOptions {
  readonly stepSize: number;
  readonly steps: number;
}

/**
 * Solves a system of ordinary differential equations by the classical Runge-Kutta method of fourth order with a fixed
 * step. Rows of time and state: the start, then one after each step.
 */
export function integrate<State extends number[]>(
  derivative: Derivative<State>,
  initial: State,
  { stepSize, steps }: IntegrationOptions,
): [number, ...State][] {
  const rows: [number, ...State][] = [[0, ...initial]];
  let state = initial;
  for (let step = 0; step < steps; step += 1) {
    state = stepRungeKutta4(derivative, state, step * stepSize, stepSize);
    rows.push([(step + 1) * stepSize, ...state]);
  }
  return rows;
}

function stepRungeKutta4<State extends number[]>(
  derivative: Derivative<State>,
  state: State,
  time: number,
  stepSize: number,
): State {
  const half = stepSize / 2;
  const k1 = derivative(state, time);
  const k2 = derivative(advance(state, k1, half), time + half);
  const k3 = derivative(advance(state, k2, half), time + half);
  const k4 = derivative(advance(state, k3, stepSize), time + stepSize);
  return state.map(
    (value, index) =>
      value + (stepSize / 6) * ((k1[index] ?? 0) + 2 * (k2[index] ?? 0) + 2 * (k3[index] ?? 0) + (k4[index] ?? 0)),
  ) as State;
}

function advance<State extends number[]>(state: State, rate: State, duration: number): State {
  return state.map((value, index) => value + duration * (rate[index] ?? 0)) as State;
}

/** The first row and every n-th after it. */
export const keepEvery = <Row>(rows: readonly Row[], n: number): Row[] => rows.filter((_, index) => index % n === 0);
