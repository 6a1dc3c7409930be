/**
 * Which regime slow paths look like: the noise s sᵀ that increments show, and the drift that they give, against the lag.
 *
 * In averaging both are the same at every lag below the slow time, but for O(ε). In homogenization the fast scale carries a part of the motion, so that the noise seen at short lags
 * is not the effective one (Pavliotis & Stuart 2007): a particle among small wells shows σ² at short lags and K σ², K < 1, at long ones. A spacing near the slow time biases any
 * drift from increments, whatever the regime.
 */
import { scalarFunction } from '@ergoflow/kernels';
import type { BaselineResult, DriftBasis, Estimated } from '../baselines/baseline.ts';
import { subsampled } from '../baselines/subsampled.ts';
import type { ObservedPath } from '../data/observations.ts';

const logOf = scalarFunction('log');

const square = (x: number): number => x * x;

/** What the data look like; `undecided` where they do not say. */
export type Verdict = 'averaging' | 'homogenization' | 'undersampled' | 'undecided';

/** What increments over one lag show. */
export interface LagView {
  readonly lag: number;
  /** Trace of s sᵀ, the drift's part taken off. */
  readonly variation: Estimated;
  readonly coefficients: readonly Estimated[];
  /**
   * The lag in units of the slow time: 2 lag E|b|²/tr(s sᵀ). In a stationary law E b² = -½ E[s² b′], so for constant noise it is the lag times the mean rate -E b′ of relaxation,
   * also within one of several wells.
   */
  readonly slowShare: number;
  /** ln of the variation over that at the shortest lag. */
  readonly logRatio: Estimated;
}

/** The answer. */
export interface Regime {
  readonly verdict: Verdict;
  /** One sentence with the numbers that decide. */
  readonly reason: string;
  /** By lag, doubling from one observation as long as the slow share is at most {@link LONGEST}; at least the first two. */
  readonly lags: readonly LagView[];
  /** Largest probability of the verdict `homogenization` where the variation changes by no more than {@link ALLOWED_FALL} and {@link ALLOWED_RISE} allow at every lag compared. */
  readonly falseAlarm: number;
}

/** Share of the slow time up to which lags are compared: beyond it the slow motion itself shows. */
const LONGEST = 0.1;

/** Share of the slow time in one spacing from which data are called undersampled: a drift from increments is then off by about a tenth. */
const UNDERSAMPLED = 0.2;

/** The least ratio of variations that averaging is granted, and the largest: at a finite ε fluctuations of b add 2 ε ∫ Cov(b, b_s) ds to the noise, a fall has no such excuse. */
const ALLOWED_FALL = 0.8;
const ALLOWED_RISE = 2;

/** A rise that still counts as flat. */
const FLAT_RISE = 1.25;

/** Standard errors beyond the allowed ratio; Student's t with 31 degrees of freedom (32 batches) is above 4.5 with probability 4.5e-5. */
const ERRORS = 4.5;
const FALSE_ALARM = 4.5e-5;

/** The longest lag fits this often into all paths, which leaves 32 batches of ten lags. */
const FITS = 320;

/** Variation over twice the shortest lag, relative to that over it, above which the path is smooth at its spacing: 2 for a differentiable one. */
const SMOOTH = 1.7;

/**
 * Tells the regime.
 *
 * Not checked: that the spacing is even (lags are multiples of the mean spacing), and that the basis fits the drift roughly; a poor one leaves more of the slow motion in the variation.
 *
 * @param basis The drift's basis, as for the baselines.
 * @throws RangeError as the subsampled estimator.
 */
export function regimeOf(paths: readonly ObservedPath[], basis: DriftBasis): Regime {
  const spacing = meanSpacing(paths);
  const probes = probesOf(paths);
  const durations = paths.map(({ times }) => times[times.length - 1] - times[0]);
  const longest = Math.min(durations.reduce((a, b) => a + b, 0) / FITS, Math.max(...durations) / 2);
  const lags: LagView[] = [];
  for (let lag = spacing; lags.length < 2 || lag <= longest; lag *= 2) {
    const view = viewOf(subsampled({ paths, basis, lag }), lag, probes, lags[0]);
    if (lags.length >= 2 && view.slowShare > LONGEST) break;
    lags.push(view);
  }
  const compared = lags.filter(({ slowShare }) => slowShare <= LONGEST);
  return { ...decide(lags, compared), lags, falseAlarm: 2 * FALSE_ALARM * Math.max(0, compared.length - 1) };
}

