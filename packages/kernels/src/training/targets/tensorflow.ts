/**
 * The target `tensorflow` of training programs: each node as an operation of TensorFlow. An independent check of values and gradients, and what runs a
 * user's own layers. Float32 only; sums and functions round as TensorFlow's do, and WebAssembly loses a NaN that is the
 * second argument of maximum or minimum.
 */
import { Unavailable } from '../../targets/unavailable.ts';
import type { CustomFunction, TensorFlow, TensorFlowTensor } from '../customFunction.ts';
import type { Tensor, TensorOp } from '../tensor.ts';
import type { Precision, TrainingRun } from '../trainingKernel.ts';
import type { TrainingProgram } from '../trainingProgram.ts';
import { activate, readyTensorflow } from './loadTensorflow.ts';

/**
 * Makes a program runnable by what `prepareTensorflow` found.
 *
 * @throws Unavailable if nothing is prepared, or for float64, which TensorFlow.js does not have.
 */
export function tensorflowTraining(program: TrainingProgram, lanes: number, precision: Precision): TrainingRun {
  if (precision !== 'float32') throw new Unavailable(`tensorflow computes in float32 only, got ${precision}`);
  const ready = readyTensorflow();
  const { tf } = ready;
  const array = (tensor: { lanes: boolean; rows: number; columns: number }): Float32Array =>
    new Float32Array(tensor.rows * tensor.columns * (tensor.lanes ? lanes : 1));
  const inputs = Object.fromEntries(program.inputs.map(({ name, shape }) => [name, array(shape)]));
  const outputs = Object.fromEntries(program.outputs.map(({ name, tensor }) => [name, array(tensor)]));
  return {
    inputs,
    outputs,
    detail: ready.detail,
    run: () => {
      activate(ready);
      tf.tidy(() => {
        // A copy, as the back end in JavaScript keeps the array that it is given.
        const input = (tensor: Tensor): TensorFlowTensor => tf.tensor(inputs[tensor.name].slice(), sizesOf(tensor, lanes));
        const values = evaluate(tf, program.tensors, lanes, input);
        for (const { name, tensor } of program.outputs) outputs[name].set(computed(values, tensor).dataSync());
      });
    },
  };
}

/** The sizes of a tensor's values: rows, columns, lanes; in this order they lie as a kernel's inputs and outputs do. */
export const sizesOf = ({ rows, columns, lanes }: Pick<Tensor, 'rows' | 'columns' | 'lanes'>, count: number): [number, number, number] => [
  rows,
  columns,
  lanes ? count : 1,
];

/** Computes a node from the values of its inputs. */
export type Operation = (tf: TensorFlow, inputs: readonly TensorFlowTensor[], tensor: Tensor, lanes: number) => TensorFlowTensor;

/**
 * Computes tensors of a graph.
 *
 * @param tensors With all that they need, inputs first.
 * @param input Gives the value of an input.
 * @param operations What the primitives mean.
 * @throws TypeError if a custom function gives something else than it was declared to.
 */
export function evaluate(
  tf: TensorFlow,
  tensors: readonly Tensor[],
  lanes: number,
  input: (tensor: Tensor) => TensorFlowTensor,
  operations: Readonly<Record<Primitive, Operation>> = OPERATIONS,
): ReadonlyMap<Tensor, TensorFlowTensor> {
  const values = new Map<Tensor, TensorFlowTensor>();
  /** The results of custom functions, by function and inputs: each is called once for all its results. */
  const calls = new Map<string, readonly TensorFlowTensor[]>();
  for (const tensor of tensors) {
    const given = tensor.inputs.map((from) => computed(values, from));
    values.set(tensor, compute(tensor, given));
  }
  return values;

  function compute(tensor: Tensor, given: readonly TensorFlowTensor[]): TensorFlowTensor {
    if (tensor.op === 'input') return input(tensor);
    if (tensor.op === 'constant') return tf.tensor(Float32Array.from(tensor.numbers), sizesOf(tensor, lanes));
    if (tensor.op !== 'custom') return operations[tensor.op](tf, given, tensor, lanes);
    const [group, k] = tensor.numbers;
    const key = `${group}|${tensor.inputs.map(({ id }) => id).join()}`;
    const results = calls.get(key) ?? (tensor.custom as CustomFunction)(tf, ...given);
    calls.set(key, results);
    const [result, sizes] = [results[k], sizesOf(tensor, lanes)];
    if (result?.dtype !== 'float32' || result.shape.join() !== sizes.join()) {
      const found = result === undefined ? 'nothing' : `${result.dtype} [${result.shape.join(', ')}]`;
      throw new TypeError(`result ${k} of ${tensor.name} must be float32 [${sizes.join(', ')}] (rows, columns, lanes), got ${found}`);
    }
    return result;
  }
}

