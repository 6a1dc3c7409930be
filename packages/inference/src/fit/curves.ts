/**
 * Averaged coefficients as functions of the slow state, with intervals.
 *
 * Under the relative-entropy penalty the averages are, near the fit, a Gaussian field with covariance Cov_q(b)/w; a learned parameter adds J V Jᵀ with the
 * variance V of its prior along the free number. Given the data (a round bowl in z, `visible.ts`) the variance of b̄(x) is
 *
 *   k(x, x) − k(x, z) (1 + K)⁻¹ k(z, x),   k = Cov_q/w + J V Jᵀ,  K = k(z, z),
 *
 * and a parameter's is V − V Jᵀ (1 + K)⁻¹ J V. Both hold the other uncertain. Source: Rasmussen & Williams (2006), "Gaussian processes", (2.24), (2.42).
 */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { averageOf } from './shrink.ts';
import type { Visible } from './visible.ts';

/** Level of all intervals, and the standard normal's quantile that it needs. */
export const LEVEL = 0.95;
export const QUANTILE = 1.959963984540054;

/** A fitted law and what is asked of it. */
export interface FieldOptions {
  readonly seen: Visible;
  /** [M × size] Coefficients of samples of the law at the nodes. */
  readonly table: Float64Array;
  /** [M], sum 1. */
  readonly weights: Float64Array;
  /** w in nats. */
  readonly weight: number;
  /** By learned parameter: variance along the free number before the data, and derivatives of averages by it at the nodes and at the points asked for. */
  readonly parameters: readonly { readonly variance: number; readonly atNodes: Float64Array; readonly atPoints: Float64Array }[];
}

/** Standard deviations given the data. */
export interface Field {
  /** Of averages at points, [points], from their rows [M × points]. */
  readonly deviations: (rows: Float64Array) => Float64Array;
  /** Of the free numbers, by parameter. */
  readonly parameters: readonly number[];
}

/** Solves for the field. */
export function fieldOf({ seen, table, weights, weight, parameters }: FieldOptions): Field {
  const { rank, covectors } = seen;
  const z = seen.project(table);
  const count = weights.length;
  const mean = averageOf(z, weights, rank);
  const slopes = parameters.map(({ atNodes }) => covectors.map((covector) => covector.reduce((total, c, k) => total + c * atNodes[k], 0)));
  const kernel = Matrix.eye(Math.max(1, rank), Math.max(1, rank));
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j <= i; j++) {
      let total = 0;
      for (let m = 0; m < count; m++) total += weights[m] * (z[m * rank + i] - mean[i]) * (z[m * rank + j] - mean[j]);
      let value = total / weight;
      for (const [p, { variance }] of parameters.entries()) value += variance * slopes[p][i] * slopes[p][j];
      kernel.set(i, j, kernel.get(i, j) + value);
      if (i !== j) kernel.set(j, i, kernel.get(i, j));
    }
  }
  const factor = new CholeskyDecomposition(kernel);
  const explained = (cross: readonly number[]): number => {
    if (rank === 0) return 0;
    const solved = factor.solve(Matrix.columnVector([...cross]));
    return cross.reduce((total, c, k) => total + c * solved.get(k, 0), 0);
  };
  return {
    deviations: (rows) => {
      const points = rows.length / count;
      const centre = averageOf(rows, weights, points);
      return Float64Array.from({ length: points }, (_, x) => {
        let own = 0;
        const cross = new Array<number>(rank).fill(0);
        for (let m = 0; m < count; m++) {
          const off = (weights[m] * (rows[m * points + x] - centre[x])) / weight;
          own += off * (rows[m * points + x] - centre[x]);
          for (let k = 0; k < rank; k++) cross[k] += off * (z[m * rank + k] - mean[k]);
        }
        for (const [p, { variance, atPoints }] of parameters.entries()) {
          own += variance * atPoints[x] * atPoints[x];
          for (let k = 0; k < rank; k++) cross[k] += variance * atPoints[x] * slopes[p][k];
        }
        return Math.sqrt(Math.max(0, own - explained(cross)));
      });
    },
    parameters: parameters.map(({ variance }, p) => Math.sqrt(Math.max(0, variance - explained(slopes[p].map((slope) => variance * slope))))),
  };
}
