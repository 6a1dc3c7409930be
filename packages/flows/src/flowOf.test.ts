/** One contract for all flows: a start at the base, densities that integrate to 1 and that samples follow, gradients, and sizes. */
import { compileTraining, gradient, type Tensor, tensorBuilder, trainingProgram } from '@ergoflow/kernels';
import { assertBoundedMean, assertDistribution, uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { evaluateFlow } from './evaluateFlow.ts';
import { largestError, scatteredWeights, startWeights } from './fixtures/bijectionCase.ts';
import { normals } from './fixtures/normals.ts';
import { distributionFunction, integral, sinhRule } from './fixtures/quadrature.ts';
import { SPECS } from './fixtures/specs.ts';
import { flowOf } from './flowOf.ts';
import type { FlowSpec } from './spec.ts';
import { setWeights, weightInputs } from './weights.ts';

const DIMENSIONS = [1, 2, 3, 5].flatMap((d) => [0, 2].map((c) => ({ d, c })));
const EMPTY = new Float64Array(0);

describe.each(Object.entries(SPECS))('%s', (name, spec) => {
  it.each(DIMENSIONS)('gives a sample the density that its value has: $d dimensions, $c of context', ({ d, c }) => {
    const flow = flowOf(spec, d, c);
    const evaluation = evaluateFlow(flow, scatteredWeights(flow.weights, name), { target: 'reference' });
    const context = uniforms('context', c * 40);
    const { values, logDensity } = evaluation.sample(normals(name, flow.normals * 40), context);
    expect(largestError(evaluation.logDensity(values, context), logDensity ?? EMPTY)).toBeLessThan(1e-10);
  });

  it.each(DIMENSIONS)('starts at its base: $d dimensions, $c of context', ({ d, c }) => {
    const flow = flowOf({ ...spec, mixing: 'none' }, d, c);
    const base = flowOf({ ...spec, mixing: 'none', layers: 1 }, d, c);
    const given = normals('start', flow.normals * 40);
    const context = uniforms('context', c * 40);
    const [sampled, wanted] = [flow, base].map((each) =>
      evaluateFlow(each, startWeights(each, 'start'), { target: 'reference' }).sample(given, context),
    );
    expect(largestError(sampled.values, wanted.values)).toBeLessThan(1e-13);
    if (spec.base === undefined) expect(largestError(sampled.values, given)).toBeLessThan(1e-13);
  });

  it('integrates to 1 within 1e-6 in one dimension, and samples follow it, with a false-alarm rate of 1e-6 and a detectable distance of 0.04', () => {
    const flow = flowOf(spec, 1, 2);
    // Milder weights than above: densities of splines have kinks, which the rule meets with an error of second order.
    const evaluation = evaluateFlow(flow, scatteredWeights(flow.weights, name, 0.3));
    const rule = sinhRule(1, 6, 1e-3);
    const context = Float64Array.of(0.7, -0.4);
    const logDensity = evaluation.logDensity(rule.points, context);
    expect(Math.abs(integral(rule, logDensity) - 1)).toBeLessThan(1e-6);
    const { values } = evaluation.sample(normals(`one ${name}`, flow.normals * 20_000), context);
    assertDistribution(values, distributionFunction(rule, logDensity), { detects: 0.04 });
  });

  it('has samples that follow its density in two dimensions, with a false-alarm rate of 1e-6 and a detectable difference of 0.15', () => {
    const flow = flowOf(spec, 2);
    const evaluation = evaluateFlow(flow, scatteredWeights(flow.weights, name, 0.3));
    const rule = sinhRule(2, 6, 0.125);
    const logDensity = evaluation.logDensity(rule.points);
    // Densities of splines have kinks; they are integrated on a finer grid in flowOf.slow.test.ts.
    const isSmooth = spec.family !== 'spline' && spec.transformer !== 'spline';
    if (isSmooth) expect(Math.abs(integral(rule, logDensity) - 1)).toBeLessThan(1e-6);
    const count = 6000;
    const { values } = evaluation.sample(normals(`two ${name}`, flow.normals * count));
    for (const [a, b, phase] of [
      [1, 0, 0],
      [0.5, -1, 1],
      [-1, -1.5, 2],
    ]) {
      const f = (point: (row: number) => number): number => Math.cos(a * point(0) + b * point(1) + phase);
      const expected = integral(rule, logDensity, f);
      const samples = Float64Array.from({ length: count }, (_, k) => f((row) => values[row * count + k]));
      assertBoundedMean(samples, expected, { low: -1, high: 1 }, { detects: 0.15 });
    }
  });

  // The estimator needs the density with weights held fixed at values that move with them, which takes both directions of the map (flowjax #66).
  it('has a path derivative of ln q that vanishes where the flow is the target, and a total one that does not', () => {
    const flow = flowOf(spec, 2);
    const g = tensorBuilder();
    const given = weightInputs(g, flow.weights);
    const fixed = (weight: string): Tensor => g.stopGradient(given(weight));
    const { value, logDensity: total } = flow.sample(g, given, g.input('z', { lanes: true, rows: flow.normals, columns: 1 }), null);
    const logDensity = flow.logDensity as NonNullable<typeof flow.logDensity>;
    const target = logDensity(g, weightInputs(g, flow.weights, 'target.'), value, null);
    const tensors = flow.weights.map((weight) => given(weight.name));
    const byPath = gradient(g, g.sumLanes(g.subtract(logDensity(g, fixed, value, null), target)), tensors);
    const byAll = gradient(g, g.sumLanes(g.subtract(total as Tensor, target)), tensors);
    const names = (list: readonly Tensor[], prefix: string) => Object.fromEntries(list.map((tensor, k) => [`${prefix}${k}`, tensor]));
    const kernel = compileTraining(trainingProgram({ ...names(byPath, 'path'), ...names(byAll, 'all') }), {
      precision: 'float64',
      target: 'reference',
    });
    const weights = scatteredWeights(flow.weights, name);
    setWeights(kernel.inputs, flow.weights, weights);
    setWeights(kernel.inputs, flow.weights, weights, 'target.');
    kernel.inputs.z.set(normals('path', flow.normals * 16));
    kernel.run();
    const sizes = (prefix: string) =>
      Object.entries(kernel.outputs).flatMap(([key, values]) => (key.startsWith(prefix) ? Array.from(values, (x) => Math.abs(x)) : []));
    expect(Math.max(...sizes('path'))).toBeLessThan(1e-9);
    expect(Math.max(...sizes('all'))).toBeGreaterThan(0.1);
  });
});

describe('a pushforward', () => {
  it('has samples and no density, starts at its base, and depends on the context', () => {
    const flow = flowOf({ family: 'pushforward', hidden: [6] }, 3, 1);
    expect(flow.logDensity).toBeNull();
    const given = normals('pushforward', 3 * 40);
    const atStart = evaluateFlow(flow, startWeights(flow, 'start'), { target: 'reference' }).sample(given, Float64Array.of(0.5));
    expect(atStart.logDensity).toBeNull();
    expect(largestError(atStart.values, given)).toBeLessThan(1e-14);
    const evaluation = evaluateFlow(flow, scatteredWeights(flow.weights, 'pushforward'), { target: 'reference' });
    const [a, b] = [0, 1].map((context) => evaluation.sample(given, Float64Array.of(context)).values);
    expect(a.every((x, k) => x !== b[k])).toBe(true);
    expect(() => evaluation.logDensity(given, Float64Array.of(0))).toThrow('the flow must have a density, got a plain pushforward');
  });
});

describe('a context', () => {
  it.each(['coupling', 'spline', 'autoregressive', 'pushforward'] as const)(
    'may have a column for each of several laws of one %s, sampled from the same normals',
    (family) => {
      const flow = flowOf({ family, layers: 2, hidden: [6] }, 3, 1);
      const g = tensorBuilder();
      const z = g.input('z', { lanes: true, rows: flow.normals, columns: 1 });
      const { value } = flow.sample(g, weightInputs(g, flow.weights), z, g.input('context', { lanes: false, rows: 1, columns: 4 }));
      expect([value.rows, value.columns, value.lanes]).toEqual([3, 4, true]);
      const kernel = compileTraining(trainingProgram({ value }), { precision: 'float64', target: 'reference' });
      const weights = scatteredWeights(flow.weights, family);
      setWeights(kernel.inputs, flow.weights, weights);
      const given = normals('columns', flow.normals * 16);
      kernel.inputs.z.set(given);
      kernel.inputs.context.set([-1, 0, 0.5, 2]);
      kernel.run();
      const evaluation = evaluateFlow(flow, weights, { target: 'reference' });
      for (const [column, x] of [-1, 0, 0.5, 2].entries()) {
        const { values } = evaluation.sample(given, Float64Array.of(x));
        const found = Float64Array.from({ length: 48 }, (_, k) => kernel.outputs.value[(Math.floor(k / 16) * 4 + column) * 16 + (k % 16)]);
        expect(largestError(found, values)).toBeLessThan(1e-14);
      }
    },
  );
});

describe('sizes', () => {
  it.each(['coupling', 'spline'] as const)('of the graph of a %s do not grow with dimension or bins', (family) => {
    const nodes = (d: number, bins: number): number => {
      const flow = flowOf({ family, bins }, d);
      const g = tensorBuilder();
      flow.sample(g, weightInputs(g, flow.weights), g.input('z', { lanes: true, rows: flow.normals, columns: 1 }), null);
      return g.tensors.length;
    };
    expect(nodes(20, 16)).toBeLessThanOrEqual(nodes(4, 8) + 2);
    expect(nodes(4, 8)).toBeLessThan(family === 'spline' ? 500 : 200);
  });

  it.each([
    [{ family: 'glow' }, 'family must be one of coupling, spline, autoregressive, pushforward, got "glow"'],
    [{ family: 'coupling', layers: 0 }, 'layers must be a whole number ≥ 1, got 0'],
    [{ family: 'coupling', hidden: [64, 0.5] }, 'hidden[1] must be a whole number ≥ 1, got 0.5'],
    [{ family: 'spline', bins: 1 }, 'bins must be a whole number ≥ 2, got 1'],
    [{ family: 'spline', bound: Number.NaN }, 'bound must be a finite number > 0, got NaN'],
    [{ family: 'coupling', logScaleBound: 0 }, 'logScaleBound must be a finite number > 0, got 0'],
    [{ family: 'coupling', activation: 'gelu' }, 'activation must be one of tanh, relu, got "gelu"'],
    [{ family: 'coupling', base: { law: 'student-t', degreesOfFreedom: 0.5 } }, 'base.degreesOfFreedom must be a finite number ≥ 1, got 0.5'],
    [{ family: 'coupling', base: { law: 'cauchy' } }, 'base.law must be one of normal, student-t, normal-mixture, got "cauchy"'],
  ])('out of range are refused: %j', (spec, message) => {
    expect(() => flowOf(spec as FlowSpec, 2)).toThrow(new RangeError(message));
  });

  it('of 0 dimensions are refused', () => {
    expect(() => flowOf({ family: 'coupling' }, 0)).toThrow('dimension must be a whole number ≥ 1, got 0');
    expect(() => flowOf({ family: 'coupling' }, 1, -1)).toThrow('contextDimension must be a whole number ≥ 0, got -1');
  });
});
