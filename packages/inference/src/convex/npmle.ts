/**
 * The best that any law of the fast variables can do: min over probability measures π of NLL(E_π[u(y)]), u(y) the coefficients at the nodes.
 *
 * The averaged coefficients are linear in π, so with a quadratic NLL the problem is convex, and few atoms suffice (Lindsay 1983, "The geometry of mixture
 * likelihoods"). Fully corrective Frank–Wolfe steps (Jaggi 2013, "Revisiting Frank–Wolfe"): the atom of the steepest descent comes in, all weights are solved
 * again, atoms without weight go. With gradient g at the present mean ū the optimum over all measures is at least NLL - max_y g·(ū - u(y)): the duality gap.
 * The maximum is looked for on a pool of candidates, by searches from the best of them, and at the end once more on fresh ones.
 *
 * Where σ depends on y the NLL is not convex in (b̄, ā); then the same steps with Fisher's information find a stationary point, and the gap is one of its
 * linearisation, no bound.
 */
import { inner } from '../data/quadraticForm.ts';
import { candidatePoints, type Points } from './candidates.ts';
import type { AveragedObjective } from './objective.ts';
import { searchLines } from './search.ts';
import { simplexMinimum } from './simplex.ts';

/** Duality gap, in nats, below which the optimum counts as found. */
export const GAP = 1e-3;

/** Candidates in the pool. */
export const POOL = 2048;

/** Rounds of searches, and steps between two of them: far more than were ever needed. */
const ROUNDS = 60;
const STEPS = 400;

/** What to solve. */
export interface NpmleOptions {
  readonly objective: AveragedObjective;
  /** Gives u(y) of [dimension] of [M] points, [M × size] row by row. */
  readonly coefficients: (points: Points) => Float64Array;
  /** Components of the fast state. */
  readonly dimension: number;
  /** What the candidates' random numbers are for. */
  readonly seed: readonly (string | number)[];
  /** [dimension]: size of each fast component; default 1. */
  readonly scale?: readonly number[] | undefined;
  /** Default {@link POOL}. */
  readonly pool?: number;
  /** Default {@link GAP}, in nats. */
  readonly gap?: number;
  /** Further points to begin with, such as the atoms of a nearby problem. */
  readonly hints?: Points;
}

/** The optimum. */
export interface Npmle {
  /** [dimension] of [m]. */
  readonly atoms: Points;
  /** [m], > 0, adding up to 1. */
  readonly weights: Float64Array;
  readonly nll: number;
  /** Largest gap over all candidates that were looked at, fresh ones included, in nats; ≥ 0. */
  readonly gap: number;
  /** The same over the fresh candidates and the searches from them alone, in nats; may be negative. */
  readonly freshGap: number;
  /** True if the optimum over all measures is at least `nll - gap`, as far as the search for the worst candidate can be trusted; else a stationary point. */
  readonly isCertificate: boolean;
  /** True if the gap is below what was asked for. */
  readonly converged: boolean;
  /** [size]: averaged coefficients at the nodes. */
  readonly averaged: Float64Array;
  /** Candidates looked at, without those of searches. */
  readonly candidates: number;
}

/** An atom in use. */
interface Atom {
  readonly place: Float64Array;
  readonly values: Float64Array;
}

/**
 * Solves the problem; the same for the same seed.
 *
 * Not checked: that the candidates reach all of the fast state space that matters; see `scale`.
 *
 * @throws RangeError if a coefficient of the candidates that are used is not finite.
 */
