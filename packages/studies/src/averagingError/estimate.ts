/**
 * From moments to errors with intervals: an estimate, what the step and the reference add to it, and what remains uncertain.
 *
 * With m the plain estimate at the step h, and m_h, m_{h/2} the same quantity on fewer replicates at h and h/2 along common Wiener processes:
 *
 *   step bias  = (m_h - m_{h/2})·2^p/(2^p - 1),   estimate = m - step bias
 *
 * p = 1 is the weak order of the schemes (all quantities here are expectations, or roots of expectations, of the joint law; Talay & Tubaro 1990);
 * p = ½ for the maximum of a difference that itself has a Brownian part. What the extrapolation leaves is of the next order, |step bias|·h/ε.
 */
import { covariance, mean, type MomentsLayout, type MomentsRecord, variance } from '@ergoflow/runner';
import { normalQuantile } from '../quantiles.ts';

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
    /** Size of the step's bias, already taken off the estimate. */
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

/** Layout of the moments of the check: coarse, fine and perturbed, with their cross moments. */
export function checkLayout(observables: readonly string[]): MomentsLayout {
  const names = ['coarse', 'fine', 'perturbed'].flatMap((level) => observables.map((name) => `${level}.${name}`));
  const n = observables.length;
  const pairs = observables.flatMap((_, k): [number, number][] => [
    [k, k],
    [n + k, n + k],
    [k, n + k],
    [2 * n + k, 2 * n + k],
    [n + k, 2 * n + k],
  ]);
  return { names, pairs };
}

/**
 * Estimates one quantity, or null where fewer than two replicates survived in either part.
 *
 * @param main Moments of the pairs at the step, laid out by {@link pairLayout}.
 * @param check Moments of the check, laid out by {@link checkLayout}.
 * @param level Of the interval, in (0, 1).
 * @param unitStep Step divided by ε.
 */
export function estimateError(
  main: { readonly moments: MomentsRecord; readonly layout: MomentsLayout },
  check: { readonly moments: MomentsRecord; readonly layout: MomentsLayout },
  { observable, root, stepOrder }: Quantity,
  level: number,
  unitStep: number,
): ErrorEstimate | null {
  if (main.moments.count < 2 || check.moments.count < 2) return null;
  const value = (x: number): number => (root ? Math.sqrt(x) : x);
  const slope = (x: number): number => (root ? (x > 0 ? 0.5 / Math.sqrt(x) : 0) : 1);
  const m = mean(main.moments, main.layout, observable);
  const plainError = slope(m) * Math.sqrt(variance(main.moments, main.layout, observable) / main.moments.count);
  const difference = (a: string, b: string): { readonly value: number; readonly error: number } => {
    const [x, y] = [mean(check.moments, check.layout, `${a}.${observable}`), mean(check.moments, check.layout, `${b}.${observable}`)];
    const [vx, vy] = [variance(check.moments, check.layout, `${a}.${observable}`), variance(check.moments, check.layout, `${b}.${observable}`)];
    const vxy = covariance(check.moments, check.layout, `${a}.${observable}`, `${b}.${observable}`);
    const [sx, sy] = [slope(x), slope(y)];
    const spread = Math.max(0, sx * sx * vx + sy * sy * vy - 2 * sx * sy * vxy);
    return { value: value(x) - value(y), error: Math.sqrt(spread / check.moments.count) };
  };
  const factor = 2 ** stepOrder / (2 ** stepOrder - 1);
  const step = difference('coarse', 'fine');
  const bias = factor * step.value;
  const standardError = Math.hypot(plainError, factor * step.error);
  const reference = Math.abs(difference('perturbed', 'fine').value);
  const rest = Math.abs(bias) * Math.min(1, unitStep);
  const quantile = normalQuantile((1 + level) / 2);
  const estimate = value(m) - bias;
  const half = quantile * Math.hypot(standardError, reference) + rest;
  // A root mean square is positive and skewed: its interval is symmetric on the logarithmic scale.
  const logarithmic = root && estimate > 0;
  return {
    estimate,
    low: logarithmic ? estimate * Math.exp(-half / estimate) : estimate - half,
    high: logarithmic ? estimate * Math.exp(half / estimate) : estimate + half,
    level,
    standardError,
    systematic: quantile * reference + rest,
    atStep: value(m),
    budget: { monteCarlo: quantile * standardError, step: Math.abs(bias), reference: quantile * reference },
  };
}

