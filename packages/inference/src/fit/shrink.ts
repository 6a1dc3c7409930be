/**
 * The fit that a flow is a form of: the law nearest to the reference, exactly, on samples of it; how strongly it is held, and what it predicts of data that
 * it has not seen. It takes milliseconds, so the choice of the weight, the held-out likelihood and the degrees of freedom come from here.
 */
import { EigenvalueDecomposition } from 'ml-matrix';
import type { Points } from '../convex/candidates.ts';
import type { AveragedObjective } from '../convex/objective.ts';
import { chooseReference, type Reference, referencePoints, WEIGHTS } from './reference.ts';
import { type TiltedLaw, tiltedLaw } from './tiltedLaw.ts';
import { type Visible, visible } from './visible.ts';

/** Samples of the reference that the exact solution lives on: tables stay at some dozen megabytes. */
const referenceSamples = (size: number): number => Math.max(512, Math.min(4096, 16 * Math.floor(262_144 / size)));

/** Rounds of expanding a likelihood that is not quadratic at its last minimum. */
const EXPANSIONS = 6;

/** What to solve. */
export interface ShrinkOptions {
  readonly objective: AveragedObjective;
  readonly coefficients: (points: Points) => Float64Array;
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  readonly weight: number | null;
  readonly expandAt: Float64Array | undefined;
  readonly seed: readonly (string | number)[];
  /** Take the reference and weight from here instead of choosing. */
  readonly as?: Pick<Shrunk, 'reference' | 'weight' | 'typicalScale'>;
}

/** The solution. */
export interface Shrunk {
  readonly reference: Reference;
  readonly weight: number;
  readonly typicalScale: number;
  readonly points: Points;
  /** [M × size] */
  readonly table: Float64Array;
  readonly seen: Visible;
  readonly law: TiltedLaw;
  /** [size]: averages of the law. */
  readonly averaged: Float64Array;
  /** Σ s/(1 + s) over the eigenvalues s of Cov_q z/weight: coordinates that the data decide rather than the reference. */
  readonly degreesOfFreedom: number;
}

/** Chooses reference and weight, and solves. */
export function shrink(options: ShrinkOptions): Shrunk {
  const { objective, coefficients, mean, scale, seed, expandAt } = options;
  const choice = options.as ?? chooseReference({ objective, coefficients, mean, scale, weight: options.weight, at: expandAt, seed });
  const points = referencePoints(choice.reference, referenceSamples(objective.size), seed);
  const table = coefficients(points);
  const solved = solveExpanding(objective, table, Math.max(choice.weight, WEIGHTS[0]), expandAt);
  const { reference, weight, typicalScale } = choice;
  return {
    reference,
    weight,
    typicalScale,
    points,
    table,
    ...solved,
    degreesOfFreedom: degreesOfFreedom(solved.law, Math.max(choice.weight, WEIGHTS[0])),
  };
}

/** Solves at one weight; where the likelihood is not quadratic it is expanded at the last solution until that stays. */
export function solveExpanding(
  objective: AveragedObjective,
  table: Float64Array,
  weight: number,
  expandAt: Float64Array | undefined,
): { seen: Visible; law: TiltedLaw; averaged: Float64Array } {
  let at = expandAt;
  for (let round = 1; ; round++) {
    const seen = visible(objective, table, at);
    const law = tiltedLaw(seen.project(table), seen.target, seen.least, weight);
    const averaged = averageOf(table, law.weights, objective.size);
    if (objective.isQuadratic || round === EXPANSIONS) return { seen, law, averaged };
    at = averaged;
  }
}

/** Weighted mean of rows. */
export function averageOf(table: Float64Array, weights: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size);
  for (let m = 0; m < weights.length; m++) {
    const weight = weights[m];
    if (weight === 0) continue;
    for (let k = 0; k < size; k++) out[k] += weight * table[m * size + k];
  }
  return out;
}

function degreesOfFreedom({ covariance }: TiltedLaw, weight: number): number {
  if (covariance.rows === 0) return 0;
  const { realEigenvalues } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  return realEigenvalues.reduce((total, value) => total + Math.max(0, value) / (weight + Math.max(0, value)), 0);
}

/** Samples of the reference with which blocks are predicted. */
const HELD_OUT_SAMPLES = 512;

/** One weight and what it predicts. */
export interface HeldOut {
  readonly weight: number;
  /** Mean NLL of a transition under the law that was fitted without its block. */
  readonly nllPerTransition: number;
}

/**
 * Measures the held-out likelihood: each contiguous block of time is predicted from all others, with the reference as chosen from all.
 *
 * Where the likelihood is not quadratic it is expanded where the fit to all data ended; what is predicted is judged by the likelihood itself.
 *
 * @param weights Those to try; cost of each: `blocks.length` solutions.
 */
export function heldOut(
  objective: AveragedObjective,
  blocks: readonly { readonly objective: AveragedObjective; readonly count: number }[],
  { table, averaged: at }: Pick<Shrunk, 'table' | 'averaged'>,
  weights: readonly number[],
): HeldOut[] {
  const { size } = objective;
  const some = table.subarray(0, Math.min(table.length, HELD_OUT_SAMPLES * size));
  const totals = weights.map(() => 0);
  for (const block of blocks) {
    const seen = visible(without(objective, block.objective), some, objective.isQuadratic ? undefined : at);
    const z = seen.project(some);
    for (const [k, weight] of weights.entries()) {
      const law = tiltedLaw(z, seen.target, seen.least, Math.max(weight, WEIGHTS[0]));
      totals[k] += block.objective.value(averageOf(some, law.weights, size));
    }
  }
  const count = blocks.reduce((total, block) => total + block.count, 0);
  return weights.map((weight, k) => ({ weight, nllPerTransition: totals[k] / count }));
}

/** All data less a block. */
function without(all: AveragedObjective, block: AveragedObjective): AveragedObjective {
  const less = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, k) => value - b[k]);
  return {
    size: all.size,
    isQuadratic: all.isQuadratic,
    value: (u) => all.value(u) - block.value(u),
    gradient: (u) => less(all.gradient(u), block.gradient(u)),
    curvature: (u, v) => less(all.curvature(u, v), block.curvature(u, v)),
  };
}
