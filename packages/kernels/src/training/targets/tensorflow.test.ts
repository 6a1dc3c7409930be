/**
 * TensorFlow's word on values and gradients: its own reverse mode, run on the forward programs, against ours; and programs of gradients run by it.
 *
 * Both sides are given the same float32 numbers; ours is the reference target in float64, so that the difference is TensorFlow's rounding alone.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { compileTraining } from '../compileTraining.ts';
import type { TensorFlow, TensorFlowTensor } from '../customFunction.ts';
import { CASES, couplingNetwork, LANES, spread, weighted } from '../fixtures/cases.ts';
import { gradient } from '../gradient.ts';
import { type Tensor, tensorBuilder } from '../tensor.ts';
import type { Numbers, TrainingKernel } from '../trainingKernel.ts';
import { type TrainingProgram, trainingProgram } from '../trainingProgram.ts';
import { prepareTensorflow, readyTensorflow, TENSORFLOW_BACKENDS, type TensorflowBackend } from './loadTensorflow.ts';
import { computed, evaluate, OPERATIONS, type Operation, sizesOf } from './tensorflow.ts';

/** A loss and what to differentiate it by. */
interface Problem {
  readonly loss: Tensor;
  readonly wrt: readonly Tensor[];
  /** The loss, and its derivatives d0, d1, …. */
  readonly program: TrainingProgram;
}

function problemOf(name: string): Problem {
  const g = tensorBuilder();
  const made = name in CASES ? caseOf(name) : couplingNetwork(g, { dimension: 3, couplings: 3, width: 8, nodes: 5 });
  const { loss, weights: wrt } = made;
  const parts = gradient(g, loss, wrt);
  return { loss, wrt, program: trainingProgram({ loss, ...Object.fromEntries(parts.map((part, k) => [`d${k}`, part])) }) };

  function caseOf(key: string): { loss: Tensor; weights: Tensor[] } {
    const { inputs, build } = CASES[key];
    const weights = inputs.map((shape, k) => g.input(`x${k}`, shape));
    return { loss: weighted(g, build(g, ...weights)), weights };
  }
}

const PROBLEMS = [...Object.keys(CASES), 'a coupling network'];

/** The same float32 numbers for every kernel: random-like in [-1.45, 1.55]. */
function give(kernel: TrainingKernel): void {
  for (const [k, values] of Object.values(kernel.inputs).entries()) values.set(Float32Array.from(spread(values.length, 0.1 + 0.3 * k)));
}

function referenceOf({ program }: Problem): TrainingKernel {
  const kernel = compileTraining(program, { lanes: LANES, precision: 'float64', target: 'reference' });
  give(kernel);
  kernel.run();
  return kernel;
}

/**
 * What float32 may lose of each result: (n + 4 d) u Σ|xᵢ|, with u = 2⁻²⁴, for a sum of n terms xᵢ (Higham 2002, eq. 4.4) at the end of a chain of d
 * operations that round by 4 u at most each. The terms are the parts of the lanes, found by giving each lane's `weight` alone; n is the largest
 * tensor's size.
 */
function roundingOf({ program }: Problem, { inputs: { weight }, outputs, run }: TrainingKernel): Readonly<Record<string, number>> {
  const depth = new Map<Tensor, number>();
  for (const tensor of program.tensors) depth.set(tensor, 1 + Math.max(0, ...tensor.inputs.map((input) => depth.get(input) ?? 0)));
  const terms = Math.max(...program.tensors.map(({ rows, columns, lanes }) => rows * columns * (lanes ? LANES : 1)));
  const sums = Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.map(Math.abs)]));
  if (weight !== undefined) {
    const given = weight.slice();
    for (let lane = 0; lane < LANES; lane++) {
      weight.fill(0);
      weight[lane] = given[lane];
      run();
      for (const [name, parts] of Object.entries(outputs)) for (const [k, part] of parts.entries()) sums[name][k] += Math.abs(part);
    }
    weight.set(given);
    run();
  }
  const rounding = (terms + 4 * Math.max(...depth.values())) * 2 ** -24;
  return Object.fromEntries(Object.entries(sums).map(([name, values]) => [name, rounding * Math.max(...values)]));
}

function expectClose(found: ArrayLike<number>, expected: Numbers, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  for (const [k, value] of expected.entries()) {
    expect(Number.isFinite(value)).toBe(true);
    expect(Math.abs(found[k] - value), `element ${k}: ${found[k]}, ${value}`).toBeLessThanOrEqual(tolerance);
  }
}

/** Zero derivative, where TensorFlow.js has none of its own. */
const constant =
  (operation: Operation): Operation =>
  (tf, inputs, tensor, lanes) => {
    const shapes = inputs.map(({ shape }) => shape);
    return tf.customGrad((...given) => ({
      value: operation(tf, given.slice(0, inputs.length) as TensorFlowTensor[], tensor, lanes),
      gradFunc: () => shapes.map((shape) => tf.zeros(shape)),
    }))(...inputs);
  };

