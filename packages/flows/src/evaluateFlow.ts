/** Samples and densities of a flow with given weights, at any number of points. */
import {
  compileTraining,
  LANE_MULTIPLE,
  type Precision,
  type Tensor,
  type TrainingKernel,
  type TrainingTarget,
  tensorBuilder,
  trainingProgram,
} from '@ergoflow/kernels';
import type { Flow } from './flow.ts';
import { setWeights, weightInputs } from './weights.ts';

/** How a flow is evaluated. */
export interface EvaluationOptions {
  /** Default native, or what can be had here instead of it. */
  readonly target?: TrainingTarget;
  /** Default float64. */
  readonly precision?: Precision;
  /** Points computed at once: a multiple of 16, default 256. Results do not depend on it. */
  readonly block?: number;
}

/** Samples, and the ln density at each; null for a flow without a density. */
export interface Samples {
  /** [dimension × count], row by row. */
  readonly values: Float64Array;
  /** [count]. */
  readonly logDensity: Float64Array | null;
}

/** A flow with weights. Matrices are row by row: all points' first coordinates, then all second ones. */
export interface FlowEvaluation {
  /**
   * Makes samples of standard normals.
   *
   * @param normals [flow.normals × count].
   * @param context [contextDimension × count], or [contextDimension] for all samples; nothing if the flow has no context.
   */
  sample(normals: Float64Array, context?: Float64Array): Samples;
  /**
   * Computes ln density.
   *
   * @param values [dimension × count].
   * @param context As in `sample`.
   * @returns [count].
   * @throws RangeError for a flow without a density.
   */
  logDensity(values: Float64Array, context?: Float64Array): Float64Array;
}

/**
 * Gives a flow its weights; programs are compiled at the first use of each method.
 *
 * @param weights Packed, as `packWeights` gives them; copied.
 * @throws RangeError if weights, points or context have a wrong number of elements.
 */
export function evaluateFlow(flow: Flow, weights: Float64Array, options: EvaluationOptions = {}): FlowEvaluation {
  const { block = 16 * LANE_MULTIPLE, precision = 'float64', target = 'native' } = options;
  const own = weights.slice();
  function compiled(
    rows: number,
    outputs: (g: ReturnType<typeof tensorBuilder>, x: Tensor, context: Tensor | null) => Record<string, Tensor>,
  ): TrainingKernel {
    const g = tensorBuilder();
    const lane = (name: string, count: number): Tensor => g.input(name, { lanes: true, rows: count, columns: 1 });
    const results = outputs(g, lane('points', rows), flow.contextDimension === 0 ? null : lane('context', flow.contextDimension));
    const spread = Object.entries(results).map(([name, tensor]) => [name, g.broadcast(tensor, { lanes: true, rows: tensor.rows, columns: 1 })]);
    const kernel = compileTraining(trainingProgram(Object.fromEntries(spread)), { lanes: block, precision, target });
    setWeights(kernel.inputs, flow.weights, own);
    return kernel;
  }
  let sampler: TrainingKernel | null = null;
  let density: TrainingKernel | null = null;
  return {
    sample: (normals, context) => {
      sampler ??= compiled(flow.normals, (g, x, c) => {
        const { value, logDensity } = flow.sample(g, weightInputs(g, flow.weights), x, c);
        return { value, ...(logDensity === null ? {} : { logDensity }) };
      });
      const { value, logDensity = null } = inBlocks(sampler, 'normals', normals, flow.normals, context, flow.contextDimension);
      return { values: value, logDensity };
    },
    logDensity: (values, context) => {
      const { logDensity } = flow;
      if (logDensity === null) throw new RangeError('the flow must have a density, got a plain pushforward; take another family');
      density ??= compiled(flow.dimension, (g, x, c) => ({ logDensity: logDensity(g, weightInputs(g, flow.weights), x, c) }));
      return inBlocks(density, 'values', values, flow.dimension, context, flow.contextDimension).logDensity;
    },
  };
}

/** Runs a kernel over all points; the rest of the last block is filled up with the last point. */
function inBlocks(
  kernel: TrainingKernel,
  name: string,
  points: Float64Array,
  rows: number,
  context: Float64Array | undefined,
  contextRows: number,
): Record<string, Float64Array> {
  const { lanes, inputs, outputs } = kernel;
  const count = points.length / rows;
  if (!Number.isInteger(count)) throw new RangeError(`${name} must be ${rows} rows of numbers, got ${points.length} numbers`);
  const given = context?.length ?? 0;
  if (given !== contextRows && given !== contextRows * count) {
    throw new RangeError(`context must be ${contextRows} numbers, or as many for each of ${count} points, got ${given}`);
  }
  const results = Object.fromEntries(Object.entries(outputs).map(([key, values]) => [key, new Float64Array((values.length / lanes) * count)]));
  const fill = (key: string, from: ArrayLike<number>, size: number, each: number, first: number): void => {
    const to = Object.hasOwn(inputs, key) ? inputs[key] : null;
    if (to === null) return;
    for (let row = 0; row < size; row++) {
      for (let lane = 0; lane < lanes; lane++) to[row * lanes + lane] = from[row * each + Math.min(first + lane, each - 1)];
    }
  };
  for (let first = 0; first < count; first += lanes) {
    fill('points', points, rows, count, first);
    fill('context', context ?? [], contextRows, given / Math.max(1, contextRows), first);
    kernel.run();
    const size = Math.min(lanes, count - first);
    for (const [key, values] of Object.entries(results)) {
      for (let row = 0; row * count < values.length; row++) values.set(outputs[key].subarray(row * lanes, row * lanes + size), row * count + first);
    }
  }
  return results;
}
