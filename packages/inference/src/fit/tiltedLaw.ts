/**
 * The law that minimises  NLL(E_q z) + weight · KL(q ‖ q₀)  exactly, on samples of q₀: the convex problem under the relative-entropy penalty.
 *
 * With NLL = least + ½ |E_q z − target|² the minimum is an exponential tilt q ∝ q₀ e^{−u·z/weight}, where u = E_q z − target maximises the concave dual
 *
 *   D(u) = least − ½ |u|² − u·target − weight · ln E_{q₀} e^{−u·z/weight},
 *
 * so D at any u bounds the objective of every law from below (Csiszár 1975; Fenchel duality). Newton's method; rank × rank systems.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

const [exp, log] = [scalarFunction('exp'), scalarFunction('log')];

/** A tilt of the reference's samples. */
export interface TiltedLaw {
  /** [M], sum 1. */
  readonly weights: Float64Array;
  /** [rank]: E_q z. */
  readonly mean: Float64Array;
  /** [rank × rank]: Cov_q z. */
  readonly covariance: Matrix;
  /** KL(q ‖ q₀) in nats. */
  readonly relativeEntropy: number;
  /** NLL(E_q z) + weight · KL: the least objective, up to the samples. */
  readonly objective: number;
  /** Samples that weigh as much as all of them do: 1 / Σ weights². */
  readonly effectiveSamples: number;
}

const MOST_STEPS = 100;
/** Newton's decrement, in nats, at which it is done. */
const TOLERANCE = 1e-9;

/**
 * Solves the problem.
 *
 * @param z [M × rank] Samples of the reference in the data's coordinates, row by row.
 * @param least NLL at the target.
 * @param weight In nats, ≥ 1e-2: below, the dual has corners and Newton's steps end early.
 * @param start [rank] A dual point to begin with, such as that of a neighbouring weight.
 */
export function tiltedLaw(z: Float64Array, target: Float64Array, least: number, weight: number): TiltedLaw {
  const rank = target.length;
  const count = rank === 0 ? 1 : z.length / rank;
  let u = new Float64Array(rank);
  let now = dual(z, target, weight, u, count);
  let { mean, covariance } = moments(z, now.weights, rank);
  for (let step = 0; step < MOST_STEPS && rank > 0; step++) {
    const gradient = mean.map((m, k) => m - u[k] - target[k]);
    const hessian = Matrix.add(Matrix.eye(rank, rank), Matrix.div(covariance, weight));
    const direction = new CholeskyDecomposition(hessian).solve(Matrix.columnVector(gradient)).to1DArray();
    const slope = direction.reduce((total, d, k) => total + d * gradient[k], 0);
    if (!(slope > TOLERANCE)) break;
    let length = 1;
    let next = now;
    let moved = u;
    for (; length > 1e-12; length /= 2) {
      moved = u.map((value, k) => value + length * direction[k]);
      next = dual(z, target, weight, moved, count);
      if (next.value >= now.value + 1e-4 * length * slope) break;
    }
    if (!(next.value > now.value)) break;
    [u, now] = [moved, next];
    ({ mean, covariance } = moments(z, now.weights, rank));
  }
  let relativeEntropy = 0;
  let squares = 0;
  for (const p of now.weights) {
    squares += p * p;
    if (p > 0) relativeEntropy += p * log(p * count);
  }
  const misfit = mean.reduce((total, m, k) => total + (m - target[k]) ** 2, 0) / 2;
  return {
    weights: now.weights,
    mean,
    covariance,
    relativeEntropy,
    objective: least + misfit + weight * relativeEntropy,
    effectiveSamples: 1 / squares,
  };
}

/** D(u) less `least`, and the tilted weights. */
function dual(z: Float64Array, target: Float64Array, weight: number, u: Float64Array, count: number): { value: number; weights: Float64Array } {
  const rank = u.length;
  const weights = new Float64Array(count);
  let largest = Number.NEGATIVE_INFINITY;
  for (let m = 0; m < count; m++) {
    let exponent = 0;
    for (let k = 0; k < rank; k++) exponent -= u[k] * z[m * rank + k];
    weights[m] = exponent / weight;
    largest = Math.max(largest, weights[m]);
  }
  let total = 0;
  for (let m = 0; m < count; m++) {
    weights[m] = exp(weights[m] - largest);
    total += weights[m];
  }
  for (let m = 0; m < count; m++) weights[m] /= total;
  let value = -weight * (largest + log(total / count));
  for (let k = 0; k < rank; k++) value -= u[k] * (u[k] / 2 + target[k]);
  return { value, weights };
}

/** Mean and covariance of weighted rows. */
export function moments(z: Float64Array, weights: Float64Array, rank: number): { mean: Float64Array; covariance: Matrix } {
  const mean = new Float64Array(rank);
  for (let m = 0; m < weights.length; m++) for (let k = 0; k < rank; k++) mean[k] += weights[m] * z[m * rank + k];
  const entries = new Float64Array(rank * rank);
  const off = new Float64Array(rank);
  for (let m = 0; m < weights.length; m++) {
    const p = weights[m];
    if (p === 0) continue;
    for (let k = 0; k < rank; k++) off[k] = z[m * rank + k] - mean[k];
    for (let k = 0; k < rank; k++) for (let j = 0; j <= k; j++) entries[k * rank + j] += p * off[k] * off[j];
  }
  const covariance = Matrix.zeros(rank, rank);
  for (let k = 0; k < rank; k++) {
    for (let j = 0; j <= k; j++) {
      covariance.set(k, j, entries[k * rank + j]);
      covariance.set(j, k, entries[k * rank + j]);
    }
  }
  return { mean, covariance };
}
