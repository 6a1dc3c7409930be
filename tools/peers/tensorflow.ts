/** The training step of the reference size as tfjs ops, by the package @tensorflow/tfjs-node where it is installed and loads. */
import { createRequire } from 'node:module';
import { REFERENCE_SIZES, type Start, weightsOf } from '../../packages/kernels/bench/trainingStep.ts';

interface Value {
  slice(begin: readonly number[], size: readonly number[]): Value;
  add(other: Value | number): Value;
  sub(other: Value | number): Value;
  mul(other: Value | number): Value;
  div(other: Value): Value;
  tanh(): Value;
  exp(): Value;
  matMul(other: Value): Value;
  mean(axis: number, keepDims: boolean): Value;
  sum(): Value;
  dataSync(): Float32Array;
  dispose(): void;
}

/** What is used of tfjs. */
interface Tensorflow {
  tensor2d(values: Float32Array, shape: readonly [number, number]): Value;
  variable(value: Value): Value;
  concat(parts: readonly Value[], axis: number): Value;
  readonly train: { adam(rate: number, first: number, second: number): { minimize(loss: () => Value, returnCost: true): Value } };
}

/** The step; or why there is none. */
export function tensorflowStep(start: Start): { step(): void; loss(): number } | string {
  let tf: Tensorflow;
  try {
    tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as Tensorflow;
  } catch (error) {
    return `tfjs-node cannot be loaded: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
  const { layers, nodes, lanes } = REFERENCE_SIZES;
  const shapes = weightsOf(REFERENCE_SIZES);
  const weights = new Map(shapes.map(({ name, rows, columns }) => [name, tf.variable(tf.tensor2d(start[name], [rows, columns]))]));
  const z = tf.tensor2d(start.z, [4, lanes]);
  const x = tf.tensor2d(start.x, [nodes, 1]);
  const [gram, linear] = [tf.tensor2d(start.gram, [nodes, nodes]), tf.tensor2d(start.linear, [nodes, 1])];
  const dense = (name: string, v: Value): Value => (weights.get(`W${name}`) as Value).matMul(v).add(weights.get(`b${name}`) as Value);
  const rows = (v: Value, first: number, count: number): Value => v.slice([first, 0], [count, lanes]);
  const lossOf = (): Value => {
    let y: readonly [Value, Value] = [rows(z, 0, 2), rows(z, 2, 2)];
    for (let k = 0; k < layers; k++) {
      const [given, moved] = k % 2 === 0 ? y : [y[1], y[0]];
      const out = dense(`3.${k}`, dense(`2.${k}`, dense(`1.${k}`, given).tanh()).tanh());
      const next = moved.mul(rows(out, 0, 2).tanh().exp()).add(rows(out, 2, 2));
      y = k % 2 === 0 ? [given, next] : [next, given];
    }
    const [a, b, c, d] = [rows(y[0], 0, 1), rows(y[0], 1, 1), rows(y[1], 0, 1), rows(y[1], 1, 1)];
    const square = d.mul(d);
    const bottom = a.mul(a).add(b.mul(b)).add(c.mul(c)).add(square.mul(square)).add(1);
    const drift = x.mul(2).sub(x.mul(x).mul(x)).div(bottom);
    const [first, second] = [0, 1].map((half) => drift.slice([0, (half * lanes) / 2], [nodes, lanes / 2]).mean(1, true));
    return first
      .mul(gram.matMul(second))
      .sum()
      .sub(linear.mul(first.add(second)).sum())
      .mul(0.5);
  };
  const optimiser = tf.train.adam(start.rate[0], 0.9, 0.999);
  let loss = Number.NaN;
  return {
    step: () => {
      const value = optimiser.minimize(lossOf, true);
      // Reading the loss waits for the step.
      [loss] = value.dataSync();
      value.dispose();
    },
    loss: () => loss,
  };
}
