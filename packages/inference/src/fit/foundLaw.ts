/** A law that was found, by a flow or exactly, in the form that its answers are computed from. */
import type { Points } from '../convex/candidates.ts';
import type { AveragedObjective } from '../convex/objective.ts';
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
  /** Standard error of the objective by its samples; 0 for weighted points, which are the law. */
  readonly objectiveError: number;
  readonly nll: number;
  readonly plugInBias: number;
  readonly flowWeights: Readonly<Record<string, Float64Array>> | null;
  readonly target: string;
  readonly fallback: string | null;
}

/** What the samples of a law leave open about its NLL. */
export interface SamplingError {
  /** ½ tr(C Cov): the expected excess of the NLL of a mean of M samples is this over M. */
  readonly halfTrace: number;
  /** Standard error of the NLL, in nats, its bias taken off: of its slope and of its curvature along the error of the mean. */
  readonly error: number;
}

/** Computes both, for equal or unequal weights that count as samples. */
export function samplingError(
  table: Float64Array,
  weights: Float64Array,
  { size, gradient, curvature }: AveragedObjective,
  averaged: Float64Array,
): SamplingError {
  const slope = gradient(averaged);
  const count = weights.length;
  let [along, total, sum] = [0, 0, 0];
  for (let m = 0; m < count; m++) {
    let part = 0;
    for (let k = 0; k < size; k++) part += slope[k] * (table[m * size + k] - averaged[k]);
    along += weights[m] * part * part;
  }
  // A few hundred samples tell a trace to some percent.
  const every = Math.max(1, Math.floor(count / 512));
  const off = new Float64Array(size);
  for (let m = 0; m < count; m += every) {
    for (let k = 0; k < size; k++) off[k] = table[m * size + k] - averaged[k];
    const curved = curvature(averaged, off);
    let square = 0;
    for (let k = 0; k < size; k++) square += off[k] * curved[k];
    total += weights[m] * square;
    sum += weights[m];
  }
  const halfTrace = total / sum / 2;
  // Var of ½ eᵀCe is at most 2 (½ tr)², with equality for one direction.
  return { halfTrace, error: Math.sqrt(along / count + 2 * (halfTrace / count) ** 2) };
}
