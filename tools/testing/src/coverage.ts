/** Assertion on confidence intervals: how often they hold the truth. */
import { assertProportion, type Side } from './proportion.ts';
import type { Power } from './rates.ts';

/** An interval, both ends included. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Asserts that independent intervals hold the truth as often as their level says; see detectableProportion and samplesForProportion for the power.
 *
 * @param truth What each should hold.
 * @param level Such as 0.99.
 * @param side 'equal' (default) for intervals that claim the level, 'atLeast' for those that claim no less.
 * @throws Error if they do not, or are too few to detect a coverage off by `power.detects`. An interval with a NaN holds nothing.
 */
export function assertCoverage(intervals: readonly Interval[], truth: number, level: number, power: Power, side: Side = 'equal'): void {
  const held = intervals.filter(({ low, high }) => low <= truth && truth <= high).length;
  assertProportion(held, intervals.length, level, power, side, 'the coverage');
}
