/** From observed paths to transitions: checks, gaps, and what the quadratic variation says about σσᵀ. */
import type { ObservedPath, Transitions } from './observations.ts';

/** A time is a gap's if it is longer than this many median durations. */
export const GAP_FACTOR = 10;

/** How to make transitions. */
export interface TransitionsOptions {
  /** Longest duration that counts as a transition; longer ones are left out as gaps. Default {@link GAP_FACTOR} times the median duration. */
  readonly largestStep?: number;
}

/** Data that cannot be used, and where: path, then index of the observation, both from 0. */
export class ObservationError extends RangeError {
  readonly path: number;
  readonly index: number;

  constructor(message: string, path: number, index: number) {
    super(message);
    this.name = 'ObservationError';
    this.path = path;
    this.index = index;
  }
}

/**
 * Makes the transitions of all paths, one path after the other.
 *
 * Memory: (2 dx + 1)·8 bytes an observation, beside the paths.
 *
 * @throws ObservationError for times or values that are not finite, times that do not increase, and lengths or numbers of components that differ;
 *   RangeError if no transition is left.
 */
export function transitionsOf(paths: readonly ObservedPath[], { largestStep }: TransitionsOptions = {}): Transitions {
  if (largestStep !== undefined && !(largestStep > 0)) throw new RangeError(`largestStep must be > 0, got ${largestStep}`);
  if (paths.length === 0) throw new RangeError('paths must hold at least one path, got none');
  const dimension = paths[0].values.length;
  for (const [k, path] of paths.entries()) checkPath(path, k, dimension);
  const total = paths.reduce((sum, { times }) => sum + Math.max(0, times.length - 1), 0);
  if (total === 0) throw new RangeError('paths must hold at least one transition, got none: every path has fewer than 2 observations');
  const longest = largestStep ?? GAP_FACTOR * medianDuration(paths, total);
  const [from, increment] = [0, 1].map(() => Array.from({ length: dimension }, () => new Float64Array(total)));
  const duration = new Float64Array(total);
  let count = 0;
  for (const { times, values } of paths) {
    for (let k = 0; k + 1 < times.length; k++) {
      const step = times[k + 1] - times[k];
      if (step > longest) continue;
      duration[count] = step;
      for (let c = 0; c < dimension; c++) {
        from[c][count] = values[c][k];
        increment[c][count] = values[c][k + 1] - values[c][k];
      }
      count += 1;
    }
  }
  if (count === 0) throw new RangeError(`largestStep must leave at least one transition, got ${longest}`);
  const cut = (array: Float64Array): Float64Array => (count === total ? array : array.subarray(0, count));
  return { count, from: from.map(cut), increment: increment.map(cut), duration: cut(duration), gaps: total - count };
}

function checkPath({ times, values }: ObservedPath, path: number, dimension: number): void {
  const fail = (what: string, index: number): never => {
    throw new ObservationError(`path ${path + 1}, observation ${index + 1}: ${what}`, path, index);
  };
  if (values.length !== dimension) fail(`values must have ${dimension} components like the first path, got ${values.length}`, 0);
  for (const component of values) {
    if (component.length !== times.length) fail(`every component must have ${times.length} values, one for each time, got ${component.length}`, 0);
  }
  for (let k = 0; k < times.length; k++) {
    if (!Number.isFinite(times[k])) fail(`the time must be finite, got ${times[k]}`, k);
    if (k > 0 && !(times[k] > times[k - 1])) fail(`the time must be later than the one before, ${times[k - 1]}, got ${times[k]}`, k);
  }
  for (const [c, component] of values.entries()) {
    for (let k = 0; k < component.length; k++) {
      if (!Number.isFinite(component[k])) fail(`component ${c + 1} must be finite, got ${component[k]}: leave the observation out instead`, k);
    }
  }
}

/** Most durations that the median looks at: evenly chosen, and enough for a factor of {@link GAP_FACTOR}. */
const MEDIAN_OF = 10_001;

function medianDuration(paths: readonly ObservedPath[], total: number): number {
  const every = Math.ceil(total / MEDIAN_OF);
  const chosen: number[] = [];
  let seen = 0;
  for (const { times } of paths) {
    for (let k = 0; k + 1 < times.length; k++) if (seen++ % every === 0) chosen.push(times[k + 1] - times[k]);
  }
  return Float64Array.from(chosen).sort()[Math.floor(chosen.length / 2)];
}

/** σσᵀ as the increments show it. */
export interface QuadraticVariation {
  /** [dx (dx + 1)/2]: estimates of the mean of σσᵀ over the transitions, lower triangle row by row. */
  readonly diffusion: readonly number[];
  /** Standard errors, alike. */
  readonly error: readonly number[];
}

/**
 * Estimates σσᵀ: Σ dx dxᵀ/Δ / N, with the error from the spread of the terms.
 *
 * The drift adds E[b̄ b̄ᵀ] Δ, and fast variables that are not yet averaged over a step more, so an excess over the model's σσᵀ beyond the error is a sign of
 * a wrong σ, of a spacing that is too long, or of one that is shorter than the fast time.
 */
export function quadraticVariation({ count, increment, duration }: Transitions): QuadraticVariation {
  const pairs = increment.flatMap((row, i) => increment.slice(0, i + 1).map((column) => ({ row, column })));
  const sums = pairs.map(({ row, column }) => {
    let [mean, spread] = [0, 0];
    for (let k = 0; k < count; k++) {
      const term = (row[k] * column[k]) / duration[k];
      const off = term - mean;
      mean += off / (k + 1);
      spread += off * (term - mean);
    }
    return { mean, error: Math.sqrt(spread / Math.max(1, count - 1) / count) };
  });
  return { diffusion: sums.map(({ mean }) => mean), error: sums.map(({ error }) => error) };
}
