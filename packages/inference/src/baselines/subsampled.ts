/**
 * Subsampled maximum likelihood (Pavliotis & Stuart 2007, "Parameter estimation for multiscale diffusions"): least squares of increments over a lag between the fast time and the
 * slow, on the drift's basis. Bias of the drift: b b′·lag/2 from the slow side, and what the fast scale leaves at that lag from the other; neither is in the errors.
 * From the quadratic variation the drift's part is taken by Itô's formula, d|X - x|² = 2 (X - x)·b dt + σ² dt, integrated by the trapezoidal rule: σ² Δ = dx² - dx b(x + dx) Δ.
 */
import type { Baseline, Estimated } from './baseline.ts';
import { type Batch, batchesOf, ratioOf } from './batches.ts';
import { driftOf, type Increments, solveMoments } from './instruments.ts';
import { laggedIncrements } from './lagged.ts';

/** Estimates drift and quadratic variation at `lag`. */
export const subsampled: Baseline = ({ paths, basis, lag }) => {
  const increments = laggedIncrements(paths, lag);
  const batches = batchesOf(
    increments.map(({ durations }) => durations.length),
    Math.max(...increments.map(({ overlap }) => overlap)),
  );
  const moments = solveMoments(increments, basis, batches);
  const drift = driftOf(basis, moments);
  const ends = increments.map(({ states, increments: dx }) => drift(states.map((x, c) => x.map((value, k) => value + dx[c][k]))).value);
  return {
    coefficients: moments.coefficients,
    diffusion: laggedVariation(increments, batches, ends),
    driftAt: drift,
    settings: lag === undefined ? {} : { lag },
  };
};

/**
 * Σ dx dxᵀ/Σ Δ over increments, lower triangle row by row, with errors from batches.
 *
 * @param ends b at the increments' ends, [paths][dx] of [count], whose part is taken off to first order in the duration. Default: it is left in.
 */
export function laggedVariation(paths: readonly Increments[], batches: readonly Batch[], ends?: readonly (readonly Float64Array[])[]): Estimated[] {
  const durations = batches.map(({ path, from, to }) => sumOver(from, to, (k) => paths[path].durations[k]));
  return paths[0].increments.flatMap((_, i) =>
    Array.from({ length: i + 1 }, (_unused, j) =>
      ratioOf(
        batches.map(({ path, from, to }) => {
          const [{ increments, durations: dt }, b] = [paths[path], ends?.[path]];
          return sumOver(from, to, (k) => {
            const [u, v] = [increments[i][k], increments[j][k]];
            return u * v - (b === undefined ? 0 : ((u * b[j][k] + v * b[i][k]) * dt[k]) / 2);
          });
        }),
        durations,
      ),
    ),
  );
}

/** A sum over indices [from, to). */
export function sumOver(from: number, to: number, term: (k: number) => number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += term(k);
  return sum;
}
