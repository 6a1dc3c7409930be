/** The spline against a second implementation, and the failures that other libraries' splines are known for. */
import { compileTraining, gradient, type Precision, type TrainingKernel, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { rationalQuadraticSpline } from './rationalQuadraticSpline.ts';

const [BINS, BOUND] = [6, 2.5];
const EACH = 3 * BINS - 1;

/** Value, logDet, and derivatives of their sum by point and parameters, each lane with parameters of its own. */
function splineKernel(direction: 'forward' | 'inverse', lanes: number, precision: Precision = 'float64', bins = BINS, bound = BOUND): TrainingKernel {
  const g = tensorBuilder();
  const lane = (name: string, rows: number) => g.input(name, { lanes: true, rows, columns: 1 });
  const [x, parameters] = [lane('x', 1), lane('parameters', 3 * bins - 1)];
  const { value, logDet } = rationalQuadraticSpline(bins, bound)[direction](g, parameters, x);
  const [slope] = gradient(g, g.sumLanes(value), [x]);
  const [byPoint, byParameters] = gradient(g, g.sumLanes(g.add(value, logDet)), [x, parameters]);
  return compileTraining(trainingProgram({ value, logDet, slope, byPoint, byParameters }), { lanes, precision, target: 'reference' });
}

/** Durkan et al. 2019, §3.1, for one number: knots first, then the bin by search. */
function plainSpline(x: number, raw: ArrayLike<number>): { readonly value: number; readonly logSlope: number } {
  if (Math.abs(x) > BOUND) return { value: x, logSlope: 0 };
  const e = Array.from(raw, (r) => Math.exp(3.5 * Math.tanh(r / 3.5)));
  const knots = (list: readonly number[]): number[] => {
    const total = list.reduce((a, b) => a + b);
    const all = [-BOUND];
    for (const share of list) all.push(all[all.length - 1] + (2 * BOUND * share) / total);
    return all;
  };
  const [xs, ys] = [knots(e.slice(0, BINS)), knots(e.slice(BINS, 2 * BINS))];
  const slopes = [1, ...e.slice(2 * BINS), 1];
  let k = 0;
  while (k < BINS - 1 && xs[k + 1] <= x) k++;
  const [w, h] = [xs[k + 1] - xs[k], ys[k + 1] - ys[k]];
  const s = h / w;
  const t = (x - xs[k]) / w;
  const denominator = s + (slopes[k + 1] + slopes[k] - 2 * s) * t * (1 - t);
  const value = ys[k] + (h * (s * t * t + slopes[k] * t * (1 - t))) / denominator;
  const slope = (s * s * (slopes[k + 1] * t * t + 2 * s * t * (1 - t) + slopes[k] * (1 - t) ** 2)) / denominator ** 2;
  return { value, logSlope: Math.log(slope) };
}

const column = (values: ArrayLike<number>, lane: number, lanes: number): number[] =>
  Array.from({ length: values.length / lanes }, (_, row) => values[row * lanes + lane]);

describe('the rational-quadratic spline', () => {
  it('is that of the paper', () => {
    const lanes = 512;
    const kernel = splineKernel('forward', lanes);
    kernel.inputs.x.set(uniforms('x', lanes).map((u) => 2.2 * BOUND * (u - 0.5)));
    kernel.inputs.parameters.set(uniforms('parameters', lanes * EACH).map((u) => 6 * u - 3));
    kernel.run();
    for (let k = 0; k < lanes; k++) {
      const { value, logSlope } = plainSpline(kernel.inputs.x[k], column(kernel.inputs.parameters, k, lanes));
      expect(Math.abs(kernel.outputs.value[k] - value)).toBeLessThan(1e-12);
      expect(Math.abs(kernel.outputs.logDet[k] - logSlope)).toBeLessThan(1e-11);
      expect(Math.abs(Math.log(kernel.outputs.slope[k]) - logSlope)).toBeLessThan(1e-11);
    }
  });

  it('keeps its bounds, rises, and joins the tails with slope 1', () => {
    const lanes = 1024;
    const kernel = splineKernel('forward', lanes);
    const raw = uniforms('one', EACH).map((u) => 8 * u - 4);
    for (let row = 0; row < EACH; row++) kernel.inputs.parameters.fill(raw[row], row * lanes, (row + 1) * lanes);
    for (let k = 0; k < lanes; k++) kernel.inputs.x[k] = -BOUND + (2 * BOUND * k) / (lanes - 1);
    kernel.run();
    const { value, logDet, slope } = kernel.outputs;
    expect(Math.abs(value[0] + BOUND)).toBeLessThan(1e-14);
    expect(Math.abs(value[lanes - 1] - BOUND)).toBeLessThan(1e-13);
    for (const end of [0, lanes - 1]) expect(Math.abs(logDet[end])).toBeLessThan(1e-12);
    for (let k = 1; k < lanes; k++) expect(value[k]).toBeGreaterThan(value[k - 1]);
    expect(slope.every((x) => x > 0)).toBe(true);
  });
});

/** Parameters that saturate all bounds, and others; points everywhere, most of them where an inverse has failed before: at and beside knots and bounds. */
function hostile(kernel: TrainingKernel, lanes: number): void {
  const kinds = uniforms('kinds', lanes * EACH);
  kernel.inputs.parameters.set(kinds.map((u) => (u < 0.3 ? -1e6 : u < 0.6 ? 1e6 : 20 * (u - 0.8))));
  kernel.inputs.x.set(
    uniforms('at', lanes).map((u, k) => (k % 4 === 0 ? BOUND * Math.sign(u - 0.5) * (1 - 2 ** -(20 + (k % 33))) : 2 * BOUND * (u - 0.5))),
  );
}

describe.each(['float64', 'float32'] as const)('in %s', (precision) => {
  // A negative discriminant ended runs of nflows (#87, #71, #23), pyro (#3139) and sbi (#373).
  it('the inverse has a root between the bounds for any parameters', () => {
    const lanes = 4096;
    const [forward, inverse] = (['forward', 'inverse'] as const).map((direction) => splineKernel(direction, lanes, precision));
    hostile(inverse, lanes);
    inverse.run();
    const slack = BOUND * (precision === 'float64' ? 1e-13 : 1e-5);
    expect(inverse.outputs.value.every((x) => x >= -BOUND - slack && x <= BOUND + slack)).toBe(true);
    for (const values of Object.values(inverse.outputs)) expect(values.every(Number.isFinite)).toBe(true);
    forward.inputs.parameters.set(inverse.inputs.parameters);
    forward.inputs.x.set(inverse.outputs.value);
    forward.run();
    for (const values of Object.values(forward.outputs)) expect(values.every(Number.isFinite)).toBe(true);
    const unit = precision === 'float64' ? 2 ** -53 : 2 ** -24;
    for (let k = 0; k < lanes; k++) {
      const tolerance = 64 * unit * BOUND * (1 + Math.exp(forward.outputs.logDet[k]));
      expect(Math.abs(forward.outputs.value[k] - inverse.inputs.x[k])).toBeLessThan(tolerance);
    }
  });

  // A point outside made gradients of the whole batch NaN (flowjax #239) or infinite (bayesflow #721, #758, #759).
  it.each(['forward', 'inverse'] as const)('points outside add nothing to the gradient of shared parameters, %s', (direction) => {
    const g = tensorBuilder();
    const x = g.input('x', { lanes: true, rows: 1, columns: 1 });
    const parameters = g.input('parameters', { lanes: false, rows: EACH, columns: 1 });
    const { value, logDet } = rationalQuadraticSpline(BINS, BOUND)[direction](g, parameters, x);
    const [byParameters] = gradient(g, g.sumLanes(g.add(value, logDet)), [parameters]);
    const kernel = compileTraining(trainingProgram({ byParameters }), { lanes: 32, precision, target: 'reference' });
    kernel.inputs.parameters.set(uniforms('shared', EACH).map((u) => 4 * u - 2));
    const inside = uniforms('inside', 16).map((u) => 2 * BOUND * (u - 0.5));
    const gradients = [1e-6, 1e6, 1e30].map((beyond) => {
      kernel.inputs.x.set([...inside, ...Array.from({ length: 16 }, (_, k) => (k % 2 === 0 ? 1 : -1) * (BOUND + beyond))]);
      kernel.run();
      return Array.from(kernel.outputs.byParameters);
    });
    expect(gradients[0].every((derivative) => Number.isFinite(derivative) && derivative !== 0)).toBe(true);
    expect(gradients[1]).toEqual(gradients[0]);
    expect(gradients[2]).toEqual(gradients[0]);
  });
});

it('a spline of any size takes equally many nodes', () => {
  const nodes = (bins: number, rows: number): number => {
    const g = tensorBuilder();
    const parameters = g.input('parameters', { lanes: true, rows: rows * (3 * bins - 1), columns: 1 });
    rationalQuadraticSpline(bins, 5).inverse(g, parameters, g.input('x', { lanes: true, rows, columns: 1 }));
    return g.tensors.length;
  };
  expect(nodes(16, 10)).toBe(nodes(4, 2));
  expect(nodes(8, 2)).toBeLessThan(120);
});
