/** What every baseline estimator is given, and what it answers: a drift, its noise, and how far each may be off. */
import type { ObservedPath } from '../data/observations.ts';

/** Functions φ_1..φ_p of the slow state, b(x) = Σ θ_j φ_j(x): states [dx] of [count] to values [p][dx] of [count]. */
export type DriftBasis = (states: readonly Float64Array[]) => readonly (readonly Float64Array[])[];

/** A number and its standard error. */
export interface Estimated {
  readonly value: number;
  readonly error: number;
}

/** The same for all baselines. */
export interface BaselineProblem {
  readonly paths: readonly ObservedPath[];
  /** Used by the parametric baselines. */
  readonly basis: DriftBasis;
  /** Subsampling: duration of the increments; Kramers–Moyal and kernel alike. Default: one observation. */
  readonly lag?: number;
  /** Filtered data: width δ of the kernel e^(-t/δ)/δ, in the paths' time; > 0. Default 1. */
  readonly width?: number;
  /** Kramers–Moyal: standard deviation of the smoothing kernel. Default: Silverman's rule. */
  readonly bandwidth?: number;
}

/** A fitted model dX = b(X) dt + s dW. */
export interface BaselineResult {
  /** [p] θ, empty where the estimator has no parameters. */
  readonly coefficients: readonly Estimated[];
  /** [dx (dx + 1)/2] Mean of s sᵀ along the paths, lower triangle row by row. */
  readonly diffusion: readonly Estimated[];
  /** b and its standard errors at states [dx] of [count]; NaN where a smoother has no data. */
  readonly driftAt: (states: readonly Float64Array[]) => { readonly value: readonly Float64Array[]; readonly error: readonly Float64Array[] };
  /** What was chosen: `lag`, `width`, `bandwidth`, … */
  readonly settings: Readonly<Record<string, number>>;
}

/** An estimator. */
export type Baseline = (problem: BaselineProblem) => BaselineResult;