const row = (tf: TensorFlow, value: TensorFlowTensor, k: number): TensorFlowTensor => tf.slice(value, [k, 0, 0], [1, -1, -1]);

/** TensorFlow.js does not sum the gradient of maximum and minimum over what was broadcast. */
const broadcasting =
  (operation: Operation): Operation =>
  (tf, inputs, tensor, lanes) =>
    operation(
      tf,
      inputs.map((input) => tf.broadcastTo(input, sizesOf(tensor, lanes))),
      tensor,
      lanes,
    );

/** The primitives, by operations that TensorFlow.js can differentiate on every back end. */
const DIFFERENTIABLE: typeof OPERATIONS = {
  ...OPERATIONS,
  less: constant(OPERATIONS.less),
  lessEqual: constant(OPERATIONS.lessEqual),
  equal: constant(OPERATIONS.equal),
  maximum: broadcasting(OPERATIONS.maximum),
  minimum: broadcasting(OPERATIONS.minimum),
  stopGradient: constant((tf, [a]) => tf.clone(a)),
  select: (tf, [condition, a, b], tensor, lanes) => tf.where(constant((_, [truth]) => tf.cast(truth, 'bool'))(tf, [condition], tensor, lanes), a, b),
  gatherRows: (tf, [a], { numbers }) =>
    tf.concat(
      numbers.map((k) => row(tf, a, k)),
      0,
    ),
  scatterRows: (tf, [a], { rows, numbers }) => {
    const parts = Array.from({ length: rows }, (_, to) => numbers.flatMap((index, k) => (index === to ? [row(tf, a, k)] : [])));
    return tf.concat(
      parts.map((list) => (list.length === 0 ? tf.zerosLike(row(tf, a, 0)) : tf.addN(list))),
      0,
    );
  },
};

/** The derivatives by TensorFlow's reverse mode on the forward program. */
function byTensorFlow(tf: TensorFlow, { loss, wrt }: Problem, inputs: Readonly<Record<string, Numbers>>): Float32Array[] {
  const { tensors } = trainingProgram({ loss });
  return tf.tidy(() => {
    const given = new Map(
      tensors.filter(({ op }) => op === 'input').map((tensor) => [tensor, tf.tensor(Float32Array.from(inputs[tensor.name]), sizesOf(tensor, LANES))]),
    );
    const forward = (...values: TensorFlowTensor[]): TensorFlowTensor => {
      const input = (tensor: Tensor): TensorFlowTensor => {
        const k = wrt.indexOf(tensor);
        return k === -1 ? computed(given, tensor) : values[k];
      };
      return computed(evaluate(tf, tensors, LANES, input, DIFFERENTIABLE), loss);
    };
    const values = wrt.map((tensor) => computed(given, tensor));
    return tf
      .grads(forward)(values)
      .map((part) => part.dataSync() as Float32Array);
  });
}

const there: TensorflowBackend[] = [];
for (const backend of TENSORFLOW_BACKENDS) if ((await prepareTensorflow(backend)).backend === backend) there.push(backend);

it('runs in WebAssembly and in JavaScript wherever the tests run', () => {
  expect(there).toEqual(expect.arrayContaining(['wasm', 'cpu']));
});

// tfjs-node cannot be installed everywhere: tools/tfjs-node.
describe.each(TENSORFLOW_BACKENDS)('TensorFlow by %s', (backend) => {
  const test = it.runIf(there.includes(backend));

  beforeAll(async () => {
    await prepareTensorflow(backend);
  });

  test.each(PROBLEMS)('gives the gradient of %s that ours is', (name) => {
    const problem = problemOf(name);
    const reference = referenceOf(problem);
    const { tf } = readyTensorflow();
    const found = byTensorFlow(tf, problem, reference.inputs);
    const rounding = roundingOf(problem, reference);
    for (const [k, part] of found.entries()) expectClose(part, reference.outputs[`d${k}`], rounding[`d${k}`]);
  });

  test.each(PROBLEMS)('runs the program of %s and its gradient', (name) => {
    const problem = problemOf(name);
    const reference = referenceOf(problem);
    const kernel = compileTraining(problem.program, { lanes: LANES, target: 'tensorflow' });
    expect(kernel.target).toBe('tensorflow');
    expect(kernel.detail).toContain({ node: 'tfjs-node', wasm: 'tfjs-backend-wasm', cpu: 'tfjs-backend-cpu' }[backend]);
    give(kernel);
    kernel.run();
    const rounding = roundingOf(problem, reference);
    for (const [key, values] of Object.entries(kernel.outputs)) expectClose(values, reference.outputs[key], rounding[key]);
  });
});
