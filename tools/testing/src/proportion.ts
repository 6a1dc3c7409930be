/**
 * Assertions on the probability of an event, exact at any number of trials.
 *
 * P(p̂ ≥ q) ≤ exp(-n K(q, p)) for q ≥ p, and likewise below, with K(q, p) = q ln(q/p) + (1 - q) ln((1 - q)/(1 - p)) (Chernoff 1952; Hoeffding 1963,
 * theorem 1). Good for rare events too, where a normal approximation fails.
 */
import { judge, leastCount } from './judge.ts';
import type { Power, Rates } from './rates.ts';
import { ratesOf } from './rates.ts';

/** Which discrepancies count: on both sides, or only below (`atLeast`) or above (`atMost`) the expected value. */
export type Side = 'equal' | 'atLeast' | 'atMost';

/**
 * Asserts that an event has a given probability.
 *
 * @param successes How often the event was seen.
 * @param trials Number of independent trials, ≥ 1.
 * @param side Default 'equal'.
 * @throws Error if the proportion is off or the trials do not detect `power.detects`.
 */
export function assertProportion(
  successes: number,
  trials: number,
  expected: number,
  power: Power,
  side: Side = 'equal',
  subject = 'the proportion',
): void {
  const estimate = successes / trials;
  const { low, high } = accepted(trials, expected, side, power);
  const isBelow = estimate < expected;
  judge(
    {
      subject,
      expected,
      estimate,
      discrepancy: side === 'atLeast' ? expected - estimate : side === 'atMost' ? estimate - expected : Math.abs(estimate - expected),
      tolerance: side === 'atLeast' || (side === 'equal' && isBelow) ? expected - low : high - expected,
      detectable: detectableProportion(trials, expected, side, power),
      needed: () => samplesForProportion(power.detects, expected, side, power),
    },
    power,
  );
}

/**
 * The smallest difference from the expected probability that n trials detect, the larger one of the sides that count; on each, what no probability in
 * [0, 1] can reach counts as detected.
 */
export function detectableProportion(trials: number, expected: number, side: Side = 'equal', rates: Rates = {}): number {
  const bound = Math.log(1 / ratesOf(rates).miss) / trials;
  const { low, high } = accepted(trials, expected, side, rates);
  const above = edge((p) => divergence(high, p) <= bound, high, 1) - expected;
  const below = expected - edge((p) => divergence(low, p) <= bound, low, 0);
  return side === 'atLeast' ? below : side === 'atMost' ? above : Math.max(above, below);
}

/** The number of trials that detects a difference from the expected probability. */
export function samplesForProportion(detects: number, expected: number, side: Side = 'equal', rates: Rates = {}): number {
  return leastCount((trials) => detectableProportion(trials, expected, side, rates), detects);
}

/** The proportions that chance explains at the false-alarm rate. */
function accepted(trials: number, expected: number, side: Side, rates: Rates): { readonly low: number; readonly high: number } {
  const { falseAlarm } = ratesOf(rates);
  const bound = Math.log((side === 'equal' ? 2 : 1) / falseAlarm) / trials;
  const within = (q: number): boolean => divergence(q, expected) <= bound;
  return { low: edge(within, expected, 0), high: edge(within, expected, 1) };
}

/** K(q, p), with 0·ln 0 = 0. */
function divergence(q: number, p: number): number {
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return part(q, p) + part(1 - q, 1 - p);
}

/** The last point from `inside` towards `end` where a condition holds, that holds at `inside` and changes once at most. */
function edge(holds: (x: number) => boolean, inside: number, end: number): number {
  if (holds(end)) return end;
  let [good, bad] = [inside, end];
  for (;;) {
    const middle = (good + bad) / 2;
    if (middle === good || middle === bad) return good;
    if (holds(middle)) good = middle;
    else bad = middle;
  }
}
