/** Layers of a user, in a file of the user's own, made of TensorFlow's operations. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileTraining } from './compileTraining.ts';
import type { CustomFunction } from './customFunction.ts';
import { LANES, lane, shared, spread } from './fixtures/cases.ts';
import { gradient } from './gradient.ts';
import { prepareTensorflow } from './targets/loadTensorflow.ts';
import { type Tensor, type TensorBuilder, tensorBuilder } from './tensor.ts';
import { trainingProgram } from './trainingProgram.ts';

/** A bijection that shears each value by a weight: two results, value and ln |det|, and an input that the second does not use. */
const LAYER = `
export function shear(tf, x, scale, shift) {
  const value = tf.add(tf.mul(x, tf.exp(scale)), tf.tanh(shift));
  return [value, tf.sum(tf.mul(tf.onesLike(x), scale), 0, true)];
}
export const wrongShape = function wrongShape(tf, x) { return [tf.sum(x)]; };
`;

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-layer-'));
let shear: CustomFunction;
let wrongShape: CustomFunction;

beforeAll(async () => {
  const path = join(folder, 'my-layer.mjs');
  writeFileSync(path, LAYER);
  ({ shear, wrongShape } = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as { shear: CustomFunction; wrongShape: CustomFunction });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The layer by primitives. */
function own(g: TensorBuilder, x: Tensor, scale: Tensor, shift: Tensor): Tensor[] {
  const ones = g.broadcast(g.constant(1), { lanes: true, rows: x.rows, columns: 1 });
  return [g.add(g.multiply(x, g.exp(scale)), g.tanh(shift)), g.sumRows(g.multiply(ones, scale))];
}

function lossOf(build: (g: TensorBuilder, ...x: Tensor[]) => Tensor[]): { g: TensorBuilder; loss: Tensor; wrt: Tensor[] } {
  const g = tensorBuilder();
  const wrt = [g.input('x', lane(3)), g.input('scale', shared(3)), g.input('shift', shared(1))];
  const [value, logDet] = build(g, ...wrt);
  return { g, loss: g.sumLanes(g.subtract(g.sumRows(g.sin(value)), g.multiply(logDet, logDet))), wrt };
}

const custom = (g: TensorBuilder, x: Tensor, scale: Tensor, shift: Tensor): Tensor[] =>
  g.custom('my shear', shear, [x, scale, shift], [lane(3), lane(1)]);

/** The loss and its derivatives. */
function derivatives(build: typeof own): Float32Array {
  const { g, loss, wrt } = lossOf(build);
  const results = [loss, ...gradient(g, loss, wrt)];
  const kernel = compileTraining(trainingProgram(Object.fromEntries(results.map((part, k) => [`d${k}`, part]))), {
    lanes: LANES,
    target: 'tensorflow',
  });
  for (const [k, values] of Object.values(kernel.inputs).entries()) values.set(spread(values.length, 0.3 * k));
  kernel.run();
  return Float32Array.from(Object.values(kernel.outputs).flatMap((values) => [...values]));
}

describe.each(['wasm', 'cpu'])('a custom function on %s', (backend) => {
  beforeAll(async () => {
    await prepareTensorflow(backend);
  });

  it('has the values and derivatives of the same layer by primitives', () => {
    const [found, expected] = [derivatives(custom), derivatives(own)];
    // Both are sums of at most 48 terms in float32 with some ten operations before them: 100 roundings of the largest value.
    const tolerance = 100 * 2 ** -24 * Math.max(...expected.map(Math.abs));
    expect(found.length).toBe(expected.length);
    for (const [k, value] of expected.entries()) expect(Math.abs(found[k] - value), `element ${k}`).toBeLessThanOrEqual(tolerance);
  });

  it('must keep to the shape that was declared', () => {
    const g = tensorBuilder();
    const [value] = g.custom('my sum', wrongShape, [g.input('x', lane(3))], [lane(1)]);
    const kernel = compileTraining(trainingProgram({ value }), { target: 'tensorflow' });
    expect(() => kernel.run()).toThrow('result 0 of my sum must be float32 [1, 1, 16] (rows, columns, lanes), got float32 []');
  });

  it('is called once for all its results', () => {
    let calls = 0;
    const g = tensorBuilder();
    const twice: CustomFunction = (tf, x) => {
      calls++;
      return [tf.add(x, x), tf.neg(x)];
    };
    const [sum, negative] = g.custom('twice', twice, [g.input('x', lane(1))], [lane(1), lane(1)]);
    const kernel = compileTraining(trainingProgram({ sum, negative }), { target: 'tensorflow' });
    kernel.inputs.x.fill(3);
    kernel.run();
    expect([kernel.outputs.sum[0], kernel.outputs.negative[15], calls]).toEqual([6, -3, 1]);
  });
});

describe('a custom function', () => {
  const program = (): Parameters<typeof compileTraining>[0] => trainingProgram({ loss: lossOf(custom).loss });

  it.each(['native', 'wasm', 'reference'] as const)('does not run on %s', (target) => {
    expect(() => compileTraining(program(), { target })).toThrow(
      `my shear is made of TensorFlow's operations and must run on the target tensorflow, got ${target}`,
    );
  });

  // TensorFlow.js gives d²/ds² of x·eˢ wrongly, without an error.
  it('is not differentiated twice', () => {
    const { g, loss, wrt } = lossOf(custom);
    const [, scale] = gradient(g, loss, wrt);
    expect(() => gradient(g, g.sumRows(scale), wrt)).toThrow('must be differentiated once at most');
  });

  it('needs TensorFlow, in float32', async () => {
    const { backend, detail } = await prepareTensorflow('abacus');
    expect([backend, detail]).toEqual([null, 'ERGOFLOW_TENSORFLOW must be node, wasm or cpu, got abacus']);
    expect(() => compileTraining(program(), { target: 'tensorflow' })).toThrow('await prepareTensorflow()');
    expect(() => compileTraining(program(), { target: 'tensorflow', precision: 'float64' })).toThrow(
      'tensorflow computes in float32 only, got float64',
    );
  });
});

describe('a program without custom functions', () => {
  it('runs elsewhere where TensorFlow is not loaded, or has no such numbers, and says why', async () => {
    const g = tensorBuilder();
    const program = trainingProgram({ y: g.exp(g.input('x', lane(1))) });
    await prepareTensorflow('abacus');
    const early = compileTraining(program, { target: 'tensorflow' });
    expect(early.target).not.toBe('tensorflow');
    expect(early.fallback).toContain('await prepareTensorflow()');
    await prepareTensorflow('cpu');
    const double = compileTraining(program, { target: 'tensorflow', precision: 'float64' });
    expect([double.target === 'tensorflow', double.fallback]).toEqual([false, 'tensorflow computes in float32 only, got float64']);
  });
});
