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
  let [states, reserved]: [Record<string, Float64Array>, number] = [{}, 0];
  for (let from = 0; from < total; from += LANES) {
    const lanes = Math.min(LANES, total - from);
    if (lanes !== reserved) [states, reserved] = [statesOf(kernel, lanes), lanes];
    const runs = runsOf(from, lanes, samples);
    for (const [component, into] of componentsOf(model.slow, states, lanes).entries()) {
      for (const { lane, length, node } of runs) into.fill(slow[component][node], lane, lane + length);
    }
    for (const [component, into] of componentsOf(model.fast, states, lanes).entries()) {
      for (const { lane, length, sample } of runs) copy(fast[component], sample, into, lane, length);
    }
    kernel.run({ lanes, steps: 1, firstStep: 0, uniforms, states, streams: {} });
    for (const [k, name] of names.entries()) outputs[k].set(states[name], from);
  }
  const drifts = want === 'diffusion' ? 0 : slow.length;
  return { drift: outputs.slice(0, drifts), diffusion: outputs.slice(drifts) };
}

const statesOf = (kernel: Kernel, lanes: number): Record<string, Float64Array> =>
  Object.fromEntries(kernel.program.states.map(({ name, width }) => [name, new Float64Array(width * lanes)]));

/** Consecutive lanes of one slow state. */
interface Run {
  readonly lane: number;
  readonly length: number;
  readonly node: number;
  /** Fast state of the first of them. */
  readonly sample: number;
}

function runsOf(from: number, lanes: number, samples: number): Run[] {
  const runs: Run[] = [];
  for (let lane = 0; lane < lanes; ) {
    const [node, sample] = [Math.floor((from + lane) / samples), (from + lane) % samples];
    const length = Math.min(samples - sample, lanes - lane);
    runs.push({ lane, length, node, sample });
    lane += length;
  }
  return runs;
}

/** The parts of the states that hold one component each. */
function componentsOf(variables: Model['slow'], states: Readonly<Record<string, Float64Array>>, lanes: number): Float64Array[] {
  return variables.flatMap(({ name, size }) => Array.from({ length: size }, (_, k) => states[name].subarray(k * lanes, (k + 1) * lanes)));
}

function copy(source: Float64Array, first: number, into: Float64Array, lane: number, length: number): void {
  for (let j = 0; j < length; j++) into[lane + j] = source[first + j];
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
