/** The exact sum of transition densities of the Euler scheme, for any averaged drift and diffusion: what statistics on nodes are checked against. */
import { scalarFunction } from '@ergoflow/kernels';
import { factor, forward } from './covariance.ts';
import { logSum } from './logarithms.ts';
import type { Transitions } from './observations.ts';

const LOG_TWO_PI = scalarFunction('log')(2 * Math.PI);
const BLOCK = 4096;

/** Averaged coefficients as functions of states, [dx] of [K]. */
export interface AveragedFunctions {
  /** Gives [dx] of [K]. */
  readonly drift: (states: readonly Float64Array[]) => readonly Float64Array[];
  /** Gives [dx (dx + 1)/2] of [K]: lower triangle, row by row. */
  readonly diffusion: (states: readonly Float64Array[]) => readonly Float64Array[];
}

/** NLL(b̄, ā) = -Σ_k ln N(dx_k; b̄(x_k) Δ_k, ā(x_k) Δ_k) in nats; NaN where ā is not positive definite. */
export function fullLikelihood({ count, from, increment, duration }: Transitions, { drift, diffusion }: AveragedFunctions): number {
  const size = from.length;
  const logs = logSum();
  const lower = new Float64Array((size * (size + 1)) / 2);
  const residual = new Float64Array(size);
  let squares = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const states = from.map((component) => component.subarray(start, Math.min(count, start + BLOCK)));
    const [b, a] = [drift(states), diffusion(states)];
    for (let j = 0; j < states[0].length; j++) {
      const k = start + j;
      for (let e = 0; e < lower.length; e++) lower[e] = a[e][j] * duration[k];
      logs.add(factor(lower, size));
      for (let p = 0; p < size; p++) residual[p] = increment[p][k] - b[p][j] * duration[k];
      forward(lower, size, residual);
      for (let p = 0; p < size; p++) squares += residual[p] * residual[p];
    }
  }
  return (squares + logs.total() + count * size * LOG_TWO_PI) / 2;
}
