/**
 * The order at which an error falls, with an interval and a verdict.
 *
 * Model: m(ε) = C ε^p (1 + k ε^q + …), fitted as C ε^p exp(k ε^q) by weighted least squares on the estimates themselves (Gauss–Newton), not on their
 * logarithms: so points that noise has made small or negative count as they are, and none need be left out. The term with k takes up what is not yet the
 * limit; without it a slope that still bends is read off with an error many times its interval. docs/orders.md has the steps that lead to the verdict.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { normalQuantile } from './quantiles.ts';

/** One measured error. */
export interface OrderPoint {
  /** The small parameter, > 0. */
  readonly at: number;
  readonly estimate: number;
  /** Deviation of the estimate, ≥ 0. */
  readonly standardError: number;
  /** Bound of its error that is not statistical, ≥ 0. */
  readonly systematic: number;
}

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
  /** Values that a narrowed window keeps: one more than the fit has unknowns. */
  fewestValues: 4,
  /** An order that the data do not bound is given as that of the leading term alone, with this half-width. */
  unbounded: 100,
} as const;

const log = scalarFunction('log');
const exp = scalarFunction('exp');

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
    (isBent(curve) || isLarge(curve) || curve.truncation > ORDER_RULES.deviations * curve.slopeError)
  ) {
    window = window.filter(({ at }) => at < window[0].at);
    curve = fitCurve(window, nextOrder);
  }
  const half = Math.min(quantile * curve.slopeError + curve.truncation + curve.systematic, ORDER_RULES.unbounded);
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
  if (curve.truncation > largestTruncation || isLarge(curve)) {
    return {
      verdict: 'pre-asymptotic',
      reason: `the next term is ${short(100 * curve.share)} % of the first at ${short(window[0].at)}, and what follows it may move the order by ${short(curve.truncation)}: smaller values are needed`,
    };
  }
  const left = all.length - window.length;
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
    reason: `a power law whose next term is ${short(100 * curve.share)} % at ${short(window[0].at)} fits the ${window.length} values ${span}${left === 0 ? '' : `, without the ${left} largest`} `,
  };
}

/** A fit of log C + p·log at + k·at^q. */
interface Curve {
  readonly slope: number;
  readonly slopeError: number;
  readonly constant: number;
  readonly next: number;
  /** Size of the next term at the largest value, relative to the first. */
  readonly share: number;
  readonly shareError: number;
  /** A second next term, in deviations; 0 where there are too few values to see one. */
  readonly bend: number;
  /** Shift of the slope by a term as large as the square of the next one. */
  readonly truncation: number;
  /** Largest shift of the slope by systematic errors within their bounds. */
  readonly systematic: number;
  readonly chiSquared: number;
  readonly degreesOfFreedom: number;
}

const isBent = ({ bend }: Curve): boolean => Math.abs(bend) > ORDER_RULES.bendQuantile;
const isLarge = ({ share, shareError }: Curve): boolean => share > ORDER_RULES.largestShare + ORDER_RULES.deviations * shareError;
const isOpen = ({ share, shareError }: Curve): boolean => share + ORDER_RULES.deviations * shareError > ORDER_RULES.openShare;

function fitCurve(points: readonly OrderPoint[], nextOrder: number): Curve {
  // Two values leave nothing for the next term.
  const size = Math.min(3, distinct(points));
  const logs = points.map(({ at }) => log(at));
  const largest = Math.max(...logs);
  const centre = logs.reduce((total, value) => total + value, 0) / logs.length;
  const basis = logs.map((value) => [1, value - centre, exp(nextOrder * (value - largest))].slice(0, size));
  const errors = deviations(points);
  const beta = gaussNewton(points, basis, errors, startValues(points, basis, errors, size));
  const rows = linearised(basis, errors, beta);
  const normal = gram(rows, size);
  const unit = (j: number): number[] => Array.from({ length: size }, (_, k) => (k === j ? 1 : 0));
  const column = solve(normal, unit(1));
  const chiSquared = rows.reduce((total, { value, weight }, k) => total + weight * (points[k].estimate - value) ** 2, 0);
  const degreesOfFreedom = points.length - size;
  const inflation = Math.sqrt(excess(chiSquared, degreesOfFreedom));
  const influence = rows.map(({ row, weight }) => row.reduce((sum, x, j) => sum + column[j] * x * weight, 0));
  const k = size === 3 ? beta[2] : 0;
  const fit = {
    slope: beta[1],
    slopeError: inflation * Math.sqrt(column[1]),
    constant: exp(beta[0] - beta[1] * centre),
    next: k * exp(-nextOrder * largest),
    share: Math.abs(k),
    shareError: size === 3 ? inflation * Math.sqrt(solve(normal, unit(2))[2]) : 0,
    bend: bendOf(points, basis, rows),
    truncation: Math.abs(rows.reduce((total, { value }, j) => total + influence[j] * value * (k * (basis[j][2] ?? 0)) ** 2, 0)),
    systematic: influence.reduce((total, value, j) => total + Math.abs(value) * points[j].systematic, 0),
    chiSquared,
    degreesOfFreedom,
  };
  if (Object.values(fit).every(Number.isFinite) && Math.abs(fit.slope) < ORDER_RULES.unbounded) return fit;
  const [level, slope] = startValues(points, basis, errors, 2);
  return {
    ...fit,
    slope,
    slopeError: ORDER_RULES.unbounded,
    constant: exp(level - slope * centre),
    next: 0,
    share: 0,
    shareError: 0,
    bend: 0,
    truncation: 0,
    systematic: 0,
  };
}

