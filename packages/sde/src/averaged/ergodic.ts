/**
 * Ergodic averages of the frozen fast process on a grid of slow states.
 *
 * A replicate is one long chain: burn-in, then time averages of the coefficients. Chains are independent, so the spread of their averages is an error
 * that knows the autocorrelation. Each chain runs at the step h and at h/2 on the same Wiener processes, and 2·(h/2) − (h) takes off the first order of
 * the scheme's bias (Talay & Tubaro 1990). All grid nodes use the same random numbers, so the errors of neighbours move together and tables are smooth.
 */
import { graphBuilder, type Kernel, type Node, type Program, program } from '@ergoflow/kernels';
import { coupledProgram, EVENT, EVENT_STEP, stateName } from '../coupled.ts';
import type { Values } from '../equations.ts';
import type { Model } from '../model/model.ts';
import type { Scheme } from '../schemes/scheme.ts';
import { type Failure, kernelOf, openStreams, simulate } from '../simulate.ts';
import { frozenScheme } from '../start.ts';
import { fastSeesSlow, frozenFast, parameterUniforms } from '../system.ts';
import { type Coefficient, coefficientsOf } from './averagedEquation.ts';
import { type GridAxis, gridStep } from './interpolate.ts';

/** What to average. */
export interface ErgodicOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly scheme: Scheme;
  /** Coarser step of the chains, in the fast process's unit-speed time; > 0. */
  readonly step: number;
  /** Length of the time averages, in unit-speed time; > 0. */
  readonly duration: number;
  readonly axes: readonly GridAxis[];
  /** Chains [from, to). */
  readonly from: number;
  readonly to: number;
  /** What the random numbers are for. */
  readonly meaning: readonly (string | number)[];
}

/** Averages of each chain. */
export interface ErgodicAverages {
  /** By coefficient, [chains × nodes]: the extrapolated time averages, a chain's nodes contiguous. */
  readonly extrapolated: ReadonlyMap<string, Float64Array>;
  /** The same of the finer minus the coarser step. */
  readonly stepDifference: ReadonlyMap<string, Float64Array>;
  readonly failures: readonly Failure[];
}

/** Unit-speed time between two evaluations of the coefficients: well below any autocorrelation time that a unit-speed process has. */
const SAMPLE_EVERY = 0.25;

const LEVELS = [
  { name: 'coarse', substeps: 1 },
  { name: 'fine', substeps: 2 },
] as const;

/** Averages along chains. Cost: 3 steps of the fast process per step and chain (and node, where its law depends on x), evaluations on every node. */
export function ergodicAverages(options: ErgodicOptions): ErgodicAverages {
  const { model, axes, from, to } = options;
  const nodes = gridNodes(axes);
  const count = nodes.length;
  const chains = to - from;
  const names = coefficientsOf(model).map(({ name }) => name);
  const sums = new Map(LEVELS.map(({ name }) => [name, new Map(names.map((coefficient) => [coefficient, new Float64Array(chains * count)]))]));
  const failures: Failure[] = [];
  let samples = 0;
  // Where the fast law depends on x every node has chains of its own; else one set of chains serves all nodes.
  const groups = fastSeesSlow(model) ? nodes.map((node, k) => ({ frozen: node, at: [k] })) : [{ frozen: nodes[0], at: nodes.map((_, k) => k) }];
  for (const { frozen, at } of groups) {
    const run = runChains(options, frozen, (level, states, kernel) => {
      for (const k of at) accumulate(kernel, options, nodes[k], k, count, states, sums.get(level) as ReadonlyMap<string, Float64Array>, level);
    });
    failures.push(...run.failures);
    samples = run.samples;
  }
  const combine = (fine: number, coarse: number): ReadonlyMap<string, Float64Array> =>
    new Map(
      names.map((name) => {
        const [c, f] = ['coarse', 'fine'].map((level) => sums.get(level as 'coarse')?.get(name) as Float64Array);
        return [name, f.map((value, k) => (fine * value + coarse * c[k]) / samples)];
      }),
    );
  return { extrapolated: combine(2, -1), stepDifference: combine(1, -1), failures };
}

/** The grid's nodes, each [slow components], the last direction running fastest. */
export function gridNodes(axes: readonly GridAxis[]): Float64Array[] {
  let nodes: number[][] = [[]];
  for (const axis of axes) {
    nodes = nodes.flatMap((node) => Array.from({ length: axis.count }, (_, k) => [...node, axis.low + k * gridStep(axis)]));
  }
  return nodes.map((node) => Float64Array.from(node));
}

