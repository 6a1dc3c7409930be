/**
 * Designs: joint samples of all axes that are distributions.
 *
 * What an axis draws is keyed by the seed and its own name. So another axis, or another order in the file, leaves it alone; for `random`, more points too. A
 * Sobol' design is one joint sequence: there an axis keeps its digital shift, but its dimension is its rank among the sampled axes in alphabetical order.
 *
 * Source for Latin hypercubes: McKay, Beckman & Conover 1979, doi:10.2307/1268522; for digital shifts: Owen 2013, Monte Carlo theory, ch. 17.
 */
import { evaluate, parseExpression } from '@ergoflow/kernels';
import { geometricMean } from './geometricMean.ts';
import { namedUniforms, namedWord } from './namedUniforms.ts';
import { sobolCoordinate } from './sobol.ts';

/** A joint sample of n points. */
export interface Design {
  readonly kind: 'sobol' | 'lhs' | 'random';
  readonly points: number;
  /** Sobol' points as they are, the first at the lower corner; else shifted by the seed. */
  readonly unscrambled: boolean;
}

/** A distribution of an axis. */
export interface Distribution {
  readonly name: 'uniform' | 'loguniform';
  readonly low: number;
  readonly high: number;
}

/**
 * Gives the coordinates in [0, 1) of an axis for all points of a design.
 *
 * @param rank Rank of the axis among the sampled ones, from 0; used by sobol only, below 21.
 */
export function designCoordinates(design: Design, seed: number, axis: string, rank: number): number[] {
  const { kind, points } = design;
  if (kind === 'random') return independentDraws(seed, axis, points);
  if (kind === 'lhs') return latin(seed, axis, points);
  const words = sobolCoordinate(rank, points);
  if (design.unscrambled) return Array.from(words, (word) => word / 2 ** 32);
  const shift = namedWord([seed, 'sobol', axis]);
  return Array.from(words, (word) => (((word ^ shift) >>> 0) + 0.5) / 2 ** 32);
}

/** Gives independent uniform numbers of an axis; the first are the same whatever their number. */
export function independentDraws(seed: number, axis: string, count: number): number[] {
  const next = namedUniforms([seed, 'random', axis]);
  return Array.from({ length: count }, next);
}

/** One point in each of n equal cells, the cells in random order. */
function latin(seed: number, axis: string, n: number): number[] {
  const next = namedUniforms([seed, 'lhs', axis, n]);
  const cells = Array.from({ length: n }, (_, k) => k);
  for (let k = n - 1; k > 0; k -= 1) {
    const other = Math.floor(next() * (k + 1));
    [cells[k], cells[other]] = [cells[other], cells[k]];
  }
  return cells.map((cell) => (cell + next()) / n);
}

const UNIFORM = parseExpression('low + (high - low)*u');

/** Gives the quantile of a distribution at u in [0, 1). */
export function quantile({ name, low, high }: Distribution, u: number): number {
  if (name === 'loguniform') return geometricMean(low, high, u);
  const x = evaluate(
    UNIFORM,
    new Map([
      ['low', low],
      ['high', high],
      ['u', u],
    ]),
  );
  return Math.min(Math.max(x, low), high);
}