function decide(lags: readonly LagView[], compared: readonly LagView[]): { readonly verdict: Verdict; readonly reason: string } {
  const [first, second] = lags;
  const share = first.slowShare.toPrecision(3);
  if (first.slowShare > UNDERSAMPLED) {
    const reason = `two observations are a share ${share} of the slow time apart: above ${UNDERSAMPLED} a drift from increments is off by a tenth or more`;
    return { verdict: 'undersampled', reason };
  }
  if (compared.length < 3) {
    const reason = `only ${compared.length} lags lie well below the slow time and the length of the data (a spacing is a share ${share} of it): too few to compare`;
    return { verdict: 'undecided', reason };
  }
  const [last] = compared.slice(-1);
  const low = ({ logRatio: { value, error } }: LagView): number => value - ERRORS * error;
  const high = ({ logRatio: { value, error } }: LagView): number => value + ERRORS * error;
  const told = ({ lag, logRatio: { value, error } }: LagView): string =>
    `ln of the variation at lag ${lag.toPrecision(3)} over that at ${first.lag.toPrecision(3)} is ${value.toPrecision(3)} ± ${error.toPrecision(2)}`;
  const fallen = compared.reduce((a, b) => (high(b) < high(a) ? b : a));
  const risen = compared.reduce((a, b) => (low(b) > low(a) ? b : a));
  const isSmooth = second.variation.value > SMOOTH * first.variation.value;
  if (high(fallen) < logOf(ALLOWED_FALL))
    return { verdict: 'homogenization', reason: `${told(fallen)}: the fast scale carries noise that the slow one does not keep` };
  if (isSmooth) return { verdict: 'undecided', reason: `${told(second)}: the path is smooth at its spacing, the slow noise is not seen` };
  if (low(risen) > logOf(ALLOWED_RISE))
    return { verdict: 'homogenization', reason: `${told(risen)}: the fast scale adds noise of the slow one's size` };
  if (low(last) > logOf(ALLOWED_FALL) && high(last) < logOf(FLAT_RISE)) return { verdict: 'averaging', reason: `${told(last)}: flat` };
  return { verdict: 'undecided', reason: `${told(last)}: neither flat nor beyond what a finite scale separation explains` };
}

function viewOf({ diffusion, coefficients, driftAt }: BaselineResult, lag: number, probes: readonly Float64Array[], first?: LagView): LagView {
  const dimension = (Math.sqrt(8 * diffusion.length + 1) - 1) / 2;
  const diagonal = Array.from({ length: dimension }, (_, i) => diffusion[(i * (i + 3)) / 2]);
  const value = diagonal.reduce((sum, entry) => sum + entry.value, 0);
  // Errors of components may go together: the sum is above the error in any case.
  const variation = { value, error: diagonal.reduce((sum, entry) => sum + entry.error, 0) };
  const squares = driftAt(probes).value.reduce((sum, b) => sum + b.reduce((total, each) => total + each * each, 0), 0);
  const logRatio =
    first === undefined
      ? { value: 0, error: 0 }
      : {
          value: logOf(value / first.variation.value),
          // The two share their noise; taken as independent, their difference has a larger error than it has.
          error: Math.sqrt(square(variation.error / value) + square(first.variation.error / first.variation.value)),
        };
  return { lag, variation, coefficients, logRatio, slowShare: (2 * lag * squares) / probes[0].length / value };
}

/** States at which |b|² is averaged: evenly chosen of all observations. */
const PROBES = 4096;

function probesOf(paths: readonly ObservedPath[]): Float64Array[] {
  const every = Math.ceil(paths.reduce((sum, { times }) => sum + times.length, 0) / PROBES);
  return paths[0].values.map((_, c) => Float64Array.from(paths.flatMap(({ values }) => [...values[c].filter((_value, k) => k % every === 0)])));
}

function meanSpacing(paths: readonly ObservedPath[]): number {
  const [time, steps] = paths.reduce(([sum, count], { times }) => [sum + times[times.length - 1] - times[0], count + times.length - 1], [0, 0]);
  return time / steps;
}
