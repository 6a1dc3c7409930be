/**
 * From moments to numbers with intervals.
 *
 * Expectations are estimated as those of averaging-error are: the plain mean at the step, less the step's bias, which a check on fewer replicates
 * measures at h, h/2 and h/4 on common Wiener processes. A number g(m₁, m₂, …) of several expectations is taken at their estimates μ, and its error is
 * that of Σ ∂g/∂m_k(μ)·m_k (the delta method), which is one expectation again.
 *
 * Of what lies within [a, b] the normal interval is too short where hardly any path says something. There the variance at an expectation m' is taken as
 * proportional to m', as for a share (Wilson 1927): m' - m = z√(V m'/(m n)) has the root m + ez²/2n + z√(V/n + e²z²/4n²), with e = V/m, and e = 1 without any.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { covariance, type MomentsLayout, mean, variance } from '@ergoflow/runner';
import { CHECK_LEVELS, checkLayout, type ErrorEstimate, estimateError, type Laid } from '../averagingError/estimate.ts';
import { normalQuantile } from '../quantiles.ts';
import { observablesOf, type Quantities, relatedObservables } from './quantities.ts';

const exp = scalarFunction('exp');

/** The moments of the paths and of their check. */
export interface Moments {
  readonly main: Laid;
  readonly check: Laid;
}

/** Layouts of the moments of the paths and of their check. */
export function layoutsOf(quantities: Quantities): { readonly main: MomentsLayout; readonly check: MomentsLayout } {
  const names = observablesOf(quantities);
  const related = relatedObservables(quantities).map(([a, b]): [number, number] => [names.indexOf(a), names.indexOf(b)]);
  const check = checkLayout(names, []);
  const across = related.flatMap(([a, b]) =>
    CHECK_LEVELS.flatMap((_, i) => CHECK_LEVELS.map((_other, j): [number, number] => [i * names.length + a, j * names.length + b])),
  );
  return {
    main: { names, pairs: [...names.map((_, k): [number, number] => [k, k]), ...related] },
    check: { names: check.names, pairs: [...check.pairs, ...across] },
  };
}

/** How an expectation is estimated. */
export interface Expectation {
  /** Name of the observable. */
  readonly of: string;
  /** Order of the step's bias. */
  readonly stepOrder: number;
  /** Ends of what a path may give, if there are any. */
  readonly within?: readonly [number, number];
}

/** Estimates an expectation, or null where fewer than three replicates survived in either part. */
export function estimateMean({ main, check }: Moments, { of, stepOrder, within }: Expectation, level: number): ErrorEstimate | null {
  const found = estimateError(main, check, { observable: of, control: null, root: false, stepOrder }, level);
  if (found === null || within === undefined) return found;
  const [low, high] = within;
  const size = high - low;
  const share = Math.min(1, Math.max(0, (mean(main.moments, main.layout, of) - low) / size));
  const spread = variance(main.moments, main.layout, of) / size ** 2;
  const n = main.moments.count;
  const up = size * rarePart(share, spread, n, level);
  const down = size * rarePart(1 - share, spread, n, level);
  return {
    ...found,
    estimate: Math.min(high, Math.max(low, found.estimate)),
    low: Math.min(high, Math.max(low, found.low - down)),
    high: Math.max(low, Math.min(high, found.high + up)),
    budget: { ...found.budget, monteCarlo: found.budget.monteCarlo + Math.max(up, down) },
  };
}

/** By how much the interval of a share must be longer above than the normal one. */
function rarePart(share: number, spread: number, n: number, level: number): number {
  const z = normalQuantile((1 + level) / 2);
  const e = share > 0 ? Math.min(1, spread / share) : 1;
  return (e * z * z) / (2 * n) + z * (Math.sqrt(spread / n + ((e * z) / (2 * n)) ** 2) - Math.sqrt(spread / n));
}

/** A number made of expectations. */
export interface Composite {
  /** Names of the observables. */
  readonly of: readonly string[];
  readonly stepOrder: number;
  readonly value: (expectations: readonly number[]) => number;
  readonly gradient: (expectations: readonly number[]) => readonly number[];
  /** True for a positive number whose interval is symmetric on the logarithmic scale. */
  readonly logarithmic: boolean;
}

/** Estimates a number made of expectations, or null where too few replicates survived or it is not finite (not positive, if logarithmic). */
export function estimateComposite(moments: Moments, { of, stepOrder, value, gradient, logarithmic }: Composite, level: number): ErrorEstimate | null {
  const parts = of.map((name) => estimateMean(moments, { of: name, stepOrder }, level));
  if (!parts.every((part) => part !== null)) return null;
  const at = parts.map(({ estimate }) => estimate);
  const [estimate, atStep] = [value(at), value(parts.map((part) => part.atStep))];
  if (!Number.isFinite(estimate) || !Number.isFinite(atStep) || (logarithmic && !(estimate > 0))) return null;
  const weights = gradient(at);
  const linear = {
    main: combined(moments.main, [''], of, weights),
    check: combined(
      moments.check,
      CHECK_LEVELS.map((name) => `${name}.`),
      of,
      weights,
    ),
  };
  const { standardError, systematic, budget } = estimateMean(linear, { of: COMBINED, stepOrder }, level) as ErrorEstimate;
  const half = budget.monteCarlo + systematic;
  const [low, high] = logarithmic ? [estimate * exp(-half / estimate), estimate * exp(half / estimate)] : [estimate - half, estimate + half];
  return { estimate, low, high, level, standardError, systematic, atStep, budget: { ...budget, step: Math.abs(atStep - estimate) } };
}

const COMBINED = 'combined';

/** The moments of Σ w_k·observable_k at each level, as if that had been observed. */
function combined({ moments, layout }: Laid, prefixes: readonly string[], names: readonly string[], weights: readonly number[]): Laid {
  const { count } = moments;
  const means = prefixes.map((prefix) => names.reduce((total, name, k) => total + weights[k] * mean(moments, layout, prefix + name), 0));
  const pairs = prefixes.flatMap((_, a) => prefixes.slice(a).map((_other, b): [number, number] => [a, a + b]));
  const products = pairs.map(([a, b]) => {
    let spread = 0;
    for (const [i, one] of names.entries()) {
      for (const [j, other] of names.entries()) {
        if (weights[i] !== 0 && weights[j] !== 0)
          spread += weights[i] * weights[j] * covariance(moments, layout, prefixes[a] + one, prefixes[b] + other);
      }
    }
    return [(count - 1) * spread + count * means[a] * means[b]];
  });
  const sums = means.map((value) => [count * value]);
  return {
    moments: { count, sums, products, minima: means, maxima: means },
    layout: { names: prefixes.map((prefix) => prefix + COMBINED), pairs },
  };
}
