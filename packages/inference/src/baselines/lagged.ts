/** Increments over a lag: of all offsets, so that no observation is lost. */
import type { ObservedPath } from '../data/observations.ts';
import type { Increments } from './instruments.ts';

/** How far a duration may be from the lag, relative to it. */
const TOLERANCE = 0.5;

/**
 * Gives the increments x(t_j) - x(t_i), j the first observation at t_i + lag or later; without a lag, j = i + 1.
 *
 * Where a gap makes a duration more than half longer than the lag, the increment is left out.
 *
 * @throws RangeError for a lag ≤ 0, or one that leaves no increment.
 */
export function laggedIncrements(paths: readonly ObservedPath[], lag: number | undefined): Increments[] {
  if (lag !== undefined && !(lag > 0)) throw new RangeError(`lag must be > 0, got ${lag}`);
  const all = paths.map(({ times, values }) => {
    const [from, to]: [number[], number[]] = [[], []];
    for (let i = 0, j = 0; i < times.length; i++) {
      j = Math.max(j, i + 1);
      // Half a millionth of the lag below it: times are rounded.
      if (lag !== undefined) while (j < times.length && times[j] - times[i] < lag * (1 - 5e-7)) j++;
      if (j >= times.length) break;
      if (lag !== undefined && j > i + 1 && times[j] - times[i] > (1 + TOLERANCE) * lag) continue;
      from.push(i);
      to.push(j);
    }
    const states = values.map((component) => Float64Array.from(from, (i) => component[i]));
    return {
      states,
      instruments: states,
      increments: values.map((component) => Float64Array.from(from, (i, k) => component[to[k]] - component[i])),
      durations: Float64Array.from(from, (i, k) => times[to[k]] - times[i]),
      overlap: from.reduce((sum, i, k) => sum + to[k] - i, 0) / Math.max(1, from.length),
    };
  });
  if (all.every(({ durations }) => durations.length === 0)) throw new RangeError(`lag must be shorter than a path, got ${lag}`);
  return all.filter(({ durations }) => durations.length > 0);
}
