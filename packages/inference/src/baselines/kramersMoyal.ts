/**
 * Kramers–Moyal coefficients by the Nadaraya–Watson smoother (Lamouroux & Lehnertz 2009, "Kernel-based regression of drift and diffusion coefficients"), one slow component:
 * b(x) = Σ K((x_k - x)/h) dx_k/Σ K((x_k - x)/h) Δ_k, K the normal density. Errors are those of the noise; the smoothing's bias, h²(b″/2 + b′ρ′/ρ), is not in them.
 */
import { scalarFunction } from '@ergoflow/kernels';
import type { Baseline } from './baseline.ts';
import { batchesOf } from './batches.ts';
import { laggedIncrements } from './lagged.ts';
import { laggedVariation } from './subsampled.ts';

const exp = scalarFunction('exp');
const log = scalarFunction('log');

const square = (x: number): number => x * x;

/**
 * Estimates the drift as a function; the noise is the quadratic variation at the lag.
 *
 * Cost: every increment for every state asked for.
 *
 * @throws RangeError for more than one slow component, or a bandwidth ≤ 0.
 */
export const kramersMoyal: Baseline = ({ paths, lag, bandwidth }) => {
  const increments = laggedIncrements(paths, lag);
  if (increments[0].states.length !== 1) throw new RangeError(`Kramers–Moyal smoothing needs one slow component, got ${increments[0].states.length}`);
  const batches = batchesOf(
    increments.map(({ durations }) => durations.length),
    Math.max(...increments.map(({ overlap }) => overlap)),
  );
  const h = bandwidth ?? silverman(increments.map(({ states }) => states[0]));
  if (!(h > 0)) throw new RangeError(`bandwidth must be > 0, got ${h}`);
  const at = (x: number): { readonly value: number; readonly error: number } => {
    const parts = batches.map(({ path, from, to }) => {
      const { states, increments: dx, durations } = increments[path];
      let [sum, time] = [0, 0];
      for (let k = from; k < to; k++) {
        const u = (states[0][k] - x) / h;
        if (u > 8 || u < -8) continue;
        const weight = exp((-u * u) / 2);
        sum += weight * dx[0][k];
        time += weight * durations[k];
      }
      return { sum, time };
    });
    const time = parts.reduce((total, part) => total + part.time, 0);
    if (!(time > 0)) return { value: Number.NaN, error: Number.NaN };
    const value = parts.reduce((total, part) => total + part.sum, 0) / time;
    const spread = parts.reduce((total, part) => total + square(part.sum - value * part.time), 0);
    return { value, error: Math.sqrt((spread * parts.length) / Math.max(1, parts.length - 1)) / time };
  };
  return {
    coefficients: [],
    diffusion: laggedVariation(increments, batches),
    driftAt: ([states]) => {
      const found = Array.from(states, at);
      return { value: [Float64Array.from(found, ({ value }) => value)], error: [Float64Array.from(found, ({ error }) => error)] };
    },
    settings: { bandwidth: h, ...(lag === undefined ? {} : { lag }) },
  };
};

/** 1.06 sd n^(-1/5) (Silverman 1986, 3.28). */
function silverman(lists: readonly Float64Array[]): number {
  let [count, mean, spread] = [0, 0, 0];
  for (const list of lists) {
    for (const value of list) {
      count += 1;
      const off = value - mean;
      mean += off / count;
      spread += off * (value - mean);
    }
  }
  return 1.06 * Math.sqrt(spread / Math.max(1, count - 1)) * exp(-log(count) / 5);
}
