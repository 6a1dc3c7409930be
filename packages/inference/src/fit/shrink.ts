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

/** Samples of the reference that the exact solution lives on. */
export const REFERENCE_SAMPLES = 4096;

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
  const points = referencePoints(choice.reference, REFERENCE_SAMPLES, seed);
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
  known: Visible | null = null,
): { seen: Visible; law: TiltedLaw; averaged: Float64Array } {
  let at = expandAt;
  for (let round = 1; ; round++) {
    const seen = known ?? visible(objective, table, at);
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

/** One weight and what it predicts. */
export interface HeldOut {
  readonly weight: number;
  /** Mean NLL of a transition under the law that was fitted without its block. */
  readonly nllPerTransition: number;
}

/**
 * Measures the held-out likelihood: each contiguous block of time is predicted from all others, with the reference as chosen from all.
 *
 * @param weights Those to try; cost of each: `blocks.length` solutions.
 */
export function heldOut(
  blocks: readonly { readonly objective: AveragedObjective; readonly count: number }[],
  { table }: Pick<Shrunk, 'table'>,
  weights: readonly number[],
  expandAt: Float64Array | undefined,
): HeldOut[] {
  // Fewer samples do: their error is shared by all weights.
  const { size } = blocks[0].objective;
  const some = table.subarray(0, Math.min(table.length, 512 * size));
  const totals = weights.map(() => 0);
  for (const [left, block] of blocks.entries()) {
    const others = without(
      blocks.map(({ objective }) => objective),
      left,
    );
    const seen = others.isQuadratic ? visible(others, some) : null;
    for (const [k, weight] of weights.entries()) {
      const { averaged } = solveExpanding(others, some, Math.max(weight, WEIGHTS[0]), expandAt, seen);
      totals[k] += block.objective.value(averaged);
    }
  }
  const count = blocks.reduce((total, block) => total + block.count, 0);
  return weights.map((weight, k) => ({ weight, nllPerTransition: totals[k] / count }));
}

/** The sum of all objectives but one. */
function without(objectives: readonly AveragedObjective[], left: number): AveragedObjective {
  const parts = objectives.filter((_, k) => k !== left);
  const add = (of: (part: AveragedObjective) => Float64Array): Float64Array => {
    const total = of(parts[0]).slice();
    for (const part of parts.slice(1)) for (const [k, value] of of(part).entries()) total[k] += value;
    return total;
  };
  return {
    size: parts[0].size,
    isQuadratic: parts.every(({ isQuadratic }) => isQuadratic),
    value: (u) => parts.reduce((total, part) => total + part.value(u), 0),
    gradient: (u) => add((part) => part.gradient(u)),
    curvature: (u, v) => add((part) => part.curvature(u, v)),
  };
}
