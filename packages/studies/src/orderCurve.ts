/**
 * A power law with one next term through measured errors: m(ε) = C ε^p exp(k ε^q), by weighted least squares on the estimates themselves.
 *
 * Gauss–Newton on (log C, p, k). Not on logarithms: points that noise has made small or negative count as they are, and none need be left out.
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

/** A fit of log C + p·log at + k·at^q. */
export interface Curve {
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

/** An order that the data do not bound is given as that of a line through what is clearly positive, with this deviation. */
export const UNBOUNDED = 100;

/** Values that show whether a curve bends: one more than it has unknowns. */
export const FEWEST_VALUES = 4;

const log = scalarFunction('log');
const exp = scalarFunction('exp');

/** Number of different values of `at`. */
export const distinct = (points: readonly OrderPoint[]): number => new Set(points.map(({ at }) => at)).size;

/** Fits a curve by weighted least squares. */
export function fitCurve(points: readonly OrderPoint[], nextOrder: number): Curve {
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
  if (Object.values(fit).every(Number.isFinite) && Math.abs(fit.slope) < UNBOUNDED) return fit;
  const [level, slope] = startValues(points, basis, errors, 2).map((value) => Math.max(-UNBOUNDED, Math.min(UNBOUNDED, value)));
  return {
    slope,
    slopeError: UNBOUNDED,
    constant: exp(level - slope * centre),
    next: 0,
    share: 0,
    shareError: 0,
    bend: 0,
    truncation: 0,
    systematic: 0,
    chiSquared: Number.isFinite(chiSquared) ? chiSquared : 0,
    degreesOfFreedom,
  };
}

/** χ² per degree of freedom where it is beyond its 99 % quantile (Wilson & Hilferty 1931), and the deviations are too small by so much; else 1. */
function excess(chiSquared: number, freedom: number): number {
  const variance = 2 / (9 * freedom);
  const root = 1 - variance + normalQuantile(0.99) * Math.sqrt(variance);
  return freedom > 0 && chiSquared > freedom * root * root * root ? chiSquared / freedom : 1;
}

/** Score test of a further term at^(2q): its estimate at the fit, linearised, in deviations. */
function bendOf(points: readonly OrderPoint[], basis: readonly number[][], rows: readonly Row[]): number {
  if (distinct(points) < FEWEST_VALUES) return 0;
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
    if (Math.max(...step.map((s, j) => Math.abs(s) / (1 + Math.abs(from[j])))) < 1e-9) break;
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
  const largest = Math.max(...points.map(({ estimate }) => Math.abs(estimate))) || 1;
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
