/**
 * Filtered data (Abdulle, Garegnani, Pavliotis, Stuart & Zanoni 2023, "Drift estimation of multiscale diffusions based on filtered data"): instruments are the basis at
 * Z = ∫ e^(-s/δ)/δ X(t - s) ds, which the fast scale hardly reaches, so that any fixed width δ serves and no lag has to be chosen.
 *
 * The noise follows from Itô's formula for U = X - Z, dU = dX - U/δ dt:  s sᵀ = E[2 U Uᵀ/δ - U bᵀ - b Uᵀ] + (boundary term), exact for every δ in the homogenized equation.
 */
import { scalarFunction } from '@ergoflow/kernels';
import type { ObservedPath } from '../data/observations.ts';
import type { Baseline } from './baseline.ts';
import { batchesOf, ratioOf } from './batches.ts';
import { driftOf, type Increments, solveMoments } from './instruments.ts';
import { laggedIncrements } from './lagged.ts';
import { sumOver } from './subsampled.ts';

const exp = scalarFunction('exp');

/** Widths of the filter that are left out at a path's begin: by then its start is forgotten but for 1 %. */
const WARM_UP = 5;

/**
 * Estimates drift and noise. The filter starts at the first observation, and increments before {@link WARM_UP} widths are not used; between observations X is taken as linear.
 *
 * @throws RangeError for a width ≤ 0, or paths that are no longer than the warm-up.
 */
export const filtered: Baseline = ({ paths, basis, width = 1 }) => {
  if (!(width > 0)) throw new RangeError(`width must be > 0, got ${width}`);
  const increments = paths.flatMap((path) => filteredIncrements(path, width));
  if (increments.length === 0) throw new RangeError(`width must be below a ${WARM_UP}th of a path's duration, got ${width}`);
  const batches = batchesOf(
    increments.map(({ durations }) => durations.length),
    width / shortestMean(increments),
  );
  const moments = solveMoments(increments, basis, batches);
  const drift = driftOf(basis, moments);
  const means = increments.map(({ states }) => drift(states).value);
  const durations = batches.map(({ path, from, to }) => sumOver(from, to, (k) => increments[path].durations[k]));
  const diffusion = increments[0].states.flatMap((_, i) =>
    Array.from({ length: i + 1 }, (_unused, j) =>
      ratioOf(
        batches.map(({ path, from, to }) => {
          const { states, instruments, durations: dt } = increments[path];
          const [b, u] = [means[path], (c: number, k: number): number => states[c][k] - instruments[c][k]];
          const inner = sumOver(from, to, (k) => ((2 * u(i, k) * u(j, k)) / width - u(i, k) * b[j][k] - u(j, k) * b[i][k]) * dt[k]);
          const last = Math.min(to, dt.length - 1);
          return inner + u(i, last) * u(j, last) - u(i, from) * u(j, from);
        }),
        durations,
      ),
    ),
  );
  return { coefficients: moments.coefficients, diffusion, driftAt: drift, settings: { width } };
};

/** The shortest mean duration of the paths' increments. */
const shortestMean = (paths: readonly Increments[]): number =>
  Math.min(...paths.map(({ durations }) => durations.reduce((a, b) => a + b, 0) / durations.length));

function filteredIncrements(path: ObservedPath, width: number): Increments[] {
  const { times, values } = path;
  const first = times.findIndex((time) => time - times[0] >= WARM_UP * width);
  if (first < 0 || first > times.length - 3) return [];
  const smooth = values.map((component) => smoothed(times, component, width));
  const [increments] = laggedIncrements([path], undefined);
  const cut = (components: readonly Float64Array[]): Float64Array[] => components.map((component) => component.subarray(first, times.length - 1));
  return [
    {
      states: cut(increments.states),
      instruments: cut(smooth),
      increments: cut(increments.increments),
      durations: increments.durations.subarray(first),
      overlap: increments.overlap,
    },
  ];
}

/** Z at the observations: Z' = (X - Z)/δ solved exactly for X linear between them. */
function smoothed(times: Float64Array, x: Float64Array, width: number): Float64Array {
  const z = new Float64Array(x.length);
  z[0] = x[0];
  for (let k = 0; k + 1 < x.length; k++) {
    const r = (times[k + 1] - times[k]) / width;
    const decay = exp(-r);
    // (1 - e^(-r))/r, by its series where the difference would cancel.
    const average = r < 1e-4 ? 1 - r / 2 + (r * r) / 6 : (1 - decay) / r;
    z[k + 1] = decay * z[k] + (1 - average) * x[k + 1] + (average - decay) * x[k];
  }
  return z;
}
