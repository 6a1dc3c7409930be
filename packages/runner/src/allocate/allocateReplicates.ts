/** Gives each cell of an experiment its next number of replicates, until its intervals are tight or plainly cannot be. */
import type { Replicates } from '../experiment/replicates.ts';
import { type Interval, neededReplicates, uncertainty } from './neededReplicates.ts';

/** A cell as it stands. */
export interface CellState {
  /** Its replicates. */
  readonly count: number;
  /** Its intervals by metric, at the level of the target. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** A metric that does not reach the target. */
export interface Unreached {
  readonly metric: string;
  /** In words that follow a colon. */
  readonly why: string;
}

/** What a cell gets. */
export interface Allocation {
  /** Replicates in all; the present number where it is at its end. */
  readonly count: number;
  /** Metrics that will not be tight; at the cell's end, all that are not. */
  readonly unreached: readonly Unreached[];
}

/** Replicates asked for by a target. */
export type TargetReplicates = Extract<Replicates, { kind: 'target' }>;

/** A prediction from a small pilot may be far off: it is trusted for no more than this growth. */
const MOST_GROWTH = 4;
/** A step shorter than this part is no longer worth one of its own: it goes the whole way. */
const LAST_STEP = 0.1;
/** Least growth, so that an interval that narrows slower than predicted takes no endless row of steps. */
const LEAST_GROWTH = 0.05;

/**
 * Allocates to one cell: cells are independent, as all of one round run together.
 *
 * The next number is the largest that its intervals are predicted to need, less the prediction's uncertainty, so that it is approached from below. A metric
 * out of reach does not hold up the others, and takes nothing; one without an estimate takes the most growth.
 */
export function allocateReplicates({ count, intervals }: CellState, { target, max, metrics: asked }: TargetReplicates): Allocation {
  const names = asked ?? Object.keys(intervals);
  const unreached: Unreached[] = [];
  const loose: string[] = [];
  let next = names.length === 0 ? MOST_GROWTH * count : count;
  for (const metric of names) {
    if (!(metric in intervals)) {
      loose.push(metric);
      next = Math.max(next, MOST_GROWTH * count);
      continue;
    }
    const need = neededReplicates(intervals[metric], count, target, max);
    if (need.kind === 'unreachable') unreached.push({ metric, why: need.why });
    if (need.kind !== 'more') continue;
    loose.push(metric);
    next = Math.max(next, stepTowards(need.replicates, count));
  }
  if (count < max) return { count: Math.min(max, next), unreached };
  const why = `not tight with the most replicates, ${max}`;
  return { count, unreached: [...unreached, ...loose.map((metric) => ({ metric, why }))] };
}

function stepTowards(needed: number, count: number): number {
  const sure = needed <= (1 + LAST_STEP) * count ? needed : needed * (1 - uncertainty(count));
  return Math.ceil(Math.min(MOST_GROWTH * count, Math.max(sure, (1 + LEAST_GROWTH) * count)));
}
