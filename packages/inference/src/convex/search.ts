/**
 * Looks for fast states where a function is small: lines along all components, along the diagonal and in random directions, first wide, then narrower.
 *
 * No derivative is needed, so kinks do no harm, and a component's far minimum is found where a gradient would stay in the nearest one.
 */
import { candidatePoints, type Points } from './candidates.ts';

/** Half lengths of the lines, in units of `scale`, and points on each half: a length is the distance of points on the one before. */
const SWEEPS = [
  { span: 8, points: 16 },
  { span: 0.5, points: 4 },
  { span: 0.125, points: 4 },
  { span: 0.03, points: 4 },
  { span: 0.008, points: 4 },
  { span: 0.002, points: 4 },
] as const;

/** How far a start goes on in the direction in which a sweep has moved it (Hooke & Jeeves 1961), in lengths of that move. */
const ONWARDS = [-0.5, 0.25, 0.5, 1, 2, 4, 8, 16] as const;

const RANDOM_DIRECTIONS = 2;

/** What to search. */
export interface SearchOptions {
  /** [dimension] of [count]: where to begin. */
  readonly starts: Points;
  /** Gives a value for each point; smaller is better. */
  readonly score: (points: Points) => Float64Array;
  readonly seed: readonly (string | number)[];
  /** Longest half length of a line, in units of `scale`; default 8. */
  readonly widest?: number | undefined;
  /** [dimension]; default 1. */
  readonly scale?: readonly number[] | undefined;
}

/** Improves every start by itself; never worse than it was. Evaluations: 72·(dimension + 3) for each start, fewer for a smaller `widest`. */
export function searchLines({ starts, score, seed, widest = SWEEPS[0].span, scale }: SearchOptions): Points {
  const dimension = starts.length;
  if (dimension === 0) return starts;
  const count = starts[0].length;
  const best = starts.map((values) => values.slice());
  const value = score(best).slice();
  const coordinates = Array.from({ length: dimension }, (_, k) => Float64Array.from({ length: dimension }, (_, j) => (j === k ? 1 : 0)));
  /** Moves every start to the best of the points at these multiples of its own direction. */
  const move = (direction: (start: number, k: number) => number, multiples: readonly number[]): void => {
    const each = multiples.length;
    const tried = best.map((values, k) =>
      Float64Array.from({ length: count * each }, (_, j) => values[Math.floor(j / each)] + direction(Math.floor(j / each), k) * multiples[j % each]),
    );
    const found = score(tried);
    for (let j = 0; j < found.length; j++) {
      const start = Math.floor(j / each);
      if (!(found[j] < value[start])) continue;
      value[start] = found[j];
      for (let k = 0; k < dimension; k++) best[k][start] = tried[k][j];
    }
  };
  for (const [sweep, { span, points }] of SWEEPS.entries()) {
    if (span > widest) continue;
    const multiples = Array.from({ length: 2 * points }, (_, j) => (span * (j < points ? j - points : j - points + 1)) / points);
    const directions = dimension === 1 ? coordinates : [new Float64Array(dimension).fill(1), ...coordinates, ...random(dimension, [...seed, sweep])];
    const before = best.map((values) => values.slice());
    for (const direction of directions) move((_, k) => direction[k] * (scale?.[k] ?? 1), multiples);
    if (dimension === 1) continue;
    const moved = best.map((values, k) => values.map((x, start) => x - before[k][start]));
    move((start, k) => moved[k][start], ONWARDS);
  }
  return best;
}

/** Directions of unit length. */
function random(dimension: number, seed: readonly (string | number)[]): Float64Array[] {
  // The even points of a pool have one number in all components, so these are the odd ones.
  const points = candidatePoints({ dimension, count: 2 * RANDOM_DIRECTIONS, seed: [...seed, 'directions'] });
  return Array.from({ length: RANDOM_DIRECTIONS }, (_, d) => {
    const direction = Float64Array.from(points, (values) => values[2 * d + 1]);
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0));
    return direction.map((value) => value / length);
  });
}
