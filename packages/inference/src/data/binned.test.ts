import { describe, expect, it } from 'vitest';
import { binnedObjective } from '../convex/binnedObjective.ts';
import { localNodes } from '../nodes/local.ts';
import { gatherBinned } from './binned.ts';
import { fullLikelihood } from './fullLikelihood.ts';
import { transitionsOf } from './transitions.ts';

const times = Float64Array.from({ length: 2001 }, (_, k) => 0.05 * k + 0.02 * Math.sin(k));
const values = [0, 1].map((c) => Float64Array.from(times, (time, k) => Math.sin(0.3 * time + c) + 0.2 * Math.sin(k * (1.3 + c)) * Math.cos(k * k)));
const both = transitionsOf([{ times, values }]);
const line = { ...both, from: [both.from[0]], increment: [both.increment[0]] };
const range = { low: -1.25, high: 1.25 };

const drifts = [(x: number, z: number): number => x - x ** 3 + z, (x: number, z: number): number => Math.cos(z) * x];
const spreads = [
  (x: number): number => 0.4 + 0.1 * x * x,
  (x: number, z: number): number => 0.1 * Math.sin(x + z),
  (x: number, z: number): number => 0.5 + 0.1 * z + 0 * x,
];

describe('binned statistics', () => {
  it('give the full likelihood on a line, with an error that falls as h⁴', () => {
    const drift = (x: number): number => drifts[0](x, 0);
    const full = fullLikelihood(line, { drift: ([x]) => [x.map(drift)], diffusion: ([x]) => [x.map(spreads[0])] });
    const errors = [16, 31, 61].map((count) => {
      const nodes = localNodes('cubic', [range], [count]);
      const [x] = nodes.points;
      const binned = binnedObjective(gatherBinned(line, nodes)).value(Float64Array.from([...x.map(drift), ...x.map(spreads[0])]));
      return Math.abs(binned - full);
    });
    expect(errors[2]).toBeLessThan(1e-2);
    expect(errors[0] / errors[2]).toBeGreaterThan(4 ** 3);
  });

  it('give the full likelihood in the plane', () => {
    const nodes = localNodes('cubic', [range, range], [30, 30]);
    const at = (f: (x: number, z: number) => number, [x, z]: readonly Float64Array[]): Float64Array => x.map((value, k) => f(value, z[k]));
    const full = fullLikelihood(both, {
      drift: (states) => drifts.map((f) => at(f, states)),
      diffusion: (states) => spreads.map((f) => at(f, states)),
    });
    const u = Float64Array.from([...drifts, ...spreads].flatMap((f) => [...at(f, nodes.points)]));
    expect(Math.abs(binnedObjective(gatherBinned(both, nodes)).value(u) - full)).toBeLessThan(1e-2);
  });

  it('have the gradient of their value, and a curvature that is its derivative in b̄', () => {
    const nodes = localNodes('cubic', [range, range], [4, 4]);
    const objective = binnedObjective(gatherBinned(both, nodes));
    const u = Float64Array.from(
      { length: objective.size },
      (_, k) => (k < 32 ? Math.sin(k) : k < 48 ? 0.5 : k < 64 ? 0.1 : 0.4) + 0.01 * Math.cos(3 * k),
    );
    const gradient = objective.gradient(u);
    const step = 1e-6;
    for (let k = 0; k < u.length; k += 3) {
      const [up, down] = [1, -1].map((sign) => objective.value(u.map((value, j) => value + (j === k ? sign * step : 0))));
      expect(Math.abs((up - down) / (2 * step) - gradient[k]), `entry ${k}`).toBeLessThan(1e-5 * (1 + Math.abs(gradient[k])));
    }
    const v = Float64Array.from({ length: objective.size }, (_, k) => (k < 32 ? Math.cos(k) : 0));
    const [up, down] = [1, -1].map((sign) => objective.gradient(u.map((value, k) => value + sign * step * v[k])));
    const product = objective.curvature(u, v);
    const { time } = gatherBinned(both, nodes);
    for (let k = 0; k < 32; k++) {
      if (time[k % 16] > 0) expect(Math.abs((up[k] - down[k]) / (2 * step) - product[k])).toBeLessThan(1e-5 * (1 + Math.abs(product[k])));
    }
  });

  it('have Fisher’s information for the diffusion: the second derivative where the data agree with it', () => {
    const nodes = localNodes('linear', [range], [2]);
    const statistics = gatherBinned(line, nodes);
    // The diffusion at which the residuals' squares equal N ā, for a zero drift.
    const u = Float64Array.of(0, 0, ...statistics.square[0].map((square, i) => square / statistics.number[i]));
    const objective = binnedObjective(statistics);
    const product = objective.curvature(u, Float64Array.of(0, 0, 1, 0));
    const [up, down] = [1, -1].map((sign) => objective.gradient(u.map((value, k) => value + (k === 2 ? sign * 1e-5 : 0))));
    expect(Math.abs((up[2] - down[2]) / 2e-5 - product[2])).toBeLessThan(1e-4 * product[2]);
    expect(objective.value(Float64Array.of(0, 0, -1, 1))).toBe(Number.POSITIVE_INFINITY);
  });
});
