/** One contract for all base laws: densities integrate to 1, samples follow them, gradients are exact. */
import { compileTraining, gradient, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { assertDistribution, assertMean, uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { evaluateFlow } from '../evaluateFlow.ts';
import { scatteredWeights, startWeights } from '../fixtures/bijectionCase.ts';
import { onlyBase } from '../fixtures/densities.ts';
import { normals } from '../fixtures/normals.ts';
import { integral, sinhRule } from '../fixtures/quadrature.ts';
import type { Base } from '../flow.ts';
import { weightInputs } from '../weights.ts';
import { normal } from './normal.ts';
import { normalMixture } from './normalMixture.ts';
import { studentT } from './studentT.ts';

/** Φ by the complementary series, good to 1e-15 in the tests' range: ∫ by Simpson's rule from 0. */
function phi(x: number): number {
  const end = Math.min(Math.abs(x), 9);
  const count = 400;
  const f = (t: number): number => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let total = f(0) + f(end);
  for (let k = 1; k < count; k++) total += (k % 2 === 1 ? 4 : 2) * f((k * end) / count);
  const half = (total * end) / (3 * count);
  return x < 0 ? 0.5 - half : 0.5 + half;
}

interface Case {
  readonly make: (dimension: number) => Base;
  /** How far in u = arsinh y the quadrature must reach. */
  readonly reach: number;
  /** Distribution function in one dimension, with the weights of `scatteredWeights`. */
  readonly cdf: (x: number, weights: Float64Array) => number;
}

const mixtureCdf =
  (components: number): Case['cdf'] =>
  (x, weights) => {
    let total = 0;
    for (let k = 0; k < components; k++) total += phi((x - weights[k]) * Math.exp(-weights[components + k])) / components;
    return total;
  };

const BASES: Readonly<Record<string, Case>> = {
  normal: { make: normal, reach: 4, cdf: phi },
  'Student t of 1': { make: (d) => studentT(d, 1), reach: 16, cdf: (x) => 0.5 + Math.atan(x) / Math.PI },
  'Student t of 3': {
    make: (d) => studentT(d, 3),
    reach: 8,
    cdf: (x) => 0.5 + (x / Math.sqrt(3) / (1 + (x * x) / 3) + Math.atan(x / Math.sqrt(3))) / Math.PI,
  },
  'Student t of 4': {
    make: (d) => studentT(d, 4),
    reach: 6,
    // With s = x/√(4 + x²): ½ + ¾ s - ¼ s³.
    cdf: (x) => {
      const s = x / Math.sqrt(4 + x * x);
      return 0.5 + 0.75 * s - 0.25 * s ** 3;
    },
  },
  'mixture of 1 normal': { make: (d) => normalMixture(d, 1), reach: 4, cdf: mixtureCdf(1) },
  'mixture of 3 normals': { make: (d) => normalMixture(d, 3), reach: 4, cdf: mixtureCdf(3) },
};

describe.each(Object.entries(BASES))('%s', (name, { make, reach, cdf }) => {
  const evaluated = (d: number) => {
    const flow = onlyBase(make(d), d);
    const weights = scatteredWeights(flow.weights, name, 1);
    return { flow, weights, evaluation: evaluateFlow(flow, weights, { target: 'reference' }) };
  };

  it.each([1, 2] as const)('has a density that integrates to 1 within 1e-6 in %i dimensions', (d) => {
    const rule = sinhRule(d, d === 1 ? reach : Math.min(reach, 8), 0.1);
    // 2-D tables end at sinh 8 = 1490, beyond which the Cauchy law still has 2·(2/π)/1490 of its mass.
    const missing = name === 'Student t of 1' && d === 2 ? 1 - (1 - (2 * Math.atan(1 / Math.sinh(8.05))) / Math.PI) ** 2 : 0;
    expect(Math.abs(integral(rule, evaluated(d).evaluation.logDensity(rule.points)) + missing - 1)).toBeLessThan(
      name === 'Student t of 1' && d === 2 ? 1e-5 : 1e-6,
    );
  });

  it('has the density that its distribution function has', () => {
    const { evaluation, weights } = evaluated(1);
    const points = Float64Array.from({ length: 50 }, (_, k) => -6 + 0.25 * k);
    const density = evaluation.logDensity(points).map(Math.exp);
    const h = 1e-4;
    for (const [k, x] of points.entries()) {
      const slope = (8 * (cdf(x + h, weights) - cdf(x - h, weights)) - (cdf(x + 2 * h, weights) - cdf(x - 2 * h, weights))) / (12 * h);
      expect(Math.abs(density[k] - slope)).toBeLessThan(1e-10);
    }
  });

  it('has samples of its law, each coordinate, with a false-alarm rate of 1e-6 and a detectable distance of 0.03', () => {
    const { flow, weights, evaluation } = evaluated(1);
    const count = 40_000;
    const { values } = evaluation.sample(normals(`base ${name}`, flow.normals * count));
    assertDistribution(values, (x) => cdf(x, weights), { detects: 0.03 });
  });

  it('has finite samples and gradients at normals 0 and as far out as a stream of normals goes, in float32 too', () => {
    const base = make(2);
    for (const precision of ['float32', 'float64'] as const) {
      const g = tensorBuilder();
      const z = g.input('z', { lanes: true, rows: base.normals, columns: 1 });
      const given = weightInputs(g, base.weights);
      const value = base.sample(g, given, z);
      const logDensity = base.logDensity(g, given, value);
      const parts = gradient(g, g.sumLanes(g.add(g.sumRows(value), logDensity)), [z, ...base.weights.map((weight) => given(weight.name))]);
      const outputs = Object.fromEntries([value, logDensity, ...parts].map((tensor, k) => [`${k}`, tensor]));
      const kernel = compileTraining(trainingProgram(outputs), { target: 'reference', precision });
      const edges = [0, 7.54, -7.54, 1e-30, -1e-3, 1e-3, 0.03, -4];
      for (let k = 0; k < 16 * base.normals; k++) {
        // Radius √(a² + b²) of a pair is at most 7.54.
        kernel.inputs.z[k] = k % 16 < 8 ? (k < 16 ? edges[k % 8] : 0) : edges[(k + Math.floor(k / 16)) % 8] / 2;
      }
      kernel.run();
      for (const values of Object.values(kernel.outputs)) expect(values.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('a mixture of normals', () => {
  const components = 3;
  const base = normalMixture(1, components);
  const flow = onlyBase(base, 1);

  it('starts with mean 0 and variance 1 on average over starts, and distinct components', () => {
    const weights = Array.from({ length: 400 }, (_, k) => startWeights(flow, `start ${k}`));
    // Means are uniform on ±√¾: variance ¼; deviations² are ¾.
    const seconds = weights.flatMap((w) => [...w.subarray(0, components)].map((mean, k) => mean * mean + Math.exp(2 * w[components + k])));
    assertMean(seconds, 1, { detects: 0.1 });
    expect(weights.every((w) => new Set(w.subarray(0, components)).size === components)).toBe(true);
  });

  it('has unbiased gradients of expectations, with a false-alarm rate of 1e-6', () => {
    const weights = scatteredWeights(flow.weights, 'mixture', 1);
    const count = 40_000;
    const g = tensorBuilder();
    const z = g.input('z', { lanes: true, rows: base.normals, columns: 1 });
    // Weights of each lane's own, so that each lane gives a gradient of its own.
    const given = (name: string) => g.input(name, { lanes: true, rows: components, columns: 1 });
    const value = base.sample(g, given, z);
    const [means, logDeviations] = gradient(g, g.sumLanes(g.multiply(value, value)), [given('means'), given('logDeviations')]);
    const kernel = compileTraining(trainingProgram({ means, logDeviations }), { lanes: count, target: 'reference', precision: 'float64' });
    kernel.inputs.z.set(normals('mixture', 2 * count));
    for (let k = 0; k < components; k++) {
      kernel.inputs.means.fill(weights[k], k * count, (k + 1) * count);
      kernel.inputs.logDeviations.fill(weights[components + k], k * count, (k + 1) * count);
    }
    kernel.run();
    // E y² = Σ (m² + s²)/K.
    for (let k = 0; k < components; k++) {
      const row = (values: ArrayLike<number>): number[] => Array.from(values).slice(k * count, (k + 1) * count);
      assertMean(row(kernel.outputs.means), (2 * weights[k]) / components, { detects: 0.25 });
      assertMean(row(kernel.outputs.logDeviations), (2 * Math.exp(2 * weights[components + k])) / components, { detects: 0.5 });
    }
  });

  it('has a density that far tails and near components do not break', () => {
    const evaluation = evaluateFlow(flow, Float64Array.from([0, 0, 1e-9, -3, 2, -3]), { target: 'reference' });
    const far = evaluation.logDensity(Float64Array.from([1e6, -1e6, 0]));
    // Only the component of deviation e² counts: -½ (1e6/e²)² - 2 - ln 3 - ½ ln 2π.
    expect(far[0] / (-0.5 * (1e6 / Math.exp(2)) ** 2)).toBeCloseTo(1, 9);
    expect(far.every(Number.isFinite)).toBe(true);
  });

  it('takes each component as often as the others', () => {
    const evaluation = evaluateFlow(flow, Float64Array.from([-100, 0, 100, 0, 0, 0]), { target: 'reference' });
    const count = 10_000;
    const { values } = evaluation.sample(normals('components', 2 * count));
    for (const [index, centre] of [-100, 0, 100].entries()) {
      const isIn = Array.from(values, (x) => (Math.abs(x - centre) < 50 ? 1 : 0));
      assertMean(isIn, 1 / 3, { detects: 0.05 }, `component ${index}`);
    }
  });
});

it('Student t samples of small and large radius join smoothly', () => {
  const flow = onlyBase(studentT(1, 2.5), 1);
  const evaluation = evaluateFlow(flow, new Float64Array(0), { target: 'reference' });
  const count = 1000;
  const at = uniforms('radius', count).map((u) => 10 ** (-9 * u));
  const { values } = evaluation.sample(Float64Array.from([...at, ...new Float64Array(count)]));
  for (const [k, a] of at.entries()) {
    const q = (a * a) / 2.5;
    expect(Math.abs(values[k] / (a * Math.sqrt(Math.expm1(q) / q)) - 1)).toBeLessThan(1e-14);
  }
});
