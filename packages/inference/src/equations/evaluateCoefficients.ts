/** b(x, y; θ) and σσᵀ(x, y; θ) at all pairs of given slow and fast states, as numbers: by lane programs, so with the same bits on every machine. */
import { graphBuilder, type Kernel, type Node, program } from '@ergoflow/kernels';
import { kernelOf, type Model, parameterUniforms, type Values } from '@ergoflow/sde';
import { type SlowCoefficient, slowCoefficients } from './coefficients.ts';

/** Values at all pairs: of slow state i and fast state m at i·M + m. */
export interface CoefficientValues {
  /** [dx] of [n·M]. */
  readonly drift: readonly Float64Array[];
  /** [dx (dx + 1)/2] of [n·M]: lower triangle of σσᵀ, row by row. Empty if it was not asked for. */
  readonly diffusion: readonly Float64Array[];
}

/** What to evaluate. */
export interface EvaluateOptions {
  readonly model: Model;
  /** Values of all parameters, as `parameterValues` gives them. */
  readonly parameters: ReadonlyMap<string, number>;
  /** [components] of [n], in the model's order. */
  readonly slow: readonly Float64Array[];
  /** [components] of [M], in the model's order. */
  readonly fast: readonly Float64Array[];
  /** What is wanted; default both. */
  readonly want?: 'both' | 'drift' | 'diffusion';
}

/** Lanes at once: some megabytes. */
const LANES = 1 << 14;

/**
 * Evaluates coefficients at all pairs of slow and fast states.
 *
 * Not checked: that the values are finite.
 *
 * @throws RangeError for a number of components that is not the model's; else as `slowCoefficients`.
 */
export function evaluateCoefficients({ model, parameters, slow, fast, want = 'both' }: EvaluateOptions): CoefficientValues {
  for (const [kind, given] of [
    ['slow', slow],
    ['fast', fast],
  ] as const) {
    const size = model[kind].reduce((total, variable) => total + variable.size, 0);
    if (given.length !== size) throw new RangeError(`${kind} states of ${model.name} must have ${size} components, got ${given.length}`);
  }
  const { kernel, names } = evaluator(model, want);
  const count = slow[0].length;
  const samples = fast.length === 0 ? 1 : fast[0].length;
  const total = count * samples;
  const outputs = names.map(() => new Float64Array(total));
  const uniforms = parameterUniforms(parameters);
  for (let from = 0; from < total; from += LANES) {
    const lanes = Math.min(LANES, total - from);
    const states: Record<string, Float64Array> = {};
    const variables = [...model.slow, ...model.fast];
    for (const { name, size } of variables) states[name] = new Float64Array(size * lanes);
    fill(states, model.slow, slow, lanes, (lane) => Math.floor((from + lane) / samples));
    fill(states, model.fast, fast, lanes, (lane) => (from + lane) % samples);
    for (const name of names) states[name] = new Float64Array(lanes);
    kernel.run({ lanes, steps: 1, firstStep: 0, uniforms, states, streams: {} });
    for (const [k, name] of names.entries()) outputs[k].set(states[name], from);
  }
  const drifts = want === 'diffusion' ? 0 : slow.length;
  return { drift: outputs.slice(0, drifts), diffusion: outputs.slice(drifts) };
}

function fill(
  states: Readonly<Record<string, Float64Array>>,
  variables: Model['slow'],
  values: readonly Float64Array[],
  lanes: number,
  at: (lane: number) => number,
): void {
  const source = Int32Array.from({ length: lanes }, (_, lane) => at(lane));
  let component = 0;
  for (const { name, size } of variables) {
    for (let k = 0; k < size; k++, component++) {
      for (let lane = 0; lane < lanes; lane++) states[name][k * lanes + lane] = values[component][source[lane]];
    }
  }
}

interface Evaluator {
  readonly kernel: Kernel;
  /** The states that hold the results. */
  readonly names: readonly string[];
}

const made = new WeakMap<Model, Map<string, Evaluator>>();

function evaluator(model: Model, want: 'both' | 'drift' | 'diffusion'): Evaluator {
  const known = made.get(model) ?? new Map<string, Evaluator>();
  made.set(model, known);
  const existing = known.get(want);
  if (existing !== undefined) return existing;
  const { drift, diffusion } = slowCoefficients(model);
  const wanted: SlowCoefficient[] = [...(want === 'diffusion' ? [] : drift), ...(want === 'drift' ? [] : diffusion)];
  const g = graphBuilder();
  const variables = [...model.slow, ...model.fast];
  const values: Values = new Map(variables.map(({ name, size }): [string, Node] => [name, g.state(name, size)]));
  const result = {
    kernel: kernelOf(
      program([
        ...variables.map(({ name, size }) => ({ name, width: size, next: null })),
        ...wanted.map(({ name, build }) => ({ name: `value.${name}`, width: 1, next: build(g, values) })),
      ]),
    ),
    names: wanted.map(({ name }) => `value.${name}`),
  };
  known.set(want, result);
  return result;
}
