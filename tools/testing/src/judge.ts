/** The verdict of every assertion: first whether the samples suffice for the promised power, then whether the claim stands. */
import { type Power, ratesOf } from './rates.ts';

/** What an assertion measured. */
export interface Finding {
  /** What is compared, such as `the mean`. */
  readonly subject: string;
  readonly expected: number;
  readonly estimate: number;
  /** How far the estimate is from the claim; negative where it is off to an allowed side. */
  readonly discrepancy: number;
  /** Largest discrepancy that chance explains at the false-alarm rate. */
  readonly tolerance: number;
  /** Smallest discrepancy that these samples show at the miss rate. */
  readonly detectable: number;
  /** Number of samples that would detect what the test must detect. */
  readonly needed: () => number;
}

/**
 * Throws unless the samples suffice and the claim stands. NaN anywhere is a failure.
 *
 * @throws Error that says the estimate, the tolerance and the rates, or the number of samples needed; RangeError for rates or a discrepancy out of range.
 */
export function judge(finding: Finding, power: Power): void {
  const { falseAlarm, miss } = ratesOf(power);
  const { subject, expected, estimate, discrepancy, tolerance, detectable, needed } = finding;
  if (!(power.detects > 0)) throw new RangeError(`detects must be > 0, got ${power.detects}`);
  if (!(detectable <= power.detects)) {
    throw new Error(
      `the test of ${subject} must detect ${power.detects}, but its samples detect ${detectable} at miss rate ${miss}: take ${needed()} samples`,
    );
  }
  if (!(discrepancy <= tolerance)) {
    throw new Error(`${subject} must be ${expected} within ${tolerance} (false-alarm rate ${falseAlarm}), got ${estimate}`);
  }
}

/**
 * Finds the least number of samples that detects a discrepancy.
 *
 * @param detectable The smallest discrepancy that n samples detect; must not grow with n.
 * @returns At most 2^53; Infinity if even so many do not suffice.
 */
export function leastCount(detectable: (count: number) => number, detects: number): number {
  let high = 1;
  while (!(detectable(high) <= detects)) {
    high *= 2;
    if (high > 2 ** 53) return Number.POSITIVE_INFINITY;
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (detectable(middle) <= detects) high = middle;
    else low = middle;
  }
  return high;
}
