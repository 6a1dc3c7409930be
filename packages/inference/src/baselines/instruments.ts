/**
 * Drift coefficients from the moment equations Σ ψ_i·(dx - Σ_j θ_j φ_j(x) Δ) = 0 with instruments ψ: maximum likelihood (ψ = φ(x)) and filtered data (ψ = φ(z)) alike.
 *
 * Cov θ = M⁻¹ Ω M⁻ᵀ, M_ij = Σ ψ_i·φ_j Δ, Ω from the batches' sums of the moments at θ: it holds whatever the noise is, also where increments are correlated.
 */
import { Matrix, solve } from 'ml-matrix';
import type { BaselineResult, DriftBasis, Estimated } from './baseline.ts';
import type { Batch } from './batches.ts';

/** Increments of one path: state, instrument's argument, increment and duration. */
export interface Increments {
  /** [dx] of [count]. */
  readonly states: readonly Float64Array[];
  /** [dx] of [count]: where the instruments are evaluated. */
  readonly instruments: readonly Float64Array[];
  /** [dx] of [count]. */
  readonly increments: readonly Float64Array[];
  readonly durations: Float64Array;
  /** How many increments cover a moment, on average: 1 without a lag. */
  readonly overlap: number;
}

/** Coefficients with their covariance. */
export interface Moments {
  readonly coefficients: readonly Estimated[];
  /** [p × p] */
  readonly covariance: Matrix;
}

/**
 * Solves the moment equations.
 *
 * @param batches Pieces of the paths' increments, as `batchesOf` gives them.
 * @throws RangeError if the basis is dependent on the data.
 */
export function solveMoments(paths: readonly Increments[], basis: DriftBasis, batches: readonly Batch[]): Moments {
  const parts = batches.map(({ path, from, to }) => momentsOf(paths[path], basis, from, to));
  const size = parts[0].right.length;
  const matrix = Matrix.zeros(size, size);
  const right = Matrix.zeros(size, 1);
  for (const part of parts) {
    matrix.add(part.matrix);
    for (let i = 0; i < size; i++) right.set(i, 0, right.get(i, 0) + part.right[i]);
  }
  let theta: Matrix;
  let inverse: Matrix;
  try {
    inverse = solve(matrix, Matrix.eye(size));
    theta = inverse.mmul(right);
  } catch {
    throw new RangeError('basis must be independent on the data, got dependent functions');
  }
  const omega = Matrix.zeros(size, size);
  for (const part of parts) {
    const score = Matrix.columnVector([...part.right]).sub(part.matrix.mmul(theta));
    omega.add(score.mmul(score.transpose()));
  }
  const covariance = inverse
    .mmul(omega)
    .mmul(inverse.transpose())
    .mul(parts.length / Math.max(1, parts.length - size));
  return { covariance, coefficients: theta.to1DArray().map((value, j) => ({ value, error: Math.sqrt(covariance.get(j, j)) })) };
}

function momentsOf(path: Increments, basis: DriftBasis, from: number, to: number): { readonly matrix: Matrix; readonly right: Float64Array } {
  const cut = (components: readonly Float64Array[]): Float64Array[] => components.map((component) => component.subarray(from, to));
  const functions = basis(cut(path.states));
  const instruments = path.instruments === path.states ? functions : basis(cut(path.instruments));
  const [increments, durations] = [cut(path.increments), path.durations.subarray(from, to)];
  const matrix = Matrix.zeros(functions.length, functions.length);
  const right = new Float64Array(functions.length);
  for (const [i, instrument] of instruments.entries()) {
    for (const [c, psi] of instrument.entries()) {
      for (let k = 0; k < psi.length; k++) right[i] += psi[k] * increments[c][k];
      for (const [j, phi] of functions.entries()) {
        let sum = 0;
        for (let k = 0; k < psi.length; k++) sum += psi[k] * phi[c][k] * durations[k];
        matrix.set(i, j, matrix.get(i, j) + sum);
      }
    }
  }
  return { matrix, right };
}

/** The drift of a basis with its standard errors, √(φᵀ Cov φ). */
export function driftOf(basis: DriftBasis, { coefficients, covariance }: Moments): BaselineResult['driftAt'] {
  return (states) => {
    const functions = basis(states);
    const combine = (c: number, weigh: (k: number) => number): Float64Array => states[c].map((_, k) => weigh(k));
    const mean = (c: number, k: number): number => functions.reduce((sum, phi, j) => sum + coefficients[j].value * phi[c][k], 0);
    const variance = (c: number, k: number): number =>
      functions.reduce((sum, phi, i) => sum + functions.reduce((inner, psi, j) => inner + phi[c][k] * covariance.get(i, j) * psi[c][k], 0), 0);
    return {
      value: states.map((_, c) => combine(c, (k) => mean(c, k))),
      error: states.map((_, c) => combine(c, (k) => Math.sqrt(Math.max(0, variance(c, k))))),
    };
  };
}
