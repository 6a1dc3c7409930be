/** A law that was found, by a flow or exactly, in the form that its answers are computed from. */
import type { Points } from '../convex/candidates.ts';
import { averageOf } from './shrink.ts';
import type { RestartOutcome } from './types.ts';

/** The law. */
export interface FoundLaw {
  /** Values [d] of [M] at a node; the same at all where the law does not depend on the slow state. */
  readonly valuesAt: (node: number) => Points;
  /** [M], sum 1. */
  readonly weights: Float64Array;
  /** [M × size] Coefficients at the nodes. */
  readonly table: Float64Array;
  /** Rows [M × size] at other free numbers. */
  readonly tableAt: (free: Float64Array) => Float64Array;
  readonly free: Float64Array;
  /** Values of the penalties before their weights, in the order of the choice. */
  readonly penalties: readonly number[];
  readonly restarts: readonly RestartOutcome[];
  /** Objective, by independent samples, and the expected excess of a plug-in of the training's samples. */
  readonly objective: number;
  readonly nll: number;
  readonly plugInBias: number;
  readonly flowWeights: Readonly<Record<string, Float64Array>> | null;
  readonly target: string;
  readonly fallback: string | null;
}

/**
 * Half the trace of curvature times covariance: the expected excess of the NLL of a mean of M samples is this over M.
 *
 * @param curvature Gives C v at the averages.
 */
export function halfTrace(table: Float64Array, weights: Float64Array, size: number, curvature: (v: Float64Array) => Float64Array): number {
  const mean = averageOf(table, weights, size);
  // A few hundred samples tell a bias to some percent.
  const every = Math.max(1, Math.floor(weights.length / 512));
  let [total, sum] = [0, 0];
  for (let m = 0; m < weights.length; m += every) {
    const off = Float64Array.from({ length: size }, (_, k) => table[m * size + k] - mean[k]);
    const curved = curvature(off);
    let square = 0;
    for (let k = 0; k < size; k++) square += off[k] * curved[k];
    total += weights[m] * square;
    sum += weights[m];
  }
  return total / sum / 2;
}
