/**
 * Kernel drift (representer theorem: Batz, Ruttor & Opper 2018, "Approximate Bayes learning of stochastic differential equations"), one slow component: the b in a reproducing kernel
 * space that minimises Σ (dx_k - b(x_k) Δ_k)²/(2 a Δ_k) + |b|²/2, kernel s² exp(-(x - x′)²/(2ℓ²)); a is the quadratic variation. ℓ and s are those that predict held-out blocks best.
 *
 * Transitions are gathered in bins, each an observation D/T of b with variance a/T; errors are the posterior deviations of the Gaussian process, at the chosen ℓ and s.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { Baseline } from './baseline.ts';
import { type Batch, batchesOf } from './batches.ts';
import type { Increments } from './instruments.ts';
import { laggedIncrements } from './lagged.ts';
import { laggedVariation } from './subsampled.ts';

const exp = scalarFunction('exp');

const square = (x: number): number => x * x;

/** Bins over the visited range; the kernel's length is never below four of them. */
const BINS = 64;

/** Lengths tried, as shares of the visited range, and heights, in units of the binned drift's root mean square. */
const LENGTHS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];
const HEIGHTS = [0.3, 1, 3, 10, 30];

interface Bins {
  readonly centres: readonly number[];
  /** Sums of increments and durations by bin; overlapping increments share their weight. */
  readonly moved: Float64Array;
  readonly time: Float64Array;
}

/**
 * Estimates the drift as a function.
 *
 * @throws RangeError for more than one slow component, or data that stand still.
 */
export const kernelDrift: Baseline = ({ paths, lag }) => {
  const increments = laggedIncrements(paths, lag);
  if (increments[0].states.length !== 1) throw new RangeError(`the kernel drift needs one slow component, got ${increments[0].states.length}`);
  const batches = batchesOf(
    increments.map(({ durations }) => durations.length),
    Math.max(...increments.map(({ overlap }) => overlap)),
  );
  const diffusion = laggedVariation(increments, batches);
  const a = diffusion[0].value;
  const [low, high] = rangeOf(increments);
  if (!(high > low && a > 0)) throw new RangeError('paths must move, got a slow variable that stands still');
  const gathered = (chosen: readonly Batch[]): Bins => gather(increments, chosen, low, high);
  const folds = [0, 1].map((parity) => batches.filter((_, k) => k % 2 === parity));
  const halves = folds.map(gathered);
  const all = gathered(batches);
  const size = Math.sqrt(
    all.moved.reduce((sum, moved, i) => sum + (all.time[i] > 0 ? square(moved) / all.time[i] : 0), 0) / all.time.reduce((x, y) => x + y, 0),
  );
  let best = { score: Number.NEGATIVE_INFINITY, length: 1, height: 1 };
  for (const length of LENGTHS.map((share) => share * (high - low))) {
    for (const height of HEIGHTS.map((factor) => factor * size)) {
      const score = halves.reduce((sum, train, k) => sum + heldOut(process(train, a, length, height), halves[1 - k], a), 0);
      if (score > best.score) best = { score, length, height };
    }
  }
  const posterior = process(all, a, best.length, best.height);
  return {
    coefficients: [],
    diffusion,
    driftAt: ([states]) => ({ value: [states.map(posterior.mean)], error: [states.map(posterior.deviation)] }),
    settings: { length: best.length, height: best.height, ...(lag === undefined ? {} : { lag }) },
  };
};

function rangeOf(paths: readonly Increments[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { states } of paths) for (const value of states[0]) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

function gather(paths: readonly Increments[], batches: readonly Batch[], low: number, high: number): Bins {
  const width = (high - low) / BINS;
  const [moved, time] = [new Float64Array(BINS), new Float64Array(BINS)];
  for (const { path, from, to } of batches) {
    const { states, increments, durations, overlap } = paths[path];
    for (let k = from; k < to; k++) {
      const bin = Math.min(BINS - 1, Math.floor((states[0][k] - low) / width));
      moved[bin] += increments[0][k] / overlap;
      time[bin] += durations[k] / overlap;
    }
  }
  return { centres: Array.from({ length: BINS }, (_, k) => low + (k + 0.5) * width), moved, time };
}

interface Posterior {
  readonly mean: (x: number) => number;
  readonly deviation: (x: number) => number;
}

/** The Gaussian process given bins. */
function process(bins: Bins, a: number, length: number, height: number): Posterior {
  const used = bins.centres.map((_, k) => k).filter((k) => bins.time[k] > 0);
  const kernel = (x: number, y: number): number => height * height * exp(-square((x - y) / length) / 2);
  const at = used.map((k) => bins.centres[k]);
  const gram = Matrix.zeros(used.length, used.length);
  for (const [i, x] of at.entries()) for (const [j, y] of at.entries()) gram.set(i, j, kernel(x, y) + (i === j ? a / bins.time[used[i]] : 0));
  const factor = new CholeskyDecomposition(gram);
  const weights = factor.solve(Matrix.columnVector(used.map((k) => bins.moved[k] / bins.time[k]))).to1DArray();
  const row = (x: number): number[] => at.map((y) => kernel(x, y));
  const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, entry, i) => sum + entry * v[i], 0);
  return {
    mean: (x) => dot(row(x), weights),
    deviation: (x) => Math.sqrt(Math.max(0, height * height - dot(row(x), factor.solve(Matrix.columnVector(row(x))).to1DArray()))),
  };
}

/** Log-likelihood of other bins' transitions relative to no drift. */
function heldOut(posterior: Posterior, bins: Bins, a: number): number {
  return bins.centres.reduce((sum, centre, k) => {
    if (bins.time[k] === 0) return sum;
    const value = posterior.mean(centre);
    return sum + (bins.moved[k] * value - (bins.time[k] * value * value) / 2) / a;
  }, 0);
}
