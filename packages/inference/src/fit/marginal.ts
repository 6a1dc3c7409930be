/**
 * Learned parameters at their most probable values, with the law averaged over rather than solved for: max over θ of ln evidence(θ) + ln prior(θ).
 *
 * A law that is the best for each θ follows the noise, and takes θ with it: with the law solved for, the range of a pair force comes out at half its value
 * (docs/fit.md). The evidence charges a flexible model for what it could have said, ln det(1 + S/w) (`reference.ts`), and is closed, so a step costs some
 * dozen milliseconds. L-BFGS on the free numbers with central differences; where the likelihood is not quadratic it is expanded again after each round.
 */
import { compileTraining, scalarFunction, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { type LearnedParameter, priorLogDensity, transformed } from '../likelihood/parameters.ts';
import { lbfgs, lbfgsState } from '../optimisers/lbfgs.ts';
import { beliefAbout, evidences, referencePoints, WEIGHTS } from './reference.ts';
import type { Setup } from './setup.ts';
import { averageOf, type Shrunk, solveExpanding } from './shrink.ts';
import { visible } from './visible.ts';

const [exp, log] = [scalarFunction('exp'), scalarFunction('log')];

/** Samples of the reference; the same at all parameters. */
const SAMPLES = 512;
/** Steps of L-BFGS in a round, and rounds of expanding. */
const STEPS = 20;
const ROUNDS = 3;
/** What is left of a candidate may move the evidence by this: far below what differences of it are taken over. */
const TOLERANCE = 1e-7;
/** Step of differences along the free number: the error is of order its square. */
export const DIFFERENCE = 1e-3;

/** Finds the free numbers, from a start and with the scale of a reference found there. */
export function marginalParameters(setup: Setup, shrunk: Shrunk, start: Float64Array): Float64Array {
  const { prepared, learned, usePriors, mean, scale, seed, entropyWeight } = setup;
  const { objective } = prepared;
  const points = referencePoints({ mean, scale, scales: [shrunk.typicalScale], probabilities: [1] }, SAMPLES, [...seed, 'marginal']);
  const prior = usePriors ? logPriors(learned) : null;
  const weights = entropyWeight === null ? WEIGHTS : [Math.max(entropyWeight, WEIGHTS[0])];
  const tableAt = (free: Float64Array): Float64Array => setup.rows(setup.parametersAt(free))(points);
  let free = start;
  for (let round = 0; round < (objective.isQuadratic ? 1 : ROUNDS); round++) {
    const at = objective.isQuadratic
      ? undefined
      : solveExpanding(objective, tableAt(free), Math.max(shrunk.weight, WEIGHTS[0]), prepared.expandAt).averaged;
    const value = (u: Float64Array): number => {
      const table = tableAt(u);
      if (!table.every(Number.isFinite)) return Number.NaN;
      const scores = evidences(visible(objective, table, at, TOLERANCE), table, weights).map((evidence, k) => evidence + beliefAbout(weights[k]));
      const most = Math.max(...scores);
      return -(most + log(scores.reduce((sum, score) => sum + exp(score - most), 0))) - (prior?.(u).value ?? 0);
    };
    const target = {
      size: free.length,
      evaluate: (u: Float64Array, out: Float64Array): number => {
        for (const k of u.keys()) {
          const moved = (by: number): number => value(u.map((x, j) => (j === k ? x + by : x)));
          out[k] = (moved(DIFFERENCE) - moved(-DIFFERENCE)) / (2 * DIFFERENCE);
        }
        return value(u);
      },
    };
    const state = lbfgsState(target, free);
    lbfgs(target, state, { steps: STEPS, tolerance: 1e-2 });
    free = state.weights;
  }
  return free;
}

/** Derivative of averages by a free number at a fixed law. */
export function derivative(
  tableAt: (free: Float64Array) => Float64Array,
  free: Float64Array,
  k: number,
  weights: Float64Array,
  size: number,
): Float64Array {
  const moved = (by: number): Float64Array => averageOf(tableAt(free.map((u, j) => (j === k ? u + by : u))), weights, size);
  const [up, down] = [moved(DIFFERENCE), moved(-DIFFERENCE)];
  return up.map((value, j) => (value - down[j]) / (2 * DIFFERENCE));
}

/** Range of the free number, to each side, over which a prior's variance is added up, and the number of points: priors are some units wide. */
const [REACH, POINTS] = [24, 960];

/** Variances of the free numbers under their priors, by the trapezoidal rule; 100 for a parameter without one. */
export function priorVariances(learned: readonly LearnedParameter[]): Float64Array {
  const density = logPriors(learned);
  const start = Float64Array.from(learned, (parameter) => parameter.start);
  return Float64Array.from(learned, (parameter, k) => {
    if (parameter.prior === null) return NO_BELIEF;
    const points = Float64Array.from({ length: POINTS + 1 }, (_, j) => start[k] + REACH * ((2 * j) / POINTS - 1));
    const logs = points.map((u) => {
      const value = density(start.map((x, j) => (j === k ? u : x))).value;
      return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
    });
    const most = logs.reduce((a, b) => Math.max(a, b));
    const mass = logs.map((value) => exp(value - most));
    const total = mass.reduce((sum, m) => sum + m, 0);
    const mean = points.reduce((sum, u, j) => sum + mass[j] * u, 0) / total;
    return points.reduce((sum, u, j) => sum + mass[j] * (u - mean) ** 2, 0) / total;
  });
}

/** Variance along the free number of a parameter without a prior. */
const NO_BELIEF = 100;

/** ln prior of the free numbers, added up. */
export function logPriors(learned: readonly LearnedParameter[]): (free: Float64Array) => { readonly value: number } {
  const g = tensorBuilder();
  const outputs = learned.flatMap((parameter, k) => {
    const u = g.input(`u${k}`, { lanes: false, rows: 1, columns: 1 });
    const { value, logSlope } = transformed(g, parameter.transform, u);
    const density = parameter.prior === null ? g.multiply(g.constant(0), u) : g.add(priorLogDensity(g, parameter.prior, value), logSlope);
    return [[`value${k}`, density]] as const;
  });
  const kernel = compileTraining(trainingProgram(Object.fromEntries(outputs)), { precision: 'float64', target: 'reference' });
  return (free) => {
    for (const [k, u] of free.entries()) if (Object.hasOwn(kernel.inputs, `u${k}`)) kernel.inputs[`u${k}`][0] = u;
    kernel.run();
    return { value: learned.reduce((total, _, k) => total + kernel.outputs[`value${k}`][0], 0) };
  };
}
