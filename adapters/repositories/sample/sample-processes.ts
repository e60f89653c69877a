import { dampedOscillator } from './processes/damped-oscillator.js';
import { doublePendulum } from './processes/double-pendulum.js';
import { figureEightOrbit } from './processes/figure-eight-orbit.js';
import { fractalTerrain } from './processes/fractal-terrain.js';
import { gameOfLife } from './processes/game-of-life.js';
import { grayScott } from './processes/gray-scott.js';
import { heatEquation } from './processes/heat-equation.js';
import { henonMap } from './processes/henon-map.js';
import { isingLattice } from './processes/ising-lattice.js';
import { keplerOrbit } from './processes/kepler-orbit.js';
import { kuramotoOscillators } from './processes/kuramoto-oscillators.js';
import { logisticMap } from './processes/logistic-map.js';
import { lorenzAttractor } from './processes/lorenz-attractor.js';
import { lotkaVolterra } from './processes/lotka-volterra.js';
import { mandelbrotSet } from './processes/mandelbrot-set.js';
import { ornsteinUhlenbeck } from './processes/ornstein-uhlenbeck.js';
import { percolation } from './processes/percolation.js';
import { quantumHarmonicOscillator } from './processes/quantum-harmonic-oscillator.js';
import { radonDecayChain } from './processes/radon-decay-chain.js';
import { randomWalks } from './processes/random-walks.js';
import { rosslerAttractor } from './processes/rossler-attractor.js';
import { schwarzschildOrbit } from './processes/schwarzschild-orbit.js';
import { sirEpidemic } from './processes/sir-epidemic.js';
import { starCatalogue } from './processes/star-catalogue.js';
import { vanDerPol } from './processes/van-der-pol.js';
import { waveEquation } from './processes/wave-equation.js';
import type { SampleProcess } from './sample-process.js';

/**
 * Every process, in the order in which its dataset is listed. New ones are added at the end and none is ever moved or
 * removed: a cursor names the dataset that it stands behind, so that what is added later comes after it.
 */
export const SAMPLE_PROCESSES: readonly SampleProcess[] = [
  lorenzAttractor,
  rosslerAttractor,
  logisticMap,
  henonMap,
  doublePendulum,
  isingLattice,
  figureEightOrbit,
  randomWalks,
  ornsteinUhlenbeck,
  heatEquation,
  waveEquation,
  grayScott,
  lotkaVolterra,
  sirEpidemic,
  vanDerPol,
  mandelbrotSet,
  gameOfLife,
  percolation,
  kuramotoOscillators,
  dampedOscillator,
  starCatalogue,
  radonDecayChain,
  quantumHarmonicOscillator,
  keplerOrbit,
  schwarzschildOrbit,
  fractalTerrain,
];
