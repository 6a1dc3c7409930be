/**
 * The order at which an error falls, with an interval and a verdict.
 *
 * Model: m(ε) = C ε^p (1 + k ε^q + …). The term with k takes up what is not yet the limit; without it a slope that still bends is read off with an error many
 * times its interval. docs/orders.md has the steps that lead to the verdict.
 */
import { type Curve, distinct, FEWEST_VALUES, fitCurve, type OrderPoint, UNBOUNDED } from './orderCurve.ts';
import { normalQuantile } from './quantiles.ts';

/** What the data say of the order. */
export type Verdict = 'asymptotic' | 'pre-asymptotic' | 'noise-limited';

/** A fitted order. */
export interface OrderFit {
  /** p. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly verdict: Verdict;
  /** The verdict's ground, in one sentence with its numbers. */
  readonly reason: string;
  /** Number of points in the fit, and their smallest and largest parameter. */
  readonly points: number;
  readonly from: number;
  readonly to: number;
  /** C. */
  readonly constant: number;
  /** k and q of the next term, relative to the first: C·at^p·exp(k·at^q). */
  readonly next: number;
  readonly nextOrder: number;
  readonly chiSquared: number;
  readonly degreesOfFreedom: number;
}

/** Numbers that the verdict turns on. */
export const ORDER_RULES = {
  /** A half-width beyond this does not tell ½ from 1. */
  widestHalfWidth: 0.25,
  /** Points this many deviations from 0 count as seen; 3 of them are needed. */
  seenAt: 3,
  /** Half-widths that the verdict turns on are this many deviations, whatever the level of the interval. */
  deviations: 2,
  /** A next term that is clearly larger than this share of the first, at the largest value, is no correction. */
  largestShare: 0.2,
  /** A next term that may be as large as this, for all that noise lets see, leaves the order open. */
  openShare: 0.5,
  /** More than this of the half-width from terms beyond the next one: the expansion does not hold yet. */
  largestTruncation: 0.1,
  /** Two-sided 1 % test of a second next term. */
  bendQuantile: 2.5758293035489004,
  /** Values that a narrowed window keeps. */
  fewestValues: FEWEST_VALUES,
} as const;

/**
 * Fits an order.
 *
 * @param points At least two different values of `at`; in any order.
 * @param level Of the interval, in (0, 1).
 * @param nextOrder q > 0: how much faster than the first the next term falls.
 * @throws RangeError naming the first number that cannot be.
 */
export function fitOrder(points: readonly OrderPoint[], level: number, nextOrder = 1): OrderFit {
  check(points, level, nextOrder);
  const quantile = normalQuantile((1 + level) / 2);
  const sorted = [...points].sort((a, b) => b.at - a.at);
  let window = sorted;
  let curve = fitCurve(window, nextOrder);
  while (
    distinct(window) > ORDER_RULES.fewestValues &&
    (isBent(curve) || isLarge(curve, window.length < sorted.length) || curve.truncation > ORDER_RULES.deviations * curve.slopeError)
  ) {
    window = window.filter(({ at }) => at < window[0].at);
    curve = fitCurve(window, nextOrder);
  }
  const half = Math.min(quantile * curve.slopeError + curve.truncation + curve.systematic, UNBOUNDED);
  return {
    slope: curve.slope,
    low: curve.slope - half,
    high: curve.slope + half,
    level,
    ...judge(sorted, window, curve),
    points: window.length,
    from: (window.at(-1) as OrderPoint).at,
    to: window[0].at,
    constant: curve.constant,
    next: curve.next,
    nextOrder,
    chiSquared: curve.chiSquared,
    degreesOfFreedom: curve.degreesOfFreedom,
  };
}

