/**
 * Learned parameters at their best with the law solved for exactly at each: min over θ of min over q of NLL(θ, q) + weight KL(q ‖ q₀) − ln prior(θ).
 *
 * By the envelope theorem the derivative by θ is the one at the fixed law. L-BFGS on the free numbers; a few dozen milliseconds a step.
 */
import { compileTraining, gradient, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import type { AveragedObjective } from '../convex/objective.ts';
import { inner } from '../data/quadraticForm.ts';
import { type LearnedParameter, priorLogDensity, transformed } from '../likelihood/parameters.ts';
import { lbfgs, lbfgsState } from '../optimisers/lbfgs.ts';
import { averageOf, solveExpanding } from './shrink.ts';

/** What is profiled. */
export interface ProfileOptions {
  readonly objective: AveragedObjective;
  readonly learned: readonly LearnedParameter[];
  readonly usePriors: boolean;
  /** [M × size] Coefficients of samples of the reference at free numbers. */
  readonly tableAt: (free: Float64Array) => Float64Array;
  readonly weight: number;
  readonly expandAt: Float64Array | undefined;
  readonly start: Float64Array;
}

/** Steps at most; the flow's training goes on from here. */
const STEPS = 25;
/** Step of central differences along the free number: the error is of order its square, 1e-6, and rounding of 1e-13 over it. */
export const DIFFERENCE = 1e-3;

/** Finds the free numbers. */
export function profileParameters({ objective, learned, usePriors, tableAt, weight, expandAt, start }: ProfileOptions): Float64Array {
  if (learned.length === 0) return start;
  const prior = usePriors ? logPriors(learned) : null;
  const target = {
    size: learned.length,
    evaluate: (free: Float64Array, out: Float64Array): number => {
      const table = tableAt(free);
      if (!table.every(Number.isFinite)) return Number.NaN;
      const { law, averaged } = solveExpanding(objective, table, weight, expandAt);
      const slope = objective.gradient(averaged);
      for (const k of learned.keys()) out[k] = inner(slope, derivative(tableAt, free, k, law.weights, objective.size));
      const own = prior?.(free);
      if (own !== undefined) for (const k of learned.keys()) out[k] -= own.gradient[k];
      return objective.value(averaged) + weight * law.relativeEntropy - (own?.value ?? 0);
    },
  };
  const state = lbfgsState(target, start);
  lbfgs(target, state, { steps: STEPS, tolerance: 1e-3 });
  return state.weights;
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

/** ln prior of the free numbers with its first two derivatives, each parameter by itself. */
export function logPriors(
  learned: readonly LearnedParameter[],
): (free: Float64Array) => { value: number; gradient: Float64Array; curvature: Float64Array } {
  const g = tensorBuilder();
  const outputs = learned.flatMap((parameter, k) => {
    const u = g.input(`u${k}`, { lanes: false, rows: 1, columns: 1 });
    const { value, logSlope } = transformed(g, parameter.transform, u);
    const density = parameter.prior === null ? g.multiply(g.constant(0), u) : g.add(priorLogDensity(g, parameter.prior, value), logSlope);
    const [first] = gradient(g, density, [u]);
    const [second] = gradient(g, first, [u]);
    return [
      [`value${k}`, density],
      [`first${k}`, first],
      [`second${k}`, second],
    ] as const;
  });
  const kernel = compileTraining(trainingProgram(Object.fromEntries(outputs)), { precision: 'float64', target: 'reference' });
  return (free) => {
    for (const [k, u] of free.entries()) if (Object.hasOwn(kernel.inputs, `u${k}`)) kernel.inputs[`u${k}`][0] = u;
    kernel.run();
    const of = (name: string): Float64Array => Float64Array.from(learned, (_, k) => kernel.outputs[`${name}${k}`][0]);
    return { value: of('value').reduce((total, value) => total + value, 0), gradient: of('first'), curvature: of('second') };
  };
}