type Visit = (level: 'coarse' | 'fine', states: Readonly<Record<string, Float64Array>>, observe: Kernel) => void;

function runChains(options: ErgodicOptions, frozen: Float64Array, visit: Visit): { readonly failures: readonly Failure[]; readonly samples: number } {
  const { model, parameters, step, duration, from, to, meaning } = options;
  const { burnIn, observe } = programsOf(model, options.scheme);
  const every = Math.max(1, Math.round(SAMPLE_EVERY / step));
  const samples = Math.max(1, Math.ceil(duration / (every * step)));
  const states: Record<string, Float64Array> = {};
  for (const { name, size } of model.fast) {
    for (const level of LEVELS) states[stateName(level.name, name)] = new Float64Array(size * (to - from));
  }
  const uniforms = { ...parameterUniforms(parameters), epsilon: Float64Array.of(1), ...frozenUniforms(model, frozen) };
  const streams = openStreams(burnIn, [...meaning, 'ergodic'], from, to);
  const shared = { kernel: kernelOf(burnIn), from, to, dt: step, uniforms, states, streams };
  const lost = simulate({ ...shared, steps: Math.ceil(model.burnIn / step) });
  states[EVENT]?.fill(0);
  states[EVENT_STEP]?.fill(0);
  const kernel = kernelOf(observe);
  const visited = (done: number): void => {
    if (done > 0) for (const { name } of LEVELS) visit(name, states, kernel);
  };
  const failures = simulate({ ...shared, steps: samples * every, save: { every, visit: visited } });
  return { failures: [...lost, ...failures], samples };
}

const frozenUniform = (variable: string): string => `frozen.${variable}`;

function frozenUniforms(model: Model, frozen: Float64Array): Record<string, Float64Array> {
  let offset = 0;
  return Object.fromEntries(
    model.slow.map(({ name, size }) => {
      offset += size;
      return [frozenUniform(name), frozen.slice(offset - size, offset)];
    }),
  );
}

/** Adds the coefficients at one node and at every chain's fast state to the sums. */
function accumulate(
  kernel: Kernel,
  { model, parameters, from, to }: ErgodicOptions,
  node: Float64Array,
  k: number,
  count: number,
  fast: Readonly<Record<string, Float64Array>>,
  sums: ReadonlyMap<string, Float64Array>,
  level: string,
): void {
  const lanes = to - from;
  const states: Record<string, Float64Array> = {};
  for (const { name } of model.fast) states[name] = fast[stateName(level, name)];
  for (const name of sums.keys()) states[`value.${name}`] = new Float64Array(lanes);
  const uniforms = { ...parameterUniforms(parameters), epsilon: Float64Array.of(1), ...frozenUniforms(model, node) };
  kernel.run({ lanes, steps: 1, firstStep: 0, uniforms, states, streams: {} });
  for (const [name, sum] of sums) {
    const values = states[`value.${name}`];
    for (let chain = 0; chain < lanes; chain++) sum[chain * count + k] += values[chain];
  }
}

const made = new WeakMap<Model, Map<string, { readonly burnIn: Program; readonly observe: Program }>>();

function programsOf(model: Model, scheme: Scheme): { readonly burnIn: Program; readonly observe: Program } {
  const known = made.get(model) ?? new Map<string, { readonly burnIn: Program; readonly observe: Program }>();
  made.set(model, known);
  const existing = known.get(scheme.name);
  if (existing !== undefined) return existing;
  const frozen = (g: ReturnType<typeof graphBuilder>): Values =>
    new Map(model.slow.map(({ name, size }) => [name, g.uniform(frozenUniform(name), size)]));
  const equations = frozenFast(model, frozen);
  const burnIn = coupledProgram({ members: LEVELS.map((level) => ({ ...level, scheme: frozenScheme(scheme, equations), equations })) });
  const result = { burnIn, observe: observeProgram(model, coefficientsOf(model), frozen) };
  known.set(scheme.name, result);
  return result;
}

function observeProgram(model: Model, coefficients: readonly Coefficient[], frozen: (g: ReturnType<typeof graphBuilder>) => Values): Program {
  const g = graphBuilder();
  const values: Values = new Map([...frozen(g), ...model.fast.map(({ name, size }): [string, Node] => [name, g.state(name, size)])]);
  return program([
    ...model.fast.map(({ name, size }) => ({ name, width: size, next: null })),
    ...coefficients.map(({ name, build }) => ({ name: `value.${name}`, width: 1, next: build(g, values, g.constant(0)) })),
  ]);
}
