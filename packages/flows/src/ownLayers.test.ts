/** The layers that docs/own-layers.md shows do what it says, as files of a user's own in a folder elsewhere. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  compileTraining,
  gradient,
  type Precision,
  prepareTensorflow,
  type Tensor,
  type TensorBuilder,
  type TrainingTarget,
  tensorBuilder,
  trainingProgram,
} from '@ergoflow/kernels';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bijection, Mapped } from './flow.ts';

const LANES = 16;
const DIMENSION = 2;

interface UserFile {
  readonly bijection: (dimension: number, contextDimension: number) => Bijection;
  readonly penalty: (g: TensorBuilder, law: { value: Tensor; mean(x: Tensor): Tensor }) => Tensor;
}

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-own-'));
const files: Record<string, UserFile> = {};

beforeAll(async () => {
  const text = readFileSync(new URL('../../../docs/own-layers.md', import.meta.url), 'utf8');
  for (const [, name, code] of text.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)) {
    const path = join(folder, name);
    writeFileSync(path, code);
    files[name] = (await import(/* @vite-ignore */ pathToFileURL(path).href)) as UserFile;
  }
  await prepareTensorflow('wasm');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Points from -3 to 3, and weights that skew and thicken. */
const POINTS = Float64Array.from({ length: DIMENSION * LANES }, (_, k) => ((k * 11) % 32) / 5.2 - 3);
const WEIGHTS: Readonly<Record<string, readonly number[]>> = { skewness: [0.4, -0.7], tails: [0.3, -0.2] };

function run(
  bijection: Bijection,
  outputs: (g: TensorBuilder, z: Tensor, mapped: Mapped, weights: readonly Tensor[]) => Record<string, Tensor>,
  target: TrainingTarget,
  precision: Precision,
): Readonly<Record<string, ArrayLike<number>>> {
  const g = tensorBuilder();
  const weight = (name: string): Tensor => g.input(name, { lanes: false, rows: DIMENSION, columns: 1 });
  const z = g.input('z', { lanes: true, rows: DIMENSION, columns: 1 });
  const results = outputs(g, z, bijection.forward(g, weight, z, null), Object.keys(WEIGHTS).map(weight));
  const kernel = compileTraining(trainingProgram(results), { lanes: LANES, precision, target });
  expect(kernel.target).toBe(target);
  kernel.inputs.z.set(POINTS);
  for (const [name, values] of Object.entries(WEIGHTS)) kernel.inputs[name]?.set(values);
  kernel.run();
  return kernel.outputs;
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++) {
    const bound = tolerance * Math.max(1, Math.abs(expected[k]));
    expect(Math.abs(found[k] - expected[k]), `element ${k}: ${found[k]}, ${expected[k]}`).toBeLessThanOrEqual(bound);
  }
}

/** The terms of a loss in which values and log-determinants count, and its derivatives. */
const lossAndGradient = (g: TensorBuilder, z: Tensor, { value, logDet }: Mapped, weights: readonly Tensor[]): Record<string, Tensor> => {
  const perLane = g.subtract(g.sumRows(g.sin(value)), logDet);
  const [dz, ds, dt] = gradient(g, g.sumLanes(perLane), [z, ...weights]);
  return { value, logDet, perLane, dz, ds, dt };
};

describe('the bijection of the tensor builder', () => {
  it('has the values and slopes of its formula', () => {
    const { value, logDet } = run(files['my-bijection.ts'].bijection(DIMENSION, 0), (_, __, mapped) => ({ ...mapped }), 'reference', 'float64');
    for (let lane = 0; lane < LANES; lane++) {
      let slope = 0;
      for (const [row, [s, t]] of [0, 1].map((k) => [k, [WEIGHTS.skewness[k], WEIGHTS.tails[k]]] as const)) {
        const z = POINTS[row * LANES + lane];
        const inner = Math.exp(t) * Math.asinh(z) + s;
        expectClose([value[row * LANES + lane]], [Math.sinh(inner)], 1e-13);
        slope += t + Math.log(Math.cosh(inner)) - 0.5 * Math.log1p(z * z);
      }
      expectClose([logDet[lane]], [slope], 1e-13);
    }
  });

  it('has the log-determinant of its derivative, and an inverse', () => {
    const own = files['my-bijection.ts'].bijection(DIMENSION, 0);
    const { slopes, logDet, back, backLogDet, z } = run(
      own,
      (g, point, mapped, [skewness, tails]) => {
        const weights = (name: string): Tensor => (name === 'skewness' ? skewness : tails);
        const inverse = own.inverse(g, weights, mapped.value, null);
        // Each value depends on its own point alone, so the sum's derivatives are the Jacobian's diagonal.
        const [diagonal] = gradient(g, g.sumLanes(g.sumRows(mapped.value)), [point]);
        return { slopes: g.sumRows(g.log(diagonal)), logDet: mapped.logDet, back: inverse.value, backLogDet: g.negate(inverse.logDet), z: point };
      },
      'reference',
      'float64',
    );
    expectClose(slopes, logDet, 1e-12);
    expectClose(back, z, 1e-12);
    expectClose(backLogDet, logDet, 1e-12);
  });
});

describe('the bijection of TensorFlow', () => {
  it('is the same map, with the same gradients', () => {
    const found = run(files['my-tensorflow-bijection.ts'].bijection(DIMENSION, 0), lossAndGradient, 'tensorflow', 'float32');
    const expected = run(files['my-bijection.ts'].bijection(DIMENSION, 0), lossAndGradient, 'reference', 'float64');
    // Some twenty float32 operations on values up to 10, and sums over 16 lanes: 200 roundings of 2⁻²⁴.
    for (const name of Object.keys(expected)) expectClose(found[name], expected[name], 200 * 2 ** -24);
  });

  it('undoes itself', () => {
    const own = files['my-tensorflow-bijection.ts'].bijection(DIMENSION, 0);
    const { back, sum } = run(
      own,
      (g, _, { value, logDet }, [skewness, tails]) => {
        const inverse = own.inverse(g, (name) => (name === 'skewness' ? skewness : tails), value, null);
        return { back: inverse.value, sum: g.add(inverse.logDet, logDet) };
      },
      'tensorflow',
      'float32',
    );
    expectClose(back, POINTS, 200 * 2 ** -24);
    expectClose(sum, new Float64Array(LANES), 200 * 2 ** -24);
  });
});

it('the penalty is the squared covariance', () => {
  const g = tensorBuilder();
  const value = g.input('z', { lanes: true, rows: DIMENSION, columns: 1 });
  const penalty = files['my-penalty.ts'].penalty(g, { value, mean: (x) => g.multiply(g.sumLanes(x), g.constant(1 / LANES)) });
  const kernel = compileTraining(trainingProgram({ penalty }), { lanes: LANES, precision: 'float64', target: 'reference' });
  kernel.inputs.z.set(POINTS);
  kernel.run();
  const mean = (f: (x: number, y: number) => number): number => {
    return Array.from({ length: LANES }, (_, k) => f(POINTS[k], POINTS[LANES + k])).reduce((a, b) => a + b) / LANES;
  };
  const covariance = mean((x, y) => x * y) - mean((x) => x) * mean((_, y) => y);
  expectClose(kernel.outputs.penalty, [covariance * covariance], 1e-12);
});
