/**
 * From moments to errors with intervals: an estimate, what the step and the reference add to it, and what remains uncertain.
 *
 * The plain estimate m is that of many replicates at the step h. A difference f of a test function comes with a control c, an observable whose mean is
 * exactly 0: m = mean f - β mean c with β = Cov(f, c)/Var c (Glasserman 2003, §4.1).
 *
 * With f₁, f₂, f₄ the same quantity on fewer replicates at h, h/2 and h/4 along common Wiener processes, f(h) = f₀ + a h^p + b h^q + … gives with
 * s = 2^-p, t = 2^-q (Richardson 1911; for schemes of SDEs Talay & Tubaro 1990)
 *
 *   one term removed   R₂ = (f₄ - s f₂)/(1 - s)
 *   two terms removed  R₃ = (f₄ - (s + t) f₂ + s t f₁)/((1 - s)(1 - t))
 *   step bias = f₁ - R₃,   estimate = m - step bias
 *
 * p = 1, q = 2 for expectations, and roots of expectations, of the joint law at a time; p = ½, q = 1 for the maximum of a difference that itself has a
 * Brownian part. What is left follows from the last two corrections as in a geometric series, where it is (R₃ - R₂)²/(s |R₂ - f₄|) up to terms of the next order;
 * twice as much is allowed for, and only as far as R₃ - R₂ is seen above its noise, which the interval has already.
 *
 * Where the averaged coefficients are averages themselves, the check also follows paths whose coefficients are moved: by each batch's share of the
 * statistical error, whose effects are independent and add in squares, and by the bounds of the other errors, whose effects add.
 */

import { scalarFunction } from '@ergoflow/kernels';
import { covariance, type MomentsLayout, type MomentsRecord, mean, variance } from '@ergoflow/runner';
import { studentQuantile } from '../quantiles.ts';

/** The reproducible exponential: intervals must have the same bits on every version of Node. */
const exp = scalarFunction('exp');

/** An estimated error with everything that is known of its own error. */
export interface ErrorEstimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  /** Monte Carlo deviation of the estimate, that of the step correction included. */
  readonly standardError: number;
  /** Bound, at the level, of the error that more replicates do not reduce: the rest of the step's bias, and the reference's error. */
  readonly systematic: number;
  /** The plain estimate at the step. */
  readonly atStep: number;
  readonly budget: {
    /** Half-width due to the finite number of replicates. */
    readonly monteCarlo: number;
    /** Size of the step's bias, measured by the check and already taken off the estimate. */
    readonly step: number;
    /** Half-width due to the error of the averaged equation's coefficients. */
    readonly reference: number;
  };
}

/** Which quantity to estimate. */
export interface Quantity {
  /** Name of the observable in the moments. */
  readonly observable: string;
  /** Name of its control, if it has one. */
  readonly control: string | null;
  /** True for the root of the observable's mean, as in a root mean square. */
  readonly root: boolean;
  /** Order of the step's bias. */
  readonly stepOrder: number;
}

/** Moments with their layout. */
export interface Laid {
  readonly moments: MomentsRecord;
  readonly layout: MomentsLayout;
}

/** Layout of the moments of the pairs at the step. */
export function pairLayout(observables: readonly string[], controls: ReadonlyMap<string, string>): MomentsLayout {
  const names = [...observables, ...controls.values()];
  const pairs = [...controls].map(([observable, control]): [number, number] => [names.indexOf(observable), names.indexOf(control)]);
  return { names, pairs: [...names.map((_, k): [number, number] => [k, k]), ...pairs] };
}

/** Levels of the check: the steps h, h/2 and h/4. */
export const CHECK_LEVELS = ['h1', 'h2', 'h4'] as const;

/** Batches of the reference's chains. */
export const BATCHES: readonly string[] = Array.from({ length: 8 }, (_, k) => `batch ${k}`);
/** Errors of the reference that are bounds: of its step, and of the interpolation between its nodes. */
export const BOUNDS: readonly string[] = ['scheme', 'interpolation'];
/** How coefficients that are averages are moved, at the step h. */
export const PERTURBATIONS: readonly string[] = [...BATCHES, ...BOUNDS];

/** Layout of the moments of the check: all levels with their cross moments, and the perturbations. */
export function checkLayout(observables: readonly string[], perturbations: readonly string[]): MomentsLayout {
  const names = [...CHECK_LEVELS, ...perturbations].flatMap((level) => observables.map((name) => `${level}.${name}`));
  const n = observables.length;
  const pairs = observables.flatMap((_, k) =>
    CHECK_LEVELS.flatMap((_level, a) => CHECK_LEVELS.slice(a).map((_other, b): [number, number] => [a * n + k, (a + b) * n + k])),
  );
  return { names, pairs };
}

/** 2^-p and 2^-2p for an order p that is half of a whole number: powers that are not of whole numbers, and those beyond squares, differ between versions of V8. */
export function halvings(order: number): { readonly s: number; readonly t: number } {
  const t = 2 ** -(2 * order);
  return { s: Math.sqrt(t), t };
}