export function npmle(options: NpmleOptions): Npmle {
  const { objective, coefficients, dimension, seed, scale, pool = POOL, gap: wanted = GAP, hints } = options;
  const { size } = objective;
  const first = candidatePoints({ dimension, count: dimension === 0 ? 1 : pool, seed, scale });
  let [points, table] = [first, coefficients(first)];
  if (hints !== undefined) [points, table] = joined(points, table, hints, coefficients(hints));
  let atoms = [bestSingle(objective, points, table)];
  let weights = Float64Array.of(1);
  let [averaged, gap, freshGap, candidates] = [atoms[0].values, Number.POSITIVE_INFINITY, Number.NaN, table.length / size];
  const search = (from: Points, gradient: Float64Array, round: number | string): Points =>
    searchLines({ starts: from, seed: [...seed, round], scale, score: (tried) => scoresOf(coefficients(tried), gradient, size) });
  for (let round = 0; round < ROUNDS; round++) {
    let gradient = objective.gradient(averaged);
    for (let step = 0; step < STEPS; step++) {
      const scores = scoresOf(table, gradient, size);
      const best = smallest(scores, 1)[0];
      gap = inner(gradient, averaged) - scores[best];
      if (gap <= wanted / 2) break;
      ({ atoms, weights, averaged } = improved(objective, atoms, weights, averaged, atomAt(points, table, best, size)));
      gradient = objective.gradient(averaged);
    }
    const level = inner(gradient, averaged);
    // From the best of the pool and from the atoms, which want to move a little.
    const own: Points = points.map((_, k) => Float64Array.from(atoms, ({ place }) => place[k]));
    const from = chosen(points, smallest(scoresOf(table, gradient, size), 4));
    const found = search(
      from.map((values, k) => Float64Array.of(...values, ...own[k])),
      gradient,
      round,
    );
    const values = coefficients(found);
    const searched = level - Math.min(...scoresOf(values, gradient, size));
    gap = Math.max(gap, searched);
    [points, table] = joined(points, table, found, values);
    if (searched > wanted) continue;
    const fresh = candidatePoints({ dimension, count: dimension === 0 ? 1 : pool, seed: [...seed, 'fresh', round], scale });
    const freshTable = coefficients(fresh);
    candidates += freshTable.length / size;
    const freshBest = smallest(scoresOf(freshTable, gradient, size), 4);
    const freshFound = search(chosen(fresh, freshBest), gradient, `fresh ${round}`);
    const freshValues = coefficients(freshFound);
    freshGap = level - Math.min(...scoresOf(freshTable, gradient, size), ...scoresOf(freshValues, gradient, size));
    gap = Math.max(gap, freshGap);
    if (freshGap <= wanted) break;
    [points, table] = joined(points, table, freshFound, freshValues);
  }
  const used = atoms.map((_, a) => a).filter((a) => weights[a] > 0);
  return {
    atoms: points.map((_, k) => Float64Array.from(used, (a) => atoms[a].place[k])),
    weights: Float64Array.from(used, (a) => weights[a]),
    nll: objective.value(averaged),
    gap: Math.max(0, gap),
    freshGap,
    isCertificate: objective.isQuadratic,
    converged: gap <= wanted,
    averaged,
    candidates,
  };
}

/** Takes an atom in and solves for all weights. */
function improved(objective: AveragedObjective, atoms: readonly Atom[], weights: Float64Array, averaged: Float64Array, next: Atom) {
  const all = [...atoms, next];
  const products = all.map(({ values }) => objective.curvature(averaged, values));
  const gradient = objective.gradient(averaged);
  const curved = objective.curvature(averaged, averaged);
  const slope = curved.map((value, k) => value - gradient[k]);
  const quadratic = all.map((_, a) => Float64Array.from(all, ({ values }) => inner(products[a], values)));
  const linear = Float64Array.from(all, ({ values }) => inner(slope, values));
  const start = Float64Array.of(...weights, 0);
  const target = simplexMinimum(quadratic, linear, start);
  const step = objective.isQuadratic ? 1 : lineStep(objective, averaged, mean(all, target));
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

function bestSingle(objective: AveragedObjective, points: Points, table: Float64Array): Atom {
  const { size } = objective;
  const count = table.length / size;
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let m = 0; m < count; m++) {
    const value = objective.value(table.subarray(m * size, (m + 1) * size));
    if (value < least) [best, least] = [m, value];
  }
  if (best < 0) throw new RangeError('coefficients must be finite at some candidate, got none: set the scale of the fast variables');
  return atomAt(points, table, best, size);
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

/** g·u of every row; infinity where it is not a number, so that such a candidate is never taken. */
function scoresOf(table: Float64Array, gradient: Float64Array, size: number): Float64Array {
  const scores = new Float64Array(table.length / size);
  for (let m = 0; m < scores.length; m++) {
    let total = 0;
    for (let k = 0; k < size; k++) total += gradient[k] * table[m * size + k];
    scores[m] = Number.isFinite(total) ? total : Number.POSITIVE_INFINITY;
  }
  return scores;
}

function smallest(scores: Float64Array, count: number): number[] {
  const found: number[] = [];
  for (let round = 0; round < Math.min(count, scores.length); round++) {
    let best = -1;
    for (let m = 0; m < scores.length; m++) if (!found.includes(m) && (best < 0 || scores[m] < scores[best])) best = m;
    found.push(best);
  }
  return found;
}

const chosen = (points: Points, at: readonly number[]): Points => points.map((values) => Float64Array.from(at, (m) => values[m]));

function joined(points: Points, table: Float64Array, others: Points, rows: Float64Array): [Points, Float64Array] {
  const both = new Float64Array(table.length + rows.length);
  both.set(table);
  both.set(rows, table.length);
  return [points.map((values, k) => Float64Array.of(...values, ...others[k])), both];
}
