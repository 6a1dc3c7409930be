/**
 * Looks for fast states where a function is small: lines along all components, along the diagonal and in random directions, first wide, then narrower.
 *
 * No derivative is needed, so kinks do no harm, and a component's far minimum is found where a gradient would stay in the nearest one.
 */
import { candidatePoints, type Points } from './candidates.ts';

/** Half lengths of the lines, in units of `scale`: each is the resolution of the one before. */
const SPANS = [8, 2, 0.5, 0.125, 0.03, 0.008, 0.002] as const;
const STEPS = [-1, -0.75, -0.5, -0.25, 0.25, 0.5, 0.75, 1] as const;
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

/** Improves every start by itself; never worse than it was. Evaluations: 56·(dimension + 3) for each start, fewer for a smaller `widest`. */
export function searchLines({ starts, score, seed, widest = SPANS[0], scale }: SearchOptions): Points {
  const dimension = starts.length;
  if (dimension === 0) return starts;
  const count = starts[0].length;
  const best = starts.map((values) => values.slice());
  const value = score(best).slice();
  const coordinates = Array.from({ length: dimension }, (_, k) => Float64Array.from({ length: dimension }, (_, j) => (j === k ? 1 : 0)));
  for (const [sweep, span] of SPANS.entries()) {
    if (span > widest) continue;
    const directions = dimension === 1 ? coordinates : [new Float64Array(dimension).fill(1), ...coordinates, ...random(dimension, [...seed, sweep])];
    for (const direction of directions) {
      const tried = best.map((values, k) => {
        const unit = direction[k] * span * (scale?.[k] ?? 1);
        return Float64Array.from({ length: count * STEPS.length }, (_, j) => values[Math.floor(j / STEPS.length)] + unit * STEPS[j % STEPS.length]);
      });
      const found = score(tried);
      for (let j = 0; j < found.length; j++) {
        const start = Math.floor(j / STEPS.length);
        if (!(found[j] < value[start])) continue;
        value[start] = found[j];
        for (let k = 0; k < dimension; k++) best[k][start] = tried[k][j];
      }
    }
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
