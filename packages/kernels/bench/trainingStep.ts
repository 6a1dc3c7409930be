/** The training step that is timed, on each target: the same start, every step's new weights carried over into the next. */
import { compileTraining, type Numbers, type TrainingTarget } from '../src/index.ts';
import { flowStep, REFERENCE_SIZES, weightsOf } from '../src/training/fixtures/couplingFlow.ts';

export { REFERENCE_SIZES, weightsOf };

/** What a step is given, by the names of couplingFlow.ts. */
export type Start = Readonly<Record<string, Float32Array>>;

/** A step that can be repeated. */
export interface Stepper {
  /** Takes one step. */
  step(): void;
  loss(): number;
  /** The derivative by a weight, after a step. */
  derivative(name: string): Numbers;
}

const WEIGHTS = weightsOf(REFERENCE_SIZES);

/** Numbers of no pattern, normal, the same at each call. */
export function startOf(): Start {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  // Sums of twelve are normal enough here.
  const normals = (count: number, deviation: number): Float32Array =>
    Float32Array.from({ length: count }, () => deviation * (Array.from({ length: 12 }, uniform).reduce((a, b) => a + b) - 6));
  const { nodes, lanes } = REFERENCE_SIZES;
  const start: Record<string, Float32Array> = {
    z: normals(4 * lanes, 1),
    x: Float32Array.from({ length: nodes }, (_, k) => -2 + (4 * k) / (nodes - 1)),
    linear: normals(nodes, 1),
    rate: Float32Array.of(1e-3),
  };
  // A Gram matrix: symmetric, positive, with a band.
  const gram = new Float32Array(nodes * nodes);
  for (let i = 0; i < nodes; i++) for (let j = Math.max(0, i - 3); j < Math.min(nodes, i + 4); j++) gram[i * nodes + j] = 4 - Math.abs(i - j);
  start.gram = gram;
  for (const { name, rows, columns, deviation } of WEIGHTS) {
    start[name] = normals(rows * columns, deviation);
    start[`m ${name}`] = new Float32Array(rows * columns);
    start[`v ${name}`] = new Float32Array(rows * columns);
  }
  return start;
}

/** A target's step; what it takes to make it ready, in milliseconds, is given too. */
export function ours(target: TrainingTarget, start: Start): Stepper & { readonly milliseconds: number } {
  const program = flowStep(REFERENCE_SIZES);
  const before = process.hrtime.bigint();
  const kernel = compileTraining(program, { lanes: REFERENCE_SIZES.lanes, target });
  const milliseconds = Number(process.hrtime.bigint() - before) / 1e6;
  if (kernel.target !== target) throw new Error(`${target} is not available: ${kernel.fallback}`);
  for (const [name, values] of Object.entries(start)) kernel.inputs[name].set(values);
  const carried = WEIGHTS.flatMap(({ name }) =>
    ['', 'm ', 'v '].map((kind) => [kernel.inputs[kind + name], kernel.outputs[`new ${kind}${name}`]] as const),
  );
  return {
    milliseconds,
    step: () => {
      kernel.run();
      for (const [to, from] of carried) to.set(from);
    },
    loss: () => kernel.outputs.loss[0],
    derivative: (name) => kernel.outputs[`d ${name}`],
  };
}
