import { TRAINING_TARGETS, type TrainingTarget } from '@ergoflow/kernels';
import { uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { evaluateFlow } from './evaluateFlow.ts';
import { largestError, scatteredWeights } from './fixtures/bijectionCase.ts';
import { normals } from './fixtures/normals.ts';
import { flowOf } from './flowOf.ts';

const flow = flowOf({ family: 'spline', layers: 2, hidden: [5] }, 2, 1);
const weights = scatteredWeights(flow.weights, 'evaluate');

describe('evaluateFlow', () => {
  const evaluation = evaluateFlow(flow, weights, { target: 'reference' });
  const given = normals('evaluate', 2 * 300);
  const context = uniforms('context', 300);
  const all = evaluation.sample(given, context);

  it.each([1, 15, 16, 17, 300])('gives the same numbers for %i points at a time, in any block', (count) => {
    const part = (values: Float64Array) => Float64Array.from([...values.subarray(0, count), ...values.subarray(300, 300 + count)]);
    for (const block of [16, 64, 256]) {
      const { values, logDensity } = evaluateFlow(flow, weights, { target: 'reference', block }).sample(part(given), context.subarray(0, count));
      expect(values).toEqual(part(all.values));
      expect(logDensity).toEqual(all.logDensity?.subarray(0, count));
    }
  });

  it('takes one context for all points', () => {
    expect(evaluation.sample(given, Float64Array.of(0.3))).toEqual(evaluation.sample(given, new Float64Array(300).fill(0.3)));
  });

  it('keeps its own copy of the weights', () => {
    const mine = weights.slice();
    const kept = evaluateFlow(flow, mine, { target: 'reference' });
    mine.fill(0);
    expect(kept.sample(given, context)).toEqual(all);
  });

  it('refuses wrong numbers of points, contexts and weights', () => {
    expect(() => evaluation.sample(new Float64Array(3), context)).toThrow('normals must be 2 rows of numbers, got 3 numbers');
    expect(() => evaluation.logDensity(new Float64Array(600))).toThrow('context must be 1 numbers, or as many for each of 300 points, got 0');
    expect(() => evaluateFlow(flow, weights.subarray(1), { target: 'reference' }).sample(given, context)).toThrow('weights must be');
  });

  it.each(Object.keys(TRAINING_TARGETS) as TrainingTarget[])('agrees with the reference on the target %s', (target) => {
    for (const [precision, tolerance] of [
      ['float64', 1e-11],
      ['float32', 1e-3],
    ] as const) {
      const other = evaluateFlow(flow, weights, { target, precision });
      const { values, logDensity } = other.sample(given, context);
      expect(largestError(values, all.values)).toBeLessThan(tolerance);
      expect(largestError(logDensity ?? [], all.logDensity ?? [])).toBeLessThan(tolerance);
      expect(largestError(other.logDensity(all.values, context), all.logDensity ?? [])).toBeLessThan(tolerance);
    }
  });
});
