/**
 * From moments to errors with intervals: an estimate, what the step and the reference add to it, and what remains uncertain.
 *
 * With m the plain estimate at the step h, and f₁, f₂, f₄ the same quantity on fewer replicates at h, h/2 and h/4 along common Wiener processes,
 * f(h) = f₀ + a h^p + b h^q + … gives with s = 2^-p, t = 2^-q (Richardson 1911; for schemes of SDEs Talay & Tubaro 1990)
 *
 *   one term removed   R₂ = (f₄ - s f₂)/(1 - s)
 *   two terms removed  R₃ = (f₄ - (s + t) f₂ + s t f₁)/((1 - s)(1 - t))
 *   step bias = f₁ - R₃,   estimate = m - step bias
 *
 * p = 1, q = 2 for expectations, and roots of expectations, of the joint law at a time; p = ½, q = 1 for the maximum of a difference that itself has a
 * Brownian part. What is left is taken from the last two corrections as in a geometric series: |R₃ - R₂|·min(1, |R₃ - R₂|/|R₂ - f₄|).
 */

import { scalarFunction } from '@ergoflow/kernels';
import { covariance, type MomentsLayout, type MomentsRecord, mean, variance } from '@ergoflow/runner';
import { normalQuantile } from '../quantiles.ts';

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
  /** Bound of the error that more replicates do not reduce: the rest of the step's bias, and the reference's error. */
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
  /** True for the root of the observable's mean, as in a root mean square. */
  readonly root: boolean;
  /** Order of the step's bias. */
  readonly stepOrder: number;
}

/** Layout of the moments of one pair. */
export function pairLayout(observables: readonly string[]): MomentsLayout {
  return { names: observables, pairs: observables.map((_, k) => [k, k]) };
}

/** Levels of the check: the steps h, h/2 and h/4, and h with every coefficient of the averaged equation moved by its standard error. */
export const CHECK_LEVELS = ['h1', 'h2', 'h4', 'perturbed'] as const;

/** Layout of the moments of the check: all levels, with their cross moments. */
export function checkLayout(observables: readonly string[]): MomentsLayout {
  const names = CHECK_LEVELS.flatMap((level) => observables.map((name) => `${level}.${name}`));
  const n = observables.length;
  const pairs = observables.flatMap((_, k) =>
    CHECK_LEVELS.flatMap((_level, a) => CHECK_LEVELS.slice(a).map((_other, b): [number, number] => [a * n + k, (a + b) * n + k])),
  );
  return { names, pairs };
}

/**
 * Estimates one quantity, or null where fewer than two replicates survived in either part.
 *
 * @param main Moments of the pairs at the step, laid out by {@link pairLayout}.
 * @param check Moments of the check, laid out by {@link checkLayout}.
 * @param level Of the interval, in (0, 1).
 */
export function estimateError(
  main: { readonly moments: MomentsRecord; readonly layout: MomentsLayout },
  check: { readonly moments: MomentsRecord; readonly layout: MomentsLayout },
  { observable, root, stepOrder }: Quantity,
  level: number,
): ErrorEstimate | null {
  if (main.moments.count < 2 || check.moments.count < 2) return null;
  const value = (x: number): number => (root ? Math.sqrt(x) : x);
  const slope = (x: number): number => (root ? (x > 0 ? 0.5 / Math.sqrt(x) : 0) : 1);
  const m = mean(main.moments, main.layout, observable);
  const plainError = slope(m) * Math.sqrt(variance(main.moments, main.layout, observable) / main.moments.count);
  const combine = (weights: Readonly<Partial<Record<(typeof CHECK_LEVELS)[number], number>>>): { readonly value: number; readonly error: number } => {
    const parts = Object.entries(weights).map(([name, weight]) => {
      const key = `${name}.${observable}`;
      const at = mean(check.moments, check.layout, key);
      return { key, value: weight * value(at), factor: weight * slope(at) };
    });
    let spread = 0;
    for (const a of parts) for (const b of parts) spread += a.factor * b.factor * covariance(check.moments, check.layout, a.key, b.key);
    return { value: parts.reduce((total, part) => total + part.value, 0), error: Math.sqrt(Math.max(0, spread) / check.moments.count) };
  };
  const [s, t] = [2 ** -stepOrder, 2 ** -(2 * stepOrder)];
  const scale = (1 - s) * (1 - t);
  const bias = combine({ h1: 1 - (s * t) / scale, h2: (s + t) / scale, h4: -1 / scale });
  const first = combine({ h2: -s / (1 - s), h4: 1 / (1 - s) - 1 }).value;
  const second = combine({ h1: (s * t) / scale, h2: s / (1 - s) - (s + t) / scale, h4: 1 / scale - 1 / (1 - s) }).value;
  const rest = Math.abs(second) * (first === 0 ? 1 : Math.min(1, Math.abs(second / first)));
  const standardError = Math.sqrt(plainError ** 2 + bias.error ** 2);
  const reference = Math.abs(combine({ perturbed: 1, h1: -1 }).value);
  const quantile = normalQuantile((1 + level) / 2);
  const estimate = value(m) - bias.value;
  const half = quantile * Math.sqrt(standardError ** 2 + reference ** 2) + rest;
  // A root mean square is positive and skewed: its interval is symmetric on the logarithmic scale.
  const logarithmic = root && estimate > 0;
  return {
    estimate,
    low: logarithmic ? estimate * exp(-half / estimate) : estimate - half,
    high: logarithmic ? estimate * exp(half / estimate) : estimate + half,
    level,
    standardError,
    systematic: quantile * reference + rest,
    atStep: value(m),
    budget: { monteCarlo: quantile * standardError, step: Math.abs(bias.value), reference: quantile * reference },
  };
}