/** A value that was computed before. */
export const computed = (values: ReadonlyMap<Tensor, TensorFlowTensor>, tensor: Tensor): TensorFlowTensor => values.get(tensor) as TensorFlowTensor;

/** What is neither a leaf nor a user's. */
export type Primitive = Exclude<TensorOp, 'input' | 'constant' | 'custom'>;

const unary =
  (name: 'neg' | 'abs' | 'floor' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh' | 'atan' | 'erf'): Operation =>
  (tf, [a]) =>
    tf[name](a);
const binary =
  (name: 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum'): Operation =>
  (tf, [a, b]) =>
    tf[name](a, b);
const comparison =
  (name: 'less' | 'lessEqual' | 'equal'): Operation =>
  (tf, [a, b]) =>
    tf.cast(tf[name](a, b), 'float32');

/** A larger tensor; `broadcastTo` does the same in 20 times the time in WebAssembly. */
const spread = (tf: TensorFlow, value: TensorFlowTensor, sizes: number[]): TensorFlowTensor =>
  value.shape.join() === sizes.join() ? value : tf.mul(value, tf.ones(sizes));

/** A matrix of columns × lanes columns: what dense layers multiply. It is transposed before, as WebAssembly's products of transposed ones are slow. */
const flat = (tf: TensorFlow, value: TensorFlowTensor): TensorFlowTensor => tf.reshape(value, [value.shape[0], -1]);

const dense =
  (transposed: boolean): Operation =>
  (tf, [weights, x], tensor, lanes) => {
    const matrix = flat(tf, weights);
    return tf.reshape(tf.matMul(transposed ? tf.transpose(matrix) : matrix, flat(tf, x)), sizesOf(tensor, lanes));
  };

/** What each primitive is in TensorFlow. */
export const OPERATIONS: Readonly<Record<Primitive, Operation>> = {
  add: binary('add'),
  subtract: binary('sub'),
  multiply: binary('mul'),
  divide: binary('div'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  less: comparison('less'),
  lessEqual: comparison('lessEqual'),
  equal: comparison('equal'),
  select: (tf, [condition, a, b]) => tf.where(tf.notEqual(condition, 0), a, b),
  negate: unary('neg'),
  absolute: unary('abs'),
  floor: unary('floor'),
  squareRoot: unary('sqrt'),
  exp: unary('exp'),
  log: unary('log'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  atan: unary('atan'),
  erf: unary('erf'),
  stopGradient: (_, [a]) => a,
  gatherRows: (tf, [a], { numbers }) => tf.gather(a, tf.tensor1d([...numbers], 'int32'), 0),
  scatterRows: (tf, [a], tensor, lanes) =>
    tf.scatterND(tf.tensor2d([...tensor.numbers], [tensor.numbers.length, 1], 'int32'), a, sizesOf(tensor, lanes)),
  concatenateRows: (tf, parts, tensor, lanes) =>
    tf.concat(
      parts.map((part) => spread(tf, part, [part.shape[0], ...sizesOf(tensor, lanes).slice(1)])),
      0,
    ),
  transpose: (tf, [a]) => tf.transpose(a, [1, 0, 2]),
  broadcast: (tf, [a], tensor, lanes) => spread(tf, a, sizesOf(tensor, lanes)),
  sumRows: (tf, [a], { rows }) => tf.sum(tf.reshape(a, [rows, -1, ...a.shape.slice(1)]), 1),
  sumColumns: (tf, [a]) => tf.sum(a, 1, true),
  sumLanes: (tf, [a], { numbers: [groups] }, lanes) =>
    groups === 1 ? tf.sum(a, 2, true) : tf.expandDims(tf.transpose(tf.sum(tf.reshape(a, [-1, groups, lanes / groups]), 2)), 2),
  spreadLanes: (tf, [a], { numbers: [groups], columns }, lanes) =>
    tf.reshape(spread(tf, tf.transpose(a, [1, 0, 2]), [columns, groups, lanes / groups]), [1, columns, lanes]),
  dense: dense(false),
  denseTransposed: dense(true),
  outer: (tf, [a, b], tensor, lanes) => tf.reshape(tf.matMul(flat(tf, a), tf.transpose(flat(tf, b))), sizesOf(tensor, lanes)),
};
