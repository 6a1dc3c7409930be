/**
 * The best that any law of the fast variables can do: min over probability measures π of NLL(E_π[u(y)]), u(y) the coefficients at the nodes.
 *
 * The averaged coefficients are linear in π, so with a quadratic NLL the problem is convex, and few atoms suffice (Lindsay 1983, "The geometry of mixture
 * likelihoods"). Fully corrective steps of Frank and Wolfe find them. With gradient g at the present mean ū the optimum over all measures is at least NLL - max_y g·(ū - u(y)): the duality gap.
 * The maximum is looked for on a pool of candidates, by searches from the best of them, and at the end once more on fresh ones.
 *
 * Where σ depends on y the NLL is not convex in (b̄, ā); then the same steps with Fisher's information find a stationary point, and the gap is one of its
 * linearisation, no bound.
 */
import { inner } from '../data/quadraticForm.ts';
import { candidatePoints, type Points } from './candidates.ts';
import { corrected, scoresOf, singleAtom, smallest } from './corrective.ts';
import type { AveragedObjective } from './objective.ts';
import { searchLines } from './search.ts';

/** Duality gap, in nats, below which the optimum counts as found. */
export const GAP = 1e-3;

/** Candidates in the pool. */
export const POOL = 2048;

/** Rounds of searches: far more than were ever needed. */
const ROUNDS = 60;

/** Rounds without progress after which the gap is given as it is: rounding stops a step, or a likelihood that is not convex. */
const IDLE_ROUNDS = 5;

/** Half length of the longest line along which an atom looks for a better place; the pool's best look farther. */
const NEAR = 0.5;

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
  readonly pool?: number | undefined;
  /** Default {@link GAP}, in nats. */
  readonly gap?: number | undefined;
  /** Further points to begin with, such as the atoms of a nearby problem. */
  readonly hints?: Points | undefined;
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
  let mixture = singleAtom(objective, points, table);
  let [gap, freshGap, candidates] = [Number.POSITIVE_INFINITY, Number.NaN, table.length / size];
  let [least, idle] = [Number.POSITIVE_INFINITY, 0];
  const search = (from: Points, gradient: Float64Array, round: number | string, widest?: number): Points =>
    searchLines({ starts: from, seed: [...seed, round], scale, widest, score: (tried) => scoresOf(coefficients(tried), gradient, size) });
  for (let round = 0; round < ROUNDS; round++) {
    ({ mixture, gap } = corrected(objective, points, table, mixture, wanted / 2));
    const { atoms, averaged } = mixture;
    const gradient = objective.gradient(averaged);
    const level = inner(gradient, averaged);
    // From the best of the pool and from the atoms, which want to move a little.
    const own: Points = points.map((_, k) => Float64Array.from(atoms, ({ place }) => place[k]));
    const far = search(chosen(points, smallest(scoresOf(table, gradient, size), 4)), gradient, round);
    const near = search(own, gradient, `atoms ${round}`, NEAR);
    const found = far.map((values, k) => Float64Array.of(...values, ...near[k]));
    const values = coefficients(found);
    const searched = level - Math.min(...scoresOf(values, gradient, size));
    gap = Math.max(gap, searched);
    [points, table] = joined(points, table, found, values);
    const nll = objective.value(averaged);
    idle = nll < least - wanted / 100 ? 0 : idle + 1;
    least = Math.min(least, nll);
    if (idle > IDLE_ROUNDS) break;
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
  const { atoms, weights, averaged } = mixture;
  return {
    atoms: points.map((_, k) => Float64Array.from(atoms, ({ place }) => place[k])),
    weights,
    nll: objective.value(averaged),
    gap: Math.max(0, gap),
    freshGap,
    isCertificate: objective.isQuadratic,
    converged: gap <= wanted,
    averaged,
    candidates,
  };
}

const chosen = (points: Points, at: readonly number[]): Points => points.map((values) => Float64Array.from(at, (m) => values[m]));

function joined(points: Points, table: Float64Array, others: Points, rows: Float64Array): [Points, Float64Array] {
  const both = new Float64Array(table.length + rows.length);
  both.set(table);
  both.set(rows, table.length);
  return [points.map((values, k) => Float64Array.of(...values, ...others[k])), both];
}
