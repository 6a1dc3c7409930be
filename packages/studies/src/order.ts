/**
 * The order at which an error falls, with an interval and a verdict.
 *
 * Model: estimate = C·at^p, fitted by weighted least squares on the estimates themselves (Gauss–Newton), not on their logarithms: so points that noise has
 * made small or negative count as they are, and none need be left out. The steps that lead to the verdict are in docs/orders.md.
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
  /** C of the fitted line. */
  readonly constant: number;
  readonly chiSquared: number;
  readonly degreesOfFreedom: number;
}

/** Numbers that the verdict turns on. */
export const ORDER_RULES = {
  /** A half-width beyond this does not tell ½ from 1. */
  widestHalfWidth: 0.25,
  /** Points this many deviations from 0 count as seen; 3 of them are needed. */
  seenAt: 3,
  /** A systematic error of this share of the smallest point's estimate hides the order. */
  largestSystematicShare: 0.5,
  /** Two-sided 1 % test of the curvature. */
  curvatureQuantile: 2.5758293035489004,
  /** Points that a narrowed window keeps. */
  fewestPoints: 4,
} as const;

const log = scalarFunction('log');
const exp = scalarFunction('exp');

/**
 * Fits an order.
 *
 * @param points At least two different values of `at`; in any order.
 * @param level Of the interval, in (0, 1).
 * @throws RangeError naming the first number that cannot be.
 */
export function fitOrder(points: readonly OrderPoint[], level: number): OrderFit {
  check(points, level);
  const sorted = [...points].sort((a, b) => b.at - a.at);
  let window = sorted;
  let curve = fitCurve(window, true);
  while (isCurved(curve) && distinct(window.slice(1)) >= ORDER_RULES.fewestPoints) {
    window = window.filter(({ at }) => at < window[0].at);
    curve = fitCurve(window, true);
  }
  const line = fitCurve(window, false);
  const smaller = window.filter(({ at }) => at < window[0].at);
  const change = distinct(smaller) >= 3 ? line.slope - fitCurve(smaller, false).slope : 0;
  const quantile = normalQuantile((1 + level) / 2);
  const half = Math.sqrt((quantile * line.slopeError) ** 2 + change ** 2) + line.systematicShift;
  const { verdict, reason } = judge(sorted, window, curve, half);
  return {
    slope: line.slope,
    low: line.slope - half,
    high: line.slope + half,
    level,
    verdict,
    reason,
    points: window.length,
    from: (window.at(-1) as OrderPoint).at,
    to: window[0].at,
    constant: line.constant,
    chiSquared: line.chiSquared,
    degreesOfFreedom: line.degreesOfFreedom,
  };
}

function judge(
  all: readonly OrderPoint[],
  window: readonly OrderPoint[],
  curve: Curve,
  half: number,
): { readonly verdict: Verdict; readonly reason: string } {
  const seen = window.filter(({ estimate, standardError }) => estimate > ORDER_RULES.seenAt * standardError).length;
  const needed = Math.min(3, window.length);
  if (seen < needed) {
    return {
      verdict: 'noise-limited',
      reason: `only ${seen} of ${window.length} errors are more than ${ORDER_RULES.seenAt} deviations from 0: more replicates are needed`,
    };
  }
  const smallest = window.at(-1) as OrderPoint;
  if (smallest.systematic > ORDER_RULES.largestSystematicShare * Math.abs(smallest.estimate)) {
    return {
      verdict: 'noise-limited',
      reason: `at ${short(smallest.at)} the error of step and reference (${short(smallest.systematic)}) is as large as what is measured (${short(smallest.estimate)})`,
    };
  }
  if (!(half <= ORDER_RULES.widestHalfWidth)) {
    return { verdict: 'noise-limited', reason: `the order is known to ±${short(half)} only: more replicates, or a wider range, are needed` };
  }
  if (isCurved(curve)) {
    return {
      verdict: 'pre-asymptotic',
      reason: `the slope still changes over the window (curvature ${short(curve.curvature)} ± ${short(curve.curvatureError)}): smaller values are needed`,
    };
  }
  if (distinct(window) < 3) return { verdict: 'pre-asymptotic', reason: 'two values cannot show whether the slope has settled' };
  const left = all.length - window.length;
  const narrowed = left === 0 ? '' : `, without the ${left} largest, where the slope was still changing`;
  const tested = Number.isFinite(curve.curvatureError) ? ` (curvature ${short(curve.curvature)} ± ${short(curve.curvatureError)})` : '';
  return {
    verdict: 'asymptotic',
    reason: `the slope is constant over ${window.length} values from ${short(smallest.at)} to ${short(window[0].at)}${tested}${narrowed}`,
  };
}

/** A fit of log C + p·L + r·L², L the centred logarithm; r = 0 for a line. */
interface Curve {
  readonly slope: number;
  readonly slopeError: number;
  readonly constant: number;
  readonly curvature: number;
  readonly curvatureError: number;
  readonly chiSquared: number;
  readonly degreesOfFreedom: number;
  /** Largest shift of the slope by systematic errors within their bounds. */
  readonly systematicShift: number;
}