function judge(all: readonly OrderPoint[], window: readonly OrderPoint[], curve: Curve): { readonly verdict: Verdict; readonly reason: string } {
  const { seenAt, widestHalfWidth, largestTruncation, fewestValues } = ORDER_RULES;
  const seen = window.filter(({ estimate, standardError }) => estimate > seenAt * standardError).length;
  if (seen < Math.min(3, window.length)) {
    return {
      verdict: 'noise-limited',
      reason: `only ${seen} of ${window.length} errors are more than ${seenAt} deviations from 0: more replicates are needed`,
    };
  }
  const noise = ORDER_RULES.deviations * curve.slopeError;
  if (!(noise + curve.systematic <= widestHalfWidth)) {
    return {
      verdict: 'noise-limited',
      reason:
        noise > curve.systematic
          ? `noise leaves the order known to ±${short(noise)} only: more replicates, or a wider range, are needed`
          : `the errors of step and reference leave the order known to ±${short(curve.systematic)} only: smaller steps, or a longer reference, are needed`,
    };
  }
  const left = all.length - window.length;
  const values = distinct(window);
  if (values < fewestValues) {
    return { verdict: 'pre-asymptotic', reason: `${values} values cannot show whether the slope has settled: at least ${fewestValues} are needed` };
  }
  const span = `from ${short((window.at(-1) as OrderPoint).at)} to ${short(window[0].at)}`;
  if (isBent(curve)) {
    return {
      verdict: 'pre-asymptotic',
      reason: `no power law with one next term fits the ${values} values ${span}: a second one is ${short(Math.abs(curve.bend))} deviations from 0; smaller values are needed`,
    };
  }
  if (curve.truncation > largestTruncation || isLarge(curve, left > 0)) {
    return {
      verdict: 'pre-asymptotic',
      reason: `the next term is ${short(100 * curve.share)} % of the first at ${short(window[0].at)}, and what follows it may move the order by ${short(curve.truncation)}: smaller values are needed`,
    };
  }
  if (isOpen(curve)) {
    const may = `noise lets the next term be ${short(100 * (curve.share + ORDER_RULES.deviations * curve.shareError))} % of the first at ${short(window[0].at)}`;
    // Where larger values have shown that the slope changes, replicates would only show it here too.
    return left > 0
      ? {
          verdict: 'pre-asymptotic',
          reason: `the slope changes over the ${left} largest values, and over the others ${may}: smaller values are needed`,
        }
      : { verdict: 'noise-limited', reason: `${may}: more replicates, or a wider range, are needed` };
  }
  return {
    verdict: 'asymptotic',
    reason: `a power law whose next term is ${short(100 * curve.share)} % at ${short(window[0].at)} fits the ${window.length} values ${span}${left === 0 ? '' : `, without the ${left} largest`}`,
  };
}

const isBent = ({ bend }: Curve): boolean => Math.abs(bend) > ORDER_RULES.bendQuantile;

/** Where larger values have shown that the slope changes, the next term is no longer given the benefit of noise. */
const isLarge = ({ share, shareError }: Curve, isNarrowed: boolean): boolean =>
  share > ORDER_RULES.largestShare + (isNarrowed ? 0 : ORDER_RULES.deviations * shareError);

const isOpen = ({ share, shareError }: Curve): boolean => share + ORDER_RULES.deviations * shareError > ORDER_RULES.openShare;

const short = (x: number): string => (x === 0 ? '0' : Number(x.toPrecision(2)).toString());

function check(points: readonly OrderPoint[], level: number, nextOrder: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`level must be in (0, 1), got ${level}`);
  if (!(nextOrder > 0 && Number.isFinite(nextOrder))) throw new RangeError(`nextOrder must be positive and finite, got ${nextOrder}`);
  for (const { at, estimate, standardError, systematic } of points) {
    if (!(at > 0 && Number.isFinite(at))) throw new RangeError(`at must be positive and finite, got ${at}`);
    if (!Number.isFinite(estimate)) throw new RangeError(`estimate must be finite, got ${estimate}`);
    if (!(standardError >= 0 && Number.isFinite(standardError)))
      throw new RangeError(`standardError must be finite and not negative, got ${standardError}`);
    if (!(systematic >= 0 && Number.isFinite(systematic))) throw new RangeError(`systematic must be finite and not negative, got ${systematic}`);
  }
  if (distinct(points) < 2) throw new RangeError(`points must have two different values of at, got ${distinct(points)}`);
}