/**
 * Estimates one quantity, or null where fewer than three replicates survived in either part.
 *
 * @param main Moments of the pairs at the step, laid out by {@link pairLayout}.
 * @param check Moments of the check, laid out by {@link checkLayout}.
 * @param level Of the interval, in (0, 1).
 */
export function estimateError(main: Laid, check: Laid, { observable, control, root, stepOrder }: Quantity, level: number): ErrorEstimate | null {
  if (main.moments.count < 3 || check.moments.count < 3) return null;
  const value = (x: number): number => (root ? Math.sqrt(x) : x);
  const slope = (x: number): number => (root ? (x > 0 ? 0.5 / Math.sqrt(x) : 0) : 1);
  const plain = plainEstimate(main, observable, control);
  const plainError = slope(plain.value) * plain.error;
  const atLevel = (name: string): number => mean(check.moments, check.layout, `${name}.${observable}`);
  const combine = (weights: readonly number[]): { readonly value: number; readonly error: number } => {
    const parts = CHECK_LEVELS.map((name, k) => ({
      key: `${name}.${observable}`,
      value: weights[k] * value(atLevel(name)),
      factor: weights[k] * slope(atLevel(name)),
    }));
    let spread = 0;
    for (const a of parts) for (const b of parts) spread += a.factor * b.factor * covariance(check.moments, check.layout, a.key, b.key);
    return { value: parts.reduce((total, part) => total + part.value, 0), error: Math.sqrt(Math.max(0, spread) / check.moments.count) };
  };
  const { s, t } = halvings(stepOrder);
  const scale = (1 - s) * (1 - t);
  const bias = combine([1 - (s * t) / scale, (s + t) / scale, -1 / scale]);
  const first = combine([0, -s / (1 - s), 1 / (1 - s) - 1]).value;
  const second = combine([(s * t) / scale, s / (1 - s) - (s + t) / scale, 1 / scale - 1 / (1 - s)]);
  const seen = Math.max(0, Math.abs(second.value) - 2 * second.error);
  const rest = (2 / s) * seen * (first === 0 ? 1 : Math.min(1, Math.abs(second.value / first)));
  const standardError = Math.sqrt(plainError ** 2 + bias.error ** 2);
  const monteCarlo =
    standardError === 0
      ? 0
      : studentQuantile((1 + level) / 2, freedom([plainError, main.moments.count], [bias.error, check.moments.count])) * standardError;
  const effect = (name: string): number => value(atLevel(name)) - value(atLevel('h1'));
  const reference = check.layout.names.includes(`${BATCHES[0]}.${observable}`)
    ? studentQuantile((1 + level) / 2, BATCHES.length - 1) * Math.sqrt(BATCHES.reduce((total, name) => total + effect(name) ** 2, 0)) +
      BOUNDS.reduce((total, name) => total + Math.abs(effect(name)), 0)
    : 0;
  const systematic = reference + rest;
  const estimate = value(plain.value) - bias.value;
  // A root mean square is positive and skewed: what noise does to it is symmetric on the logarithmic scale.
  const logarithmic = root && estimate > 0;
  const [low, high] = logarithmic
    ? [Math.max(0, estimate * exp(-monteCarlo / estimate) - systematic), estimate * exp(monteCarlo / estimate) + systematic]
    : [estimate - monteCarlo - systematic, estimate + monteCarlo + systematic];
  return {
    estimate,
    low,
    high,
    level,
    standardError,
    systematic,
    atStep: value(plain.value),
    budget: { monteCarlo, step: Math.abs(bias.value), reference },
  };
}

/** Mean of an observable at the step and its deviation, with the control taken off where there is one that varies. */
function plainEstimate({ moments, layout }: Laid, observable: string, control: string | null): { readonly value: number; readonly error: number } {
  const own = { value: mean(moments, layout, observable), spread: variance(moments, layout, observable) };
  const spread = control === null ? 0 : variance(moments, layout, control);
  if (control === null || !(spread > 0)) return { value: own.value, error: Math.sqrt(own.spread / moments.count) };
  const common = covariance(moments, layout, observable, control);
  // The fitted coefficient costs one degree of freedom.
  const left = (Math.max(0, own.spread - common ** 2 / spread) * (moments.count - 1)) / (moments.count - 2);
  return { value: own.value - (common / spread) * mean(moments, layout, control), error: Math.sqrt(left / moments.count) };
}

/** Squared normals have kurtosis 15, so that their variance, estimated from n of them, is as uncertain as that of 2n/(15 - 1) normals. */
const SAMPLES_PER_FREEDOM = 7;

/** Degrees of freedom of a sum of independent estimates, each with its deviation and number of samples (Satterthwaite 1946). */
function freedom(...parts: readonly (readonly [number, number])[]): number {
  const largest = Math.max(...parts.map(([error]) => error));
  const total = parts.reduce((sum, [error]) => sum + (error / largest) ** 2, 0);
  return total ** 2 / parts.reduce((sum, [error, count]) => sum + (((error / largest) ** 2) ** 2 * SAMPLES_PER_FREEDOM) / count, 0);
}
