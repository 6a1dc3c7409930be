/** The stationary law of a linear fast process dY = (A Y + c) dt + α dW, α constant: N(-A⁻¹ c, C), A C + C Aᵀ + α αᵀ = 0 (Gardiner 2009, 4.5.6). */
import type { FastProcess } from './fastProcess.ts';
import { cholesky, linearSolve } from './linearSolve.ts';

/** A normal law. */
export interface GaussianLaw {
  readonly mean: readonly number[];
  /** Lower factor L of the covariance L Lᵀ. */
  readonly factor: readonly (readonly number[])[];
}

/** How far from linear a drift may be at the probes, relative to its size. */
const TOLERANCE = 1e-11;

/** Points at which linearity is looked at, beside 0 and the unit vectors. */
const PROBES = 16;

/**
 * Finds the law, or null where the drift is not linear or the noise not constant (at probes within ±3).
 *
 * @throws RangeError where the linear process has no stationary law with a density.
 */
export function gaussianLaw(process: FastProcess): GaussianLaw | null {
  const d = process.dimension;
  const count = 1 + d + PROBES;
  // Column 0 is the origin, columns 1 to d are the unit vectors, then a lattice.
  const points = Array.from({ length: d }, (_, i) =>
    Float64Array.from({ length: count }, (_, k) => (k <= d ? (k === i + 1 ? 1 : 0) : ((k * Math.sqrt(2 + 3 * i)) % 6) - 3)),
  );
  const { drift, diffusion } = process.dynamics(points);
  const matrix = drift.map((values) => Array.from({ length: d }, (_, j) => values[j + 1] - values[0]));
  const size = Math.max(...drift.flatMap((values) => [...values].map(Math.abs)));
  for (let k = d + 1; k < count; k++) {
    for (const [i, values] of drift.entries()) {
      const linear = matrix[i].reduce((sum, a, j) => sum + a * points[j][k], values[0]);
      if (!(Math.abs(values[k] - linear) <= TOLERANCE * size)) return null;
    }
  }
  if (diffusion.some((values) => values.some((value) => !(Math.abs(value - values[0]) <= TOLERANCE * Math.abs(values[0]))))) return null;
  const mean = linearSolve(
    matrix,
    drift.map((values) => -values[0]),
  );
  return { mean, factor: cholesky(lyapunov(matrix, symmetric(diffusion.map(([value]) => value)))) };
}

/** The full matrix of a lower triangle, row by row. */
export function symmetric(triangle: readonly number[]): number[][] {
  const d = (Math.sqrt(8 * triangle.length + 1) - 1) / 2;
  return Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => {
      const [row, column] = [Math.max(i, j), Math.min(i, j)];
      return triangle[(row * (row + 1)) / 2 + column];
    }),
  );
}

/**
 * Solves A C + C Aᵀ + D = 0 as d² linear equations. C is positive definite only if A is stable (Lyapunov) and the noise reaches every component.
 *
 * @throws RangeError if two eigenvalues of A add up to 0.
 */
export function lyapunov(matrix: readonly (readonly number[])[], noise: readonly (readonly number[])[]): number[][] {
  const d = matrix.length;
  const rows: number[][] = [];
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      const row = new Array<number>(d * d).fill(0);
      for (let k = 0; k < d; k++) {
        row[k * d + j] += matrix[i][k];
        row[i * d + k] += matrix[j][k];
      }
      rows.push(row);
    }
  }
  const solved = linearSolve(
    rows,
    noise.flat().map((value) => -value),
  );
  return Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (solved[i * d + j] + solved[j * d + i]) / 2));
}