const isCurved = ({ curvature, curvatureError }: Curve): boolean => Math.abs(curvature) > ORDER_RULES.curvatureQuantile * curvatureError;

function fitCurve(points: readonly OrderPoint[], isQuadratic: boolean): Curve {
  const size = isQuadratic ? 3 : 2;
  const flat = { curvature: 0, curvatureError: Number.POSITIVE_INFINITY };
  if (isQuadratic && distinct(points) < 4) return { ...fitCurve(points, false), ...flat };
  const logs = points.map(({ at }) => log(at));
  const centre = logs.reduce((total, value) => total + value, 0) / logs.length;
  const basis = logs.map((value) => [1, value - centre, (value - centre) ** 2].slice(0, size));
  const errors = deviations(points);
  let beta = startValues(points, basis, errors, size);
  let normal: number[][] = [];
  const jacobian = (): { value: number; row: number[]; weight: number }[] =>
    points.map((_, k) => {
      const value = exp(
        Math.min(
          700,
          basis[k].reduce((total, x, j) => total + x * beta[j], 0),
        ),
      );
      return { value, row: basis[k].map((x) => x * value), weight: 1 / errors[k] ** 2 };
    });
  const objective = (): number => jacobian().reduce((total, { value, weight }, k) => total + weight * (points[k].estimate - value) ** 2, 0);
  // Gauss–Newton with halved steps; the problem is nearly linear in the logarithm, so a few steps do.
  for (let iteration = 0; iteration < 100; iteration++) {
    const rows = jacobian();
    normal = gram(rows, size);
    const gradient = Array.from({ length: size }, (_, j) =>
      rows.reduce((total, { value, row, weight }, k) => total + weight * row[j] * (points[k].estimate - value), 0),
    );
    const step = solve(normal, gradient);
    const before = objective();
    const from = beta;
    let factor = 1;
    do {
      beta = from.map((b, j) => b + factor * step[j]);
      factor /= 2;
    } while (!(objective() <= before) && factor > 1e-6);
    if (Math.max(...step.map((s, j) => Math.abs(s) / (1 + Math.abs(from[j])))) < 1e-12) break;
  }
  const rows = jacobian();
  normal = gram(rows, size);
  const unit = (j: number): number[] => Array.from({ length: size }, (_, k) => (k === j ? 1 : 0));
  const columns = Array.from({ length: size }, (_, j) => solve(normal, unit(j)));
  const chiSquared = objective();
  const degreesOfFreedom = points.length - size;
  // More scatter than the deviations explain widens the interval.
  const inflation = degreesOfFreedom > 0 ? Math.sqrt(Math.max(1, chiSquared / degreesOfFreedom)) : 1;
  const systematicShift = rows.reduce((total, { row, weight }, k) => {
    const influence = row.reduce((sum, x, j) => sum + columns[1][j] * x * weight, 0);
    return total + Math.abs(influence) * points[k].systematic;
  }, 0);
  return {
    slope: beta[1],
    slopeError: inflation * Math.sqrt(columns[1][1]),
    constant: exp(beta[0] - beta[1] * centre + (isQuadratic ? beta[2] * centre ** 2 : 0)),
    ...(isQuadratic ? { curvature: beta[2], curvatureError: inflation * Math.sqrt(columns[2][2]) } : flat),
    chiSquared,
    degreesOfFreedom,
    systematicShift,
  };
}

/** Deviations for the weights; an exact point weighs as one of relative deviation 1e-12. */
function deviations(points: readonly OrderPoint[]): number[] {
  const largest = Math.max(...points.map(({ estimate }) => Math.abs(estimate)), Number.MIN_VALUE);
  return points.map(({ estimate, standardError }) => Math.max(standardError, 1e-12 * Math.max(Math.abs(estimate), 1e-6 * largest)));
}

/** A weighted fit of the logarithms of the points that are clearly positive; slope 1 through the largest where there are none. */
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

/** Solves a symmetric positive definite system of two or three equations by elimination with pivots, its rows scaled first. */
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

function check(points: readonly OrderPoint[], level: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`level must be in (0, 1), got ${level}`);
  if (distinct(points) < 2) throw new RangeError(`points must have two different values of at, got ${distinct(points)}`);
  for (const { at, estimate, standardError, systematic } of points) {
    if (!(at > 0 && Number.isFinite(at))) throw new RangeError(`at must be positive and finite, got ${at}`);
    if (!Number.isFinite(estimate)) throw new RangeError(`estimate must be finite, got ${estimate}`);
    if (!(standardError >= 0 && Number.isFinite(standardError)))
      throw new RangeError(`standardError must be finite and not negative, got ${standardError}`);
    if (!(systematic >= 0 && Number.isFinite(systematic))) throw new RangeError(`systematic must be finite and not negative, got ${systematic}`);
  }
}