/** χ² per degree of freedom where it is beyond its 99 % quantile (Wilson & Hilferty 1931), and the deviations are too small by so much; else 1. */
function excess(chiSquared: number, freedom: number): number {
  const variance = 2 / (9 * freedom);
  return freedom > 0 && chiSquared > freedom * (1 - variance + normalQuantile(0.99) * Math.sqrt(variance)) ** 3 ? chiSquared / freedom : 1;
}

/** Score test of a further term at^(2q): its estimate at the fit, linearised, in deviations. */
function bendOf(points: readonly OrderPoint[], basis: readonly number[][], rows: readonly Row[]): number {
  if (distinct(points) < ORDER_RULES.fewestValues) return 0;
  const wider = rows.map(({ value, row, weight }, k) => ({ row: [...row, value * basis[k][2] ** 2], weight, value: points[k].estimate - value }));
  const normal = gram(wider, 4);
  const gradient = Array.from({ length: 4 }, (_, j) => wider.reduce((total, { row, weight, value }) => total + weight * row[j] * value, 0));
  return solve(normal, gradient)[3] / Math.sqrt(solve(normal, [0, 0, 0, 1])[3]);
}

/** Gauss–Newton with halved steps; the problem is nearly linear in the logarithm, so a few steps do. */
function gaussNewton(points: readonly OrderPoint[], basis: readonly number[][], errors: readonly number[], start: number[]): number[] {
  const size = start.length;
  const distance = (beta: readonly number[]): number =>
    linearised(basis, errors, beta).reduce((total, { value, weight }, k) => total + weight * (points[k].estimate - value) ** 2, 0);
  let beta = start;
  for (let iteration = 0; iteration < 100; iteration++) {
    const rows = linearised(basis, errors, beta);
    const gradient = Array.from({ length: size }, (_, j) =>
      rows.reduce((total, { value, row, weight }, k) => total + weight * row[j] * (points[k].estimate - value), 0),
    );
    const step = solve(gram(rows, size), gradient);
    const before = distance(beta);
    const from = beta;
    let factor = 1;
    do {
      beta = from.map((b, j) => b + factor * step[j]);
      factor /= 2;
    } while (!(distance(beta) <= before) && factor > 1e-6);
    if (!(distance(beta) <= before)) return from;
    if (Math.max(...step.map((s, j) => Math.abs(s) / (1 + Math.abs(from[j])))) < 1e-12) break;
  }
  return beta;
}

interface Row {
  readonly value: number;
  readonly row: readonly number[];
  readonly weight: number;
}

/** The model's value at each point, and its derivatives. */
function linearised(basis: readonly number[][], errors: readonly number[], beta: readonly number[]): Row[] {
  return basis.map((x, k) => {
    const exponent = x.reduce((total, value, j) => total + value * beta[j], 0);
    const value = exp(Math.min(700, exponent));
    return { value, row: x.map((entry) => entry * value), weight: 1 / errors[k] ** 2 };
  });
}

/** Deviations for the weights; an exact point weighs as one of relative deviation 1e-12. */
function deviations(points: readonly OrderPoint[]): number[] {
  const largest = Math.max(...points.map(({ estimate }) => Math.abs(estimate)), Number.MIN_VALUE);
  return points.map(({ estimate, standardError }) => Math.max(standardError, 1e-12 * Math.max(Math.abs(estimate), 1e-6 * largest)));
}

/** A weighted line through the logarithms of the points that are clearly positive; slope 1 through the largest where there are none. */
function startValues(points: readonly OrderPoint[], basis: readonly number[][], errors: readonly number[], size: number): number[] {
  const rows = points.flatMap(({ estimate }, k) =>
    estimate > errors[k] ? [{ row: basis[k].slice(0, 2), weight: (estimate / errors[k]) ** 2, value: log(estimate) }] : [],
  );
  if (new Set(rows.map(({ row }) => row[1])).size < 2) {
    const level = Math.max(...points.map(({ estimate }, k) => Math.max(Math.abs(estimate), errors[k])), Number.MIN_VALUE);
    return [log(level), 1, 0].slice(0, size);
  }
  const gradient = [0, 1].map((j) => rows.reduce((total, { row, weight, value }) => total + weight * row[j] * value, 0));
  return [...solve(gram(rows, 2), gradient), 0].slice(0, size);
}

function gram(rows: readonly { readonly row: readonly number[]; readonly weight: number }[], size: number): number[][] {
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => rows.reduce((total, { row, weight }) => total + weight * row[i] * row[j], 0)),
  );
}

/** Solves a symmetric positive definite system of two to four equations by elimination with pivots, its rows scaled first. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const scale = matrix.map((row, k) => Math.sqrt(row[k]) || 1);
  const rows = matrix.map((row, i) => [...row.map((x, j) => x / scale[i] / scale[j]), right[i] / scale[i]]);
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const pivot = rows.reduce((best, row, k) => (k >= column && Math.abs(row[column]) > Math.abs(rows[best][column]) ? k : best), column);
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let k = 0; k < size; k++) {
      if (k === column) continue;
      const factor = rows[k][column] / rows[column][column];
      for (let j = column; j <= size; j++) rows[k][j] -= factor * rows[column][j];
    }
  }
  return rows.map((row, k) => row[size] / row[k] / scale[k]);
}

const distinct = (points: readonly OrderPoint[]): number => new Set(points.map(({ at }) => at)).size;
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
