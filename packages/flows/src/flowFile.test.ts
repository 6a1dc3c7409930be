import { uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { evaluateFlow } from './evaluateFlow.ts';
import { scatteredWeights } from './fixtures/bijectionCase.ts';
import { type FlowFile, loadFlow, saveFlow } from './flowFile.ts';
import { flowOf } from './flowOf.ts';
import type { FlowSpec } from './spec.ts';

const SPEC: FlowSpec = { family: 'autoregressive', layers: 2, hidden: [5], base: { law: 'student-t' } };
const flow = flowOf(SPEC, 2, 1);
const weights = scatteredWeights(flow.weights, 'file');
const file = saveFlow(SPEC, 2, 1, weights);

describe('a saved flow', () => {
  it('gives the same bits when it is loaded, through JSON and bytes', () => {
    const bytes = new Uint8Array(weights.buffer.slice(0));
    const loaded = new Float64Array(bytes.buffer);
    const again = loadFlow(JSON.parse(JSON.stringify(file)) as FlowFile, loaded);
    const points = uniforms('points', 2 * 20).map((u) => 6 * u - 3);
    const densities = [flow, again].map((each) => evaluateFlow(each, loaded, { target: 'reference' }).logDensity(points, Float64Array.of(0.2)));
    expect(densities[1]).toEqual(densities[0]);
    expect(densities[0].every(Number.isFinite)).toBe(true);
  });

  it('says all that it was made with, defaults too', () => {
    expect(file.spec).toMatchObject({
      transformer: 'affine',
      mixing: 'reverse',
      activation: 'relu',
      base: { law: 'student-t', degreesOfFreedom: 5 },
    });
    expect(file.weightCount).toBe(weights.length);
  });

  it('does not depend on the order of keys', () => {
    const reordered = { ...file, spec: Object.fromEntries(Object.entries(file.spec).reverse()) } as unknown as FlowFile;
    expect(loadFlow(reordered, weights).weights).toEqual(flow.weights);
  });

  it.each([
    ['another version', { ...file, version: 2 }, weights, 'version must be 1, got 2'],
    ['another format', { ...file, format: 'onnx' }, weights, 'format must be ergoflow-flow, got "onnx"'],
    ['another activation', { ...file, spec: { ...file.spec, activation: 'tanh' } }, weights, 'specDigest must be that of the specification'],
    ['another base', { ...file, spec: { ...file.spec, base: { law: 'student-t', degreesOfFreedom: 4 } } }, weights, 'specDigest must be'],
    ['other sizes', { ...file, dimension: 3 }, weights, 'weights must be'],
    ['a weight changed by one unit in the last place', file, weights.map((x, k) => (k === 7 ? x * (1 + 2 ** -52) : x)), 'weightsDigest must be'],
    ['a weight that is no number', file, weights.map((x, k) => (k === 7 ? Number.NaN : x)), 'weights must be finite, got NaN at 7'],
    ['a weight too few', file, weights.subarray(1), `weights must be ${weights.length} numbers, got ${weights.length - 1}`],
  ])('with %s is refused', (_, changed, given, message) => {
    expect(() => loadFlow(changed as unknown as FlowFile, given)).toThrow(message);
  });
});
