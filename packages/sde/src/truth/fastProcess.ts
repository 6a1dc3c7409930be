/** The frozen fast process dY = β(x, Y) dt + α(x, Y) dW as numbers: β, ααᵀ and the coefficients to average, at many fast states and one slow state. */
import { graphBuilder, type Kernel, type Node, program } from '@ergoflow/kernels';
import { coefficientsOf, covariance, slowComponents } from '../averaged/averagedEquation.ts';
import type { Values } from '../equations.ts';
import type { Model } from '../model/model.ts';
import { kernelOf } from '../simulate.ts';
import { EPSILON, frozenFast, parameterUniforms, readsName } from '../system.ts';

/** Which process: a model at parameters, the slow variables frozen. */
export interface FrozenProcess {
  readonly model: Model;
  /** Values of all parameters, as `parameterValues` gives them. */
  readonly parameters: ReadonlyMap<string, number>;
  /** [dx] The slow state, components in the model's order. */
  readonly slow: readonly number[];
}

/** The process as functions of points, [dy] of [count]. */
export interface FastProcess {
  /** dy: number of fast components. */
  readonly dimension: number;
  /** Names of what is averaged, as `ergodicAverages` names them: `drift x`, `diffusion x x`. */
  readonly coefficients: readonly string[];
  /** β, [dy], and ααᵀ, its lower triangle row by row, each of [count]. */
  readonly dynamics: (points: readonly Float64Array[]) => { readonly drift: Float64Array[]; readonly diffusion: Float64Array[] };
  /** b and, where σ sees the fast variables, σσᵀ: by coefficient, each of [count]. */
  readonly observables: (points: readonly Float64Array[]) => Float64Array[];
}

const LANES = 1 << 14;

/**
 * Makes the process of a model at one slow state.
 *
 * Not checked: that values are finite.
 *
 * @throws RangeError for equations that read the time or ε, a model without fast variables, or a slow state of the wrong size; TypeError for
 *   unknown fast equations.
 */
export function fastProcess({ model, parameters, slow }: FrozenProcess): FastProcess {
  for (const name of ['t', EPSILON]) {
    if (readsName(model, name)) throw new RangeError(`the equations of ${model.name} must not read ${name}, which a frozen fast process lacks`);
  }
  const dimension = model.fast.reduce((total, { size }) => total + size, 0);
  if (dimension === 0) throw new RangeError(`${model.name} must have a fast variable, got none`);
  const components = model.slow.reduce((total, { size }) => total + size, 0);
  if (slow.length !== components) throw new RangeError(`the slow state of ${model.name} must have ${components} components, got ${slow.length}`);
  const { dynamics, observables, coefficients } = kernelsOf(model);
  const run = (kernel: Kernel, points: readonly Float64Array[]): Float64Array[] => evaluate(model, kernel, parameters, slow, points);
  return {
    dimension,
    coefficients,
    dynamics: (points) => {
      const values = run(dynamics, points);
      return { drift: values.slice(0, dimension), diffusion: values.slice(dimension) };
    },
    observables: (points) => run(observables, points),
  };
}

function evaluate(
  model: Model,
  kernel: Kernel,
  parameters: ReadonlyMap<string, number>,
  slow: readonly number[],
  points: readonly Float64Array[],
): Float64Array[] {
  const total = points[0].length;
  const names = kernel.program.states.map(({ name }) => name).filter((name) => name.startsWith('value.'));
  const out = names.map(() => new Float64Array(total));
  for (let from = 0; from < total; from += LANES) {
    const lanes = Math.min(LANES, total - from);
    const states = Object.fromEntries(kernel.program.states.map(({ name, width }) => [name, new Float64Array(width * lanes)]));
    let component = 0;
    for (const { name, size } of model.slow) for (let k = 0; k < size; k++) states[name].fill(slow[component++], k * lanes, (k + 1) * lanes);
    component = 0;
    for (const { name, size } of model.fast) {
      for (let k = 0; k < size; k++) states[name].set(points[component++].subarray(from, from + lanes), k * lanes);
    }
    kernel.run({ lanes, steps: 1, firstStep: 0, uniforms: parameterUniforms(parameters), states, streams: {} });
    for (const [k, name] of names.entries()) out[k].set(states[name], from);
  }
  return out;
}

interface Kernels {
  readonly dynamics: Kernel;
  readonly observables: Kernel;
  readonly coefficients: readonly string[];
}

const made = new WeakMap<Model, Kernels>();

function kernelsOf(model: Model): Kernels {
  const existing = made.get(model);
  if (existing !== undefined) return existing;
  const variables = [...model.slow, ...model.fast];
  const coefficients = coefficientsOf(model);
  const compiled = (build: (g: ReturnType<typeof graphBuilder>, values: Values) => Node[]): Kernel => {
    const g = graphBuilder();
    const values: Values = new Map(variables.map(({ name, size }): [string, Node] => [name, g.state(name, size)]));
    return kernelOf(
      program([
        ...variables.map(({ name, size }) => ({ name, width: size, next: null })),
        ...build(g, values).map((next, k) => ({ name: `value.${k}`, width: 1, next })),
      ]),
    );
  };
  const result = {
    dynamics: compiled((g, values) => {
      const fast = frozenFast(model, () => values);
      const parts = slowComponents({ ...model, slow: model.fast });
      const drift = fast.drift(g, values, g.constant(0));
      const noise = fast.noise(g, values, g.constant(0));
      const part = ({ variable, index }: (typeof parts)[number]): Node => {
        const node = drift.get(variable) as Node;
        return node.width === 1 ? node : g.gather(node, [index]);
      };
      return [...parts.map(part), ...parts.flatMap((row, i) => parts.slice(0, i + 1).map((column) => covariance(g, model, noise, row, column)))];
    }),
    observables: compiled((g, values) => coefficients.map(({ build }) => build(g, values, g.constant(0)))),
    coefficients: coefficients.map(({ name }) => name),
  };
  made.set(model, result);
  return result;
}
