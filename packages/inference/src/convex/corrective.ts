/**
 * Fully corrective Frank–Wolfe steps over a table of candidates (Jaggi 2013, "Revisiting Frank–Wolfe"): the atom of the steepest descent comes in, all weights
 * are solved again, atoms without weight go.
 */
import { inner } from '../data/quadraticForm.ts';
import type { Points } from './candidates.ts';
import type { AveragedObjective } from './objective.ts';
import { simplexMinimum } from './simplex.ts';

/** Steps between two looks at the candidates: far more than were ever needed. */
const STEPS = 400;

/** An atom in use. */
export interface Atom {
  /** [dimension]: its fast state. */
  readonly place: Float64Array;
  /** [size]: its coefficients. */
  readonly values: Float64Array;
  /** [size]: curvature times the coefficients, where it is the same at all means. */
  readonly curved?: Float64Array;
}

/** A law of few atoms. */
export interface Mixture {
  readonly atoms: readonly Atom[];
  /** > 0, adding up to 1. */
  readonly weights: Float64Array;
  /** [size]: averaged coefficients. */
  readonly averaged: Float64Array;
}

/**
 * Improves a law until the duality gap over the table is small, or no step improves it.
 *
 * @param points [dimension] of [M]
 * @param table [M × size]
 * @param gap Wanted, in the objective's unit.
 */
export function corrected(
  objective: AveragedObjective,
  points: Points,
  table: Float64Array,
  start: Mixture,
  gap: number,
): { readonly mixture: Mixture; readonly gap: number } {
  const { size } = objective;
  let mixture = start;
  for (let step = 0; ; step++) {
    const gradient = objective.gradient(mixture.averaged);
    const scores = scoresOf(table, gradient, size);
    const best = smallest(scores, 1)[0];
    const found = inner(gradient, mixture.averaged) - scores[best];
    const next = found <= gap || step === STEPS ? null : improved(objective, mixture, atomAt(points, table, best, size));
    if (next === null) return { mixture, gap: found };
    mixture = next;
  }
}

/** Takes an atom in and solves for all weights; null where that is no improvement. */
function improved(objective: AveragedObjective, { atoms, weights, averaged }: Mixture, next: Atom): Mixture | null {
  const curvedAt = (atom: Atom): Float64Array => atom.curved ?? objective.curvature(averaged, atom.values);
  const products = [...atoms, next].map(curvedAt);
  const all = [...atoms, next].map((atom, a): Atom => (objective.isQuadratic ? { ...atom, curved: products[a] } : atom));
  const gradient = objective.gradient(averaged);
  const curved = objective.curvature(averaged, averaged);
  const slope = curved.map((value, k) => value - gradient[k]);
  const quadratic = all.map((_, a) => Float64Array.from(all, ({ values }) => inner(products[a], values)));
  const linear = Float64Array.from(all, ({ values }) => inner(slope, values));
  const start = Float64Array.of(...weights, 0);
  const target = simplexMinimum(quadratic, linear, start);
  const step = objective.isQuadratic ? 1 : lineStep(objective, averaged, mean(all, target));
  if (step === 0) return null;
  const moved = step === 1 ? target : target.map((weight, a) => start[a] + step * (weight - start[a]));
  const kept = all.map((_, a) => a).filter((a) => moved[a] > 0);
  const remaining = kept.map((a) => all[a]);
  const own = Float64Array.from(kept, (a) => moved[a]);
  return { atoms: remaining, weights: own, averaged: mean(remaining, own) };
}

/** The first of 1, 1/2, … that makes the value smaller, or 0. */
function lineStep(objective: AveragedObjective, from: Float64Array, to: Float64Array): number {
  const value = objective.value(from);
  for (let step = 1; step > 1e-9; step /= 2) {
    if (objective.value(from.map((x, k) => x + step * (to[k] - x))) < value) return step;
  }
  return 0;
}

/**
 * The best single candidate.
 *
 * @throws RangeError if no candidate has a finite value.
 */
export function singleAtom(objective: AveragedObjective, points: Points, table: Float64Array): Mixture {
  const { size } = objective;
  const count = table.length / size;
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let m = 0; m < count; m++) {
    const value = objective.value(table.subarray(m * size, (m + 1) * size));
    if (value < least) [best, least] = [m, value];
  }
  if (best < 0) throw new RangeError('coefficients must be finite at some candidate, got none: set the scale of the fast variables');
  const atom = atomAt(points, table, best, size);
  return { atoms: [atom], weights: Float64Array.of(1), averaged: atom.values };
}

const atomAt = (points: Points, table: Float64Array, m: number, size: number): Atom => ({
  place: Float64Array.from(points, (values) => values[m]),
  values: table.slice(m * size, (m + 1) * size),
});

function mean(atoms: readonly Atom[], weights: Float64Array): Float64Array {
  const out = new Float64Array(atoms[0].values.length);
  for (const [a, { values }] of atoms.entries()) for (let k = 0; k < out.length; k++) out[k] += weights[a] * values[k];
  return out;
}

/** g·u of every row of a table; infinity where it is not a number, so that such a candidate is never taken. */
export function scoresOf(table: Float64Array, gradient: Float64Array, size: number): Float64Array {
  const scores = new Float64Array(table.length / size);
  for (let m = 0; m < scores.length; m++) {
    let total = 0;
    for (let k = 0; k < size; k++) total += gradient[k] * table[m * size + k];
    scores[m] = Number.isFinite(total) ? total : Number.POSITIVE_INFINITY;
  }
  return scores;
}

/** The places of the smallest scores, in order. */
export function smallest(scores: Float64Array, count: number): number[] {
  const found: number[] = [];
  for (let round = 0; round < Math.min(count, scores.length); round++) {
    let best = -1;
    for (let m = 0; m < scores.length; m++) if (!found.includes(m) && (best < 0 || scores[m] < scores[best])) best = m;
    found.push(best);
  }
  return found;
}
