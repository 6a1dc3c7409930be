/** Where paths begin: numbers and expressions of the model file, or the frozen fast process after its burn-in. */
import { evaluate, type Node, type Program } from '@ergoflow/kernels';
import { coupledProgram, stateName } from './coupled.ts';
import type { Equations } from './equations.ts';
import type { Model, Variable } from './model/model.ts';
import { eulerMaruyama } from './schemes/eulerMaruyama.ts';
import type { Scheme } from './schemes/scheme.ts';
import { type Failure, kernelOf, openStreams, simulate } from './simulate.ts';
import { frozenFast, parameterUniforms } from './system.ts';

/** One resolution at which the burn-in is made: its name, and its steps per coarsest step. */
export interface Resolution {
  readonly name: string;
  readonly substeps: number;
}

/** What a start needs to know. */
export interface StartOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly scheme: Scheme;
  /** Scale separation, which equations may read. */
  readonly epsilon: number;
  /** Coarsest step of the burn-in at unit speed: the simulation's step divided by ε. */
  readonly unitStep: number;
  /** Replicates [from, to). */
  readonly from: number;
  readonly to: number;
  /** What the burn-in's random numbers are for. */
  readonly meaning: readonly (string | number)[];
  readonly resolutions: readonly Resolution[];
}

/** Start values by resolution and variable, [size × lanes], and the paths that the burn-in lost. */
export interface Started {
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Float64Array>>;
  readonly failures: readonly Failure[];
}

/**
 * Gives every lane its start.
 *
 * Slow variables, and fast ones with a start of their own, get their values; if any fast variable is `stationary`, the fast process runs at unit
 * speed for `model.burnIn` with the slow variables frozen at their start and the stationary ones begun at 0, and those take the values they end with.
 * A scheme with a micro-solver leaves the burn-in to it, and one that refuses the frozen process to Euler–Maruyama.
 * Not checked: that the burn-in is long enough for the law to be stationary.
 */
export function startPaths({ model, parameters, scheme, epsilon, unitStep, from, to, meaning, resolutions }: StartOptions): Started {
  const lanes = to - from;
  const given = new Map([...model.slow, ...model.fast].map((variable) => [variable.name, spread(startValues(variable, parameters), lanes)]));
  const stationary = model.fast.filter(({ start }) => start.kind === 'stationary');
  if (stationary.length === 0) {
    return { values: new Map(resolutions.map(({ name }) => [name, copyAll(given)])), failures: [] };
  }
  const program = burnInProgram(model, scheme, resolutions);
  const step = Math.min(unitStep, scheme.micro?.unitStep ?? unitStep);
  const states: Record<string, Float64Array> = {};
  for (const { name } of model.slow) states[stateName('frozen', name)] = (given.get(name) as Float64Array).slice();
  for (const resolution of resolutions) {
    for (const { name } of model.fast) states[stateName(resolution.name, name)] = (given.get(name) as Float64Array).slice();
  }
  const failures = simulate({
    kernel: kernelOf(program),
    from,
    to,
    steps: Math.max(1, Math.ceil(model.burnIn / step)),
    dt: step,
    uniforms: { ...parameterUniforms(parameters), epsilon: Float64Array.of(epsilon) },
    states,
    streams: openStreams(program, [...meaning, 'burn-in'], from, to),
  });
  const values = new Map(
    resolutions.map((resolution) => {
      const own = copyAll(given);
      for (const { name } of stationary) own.set(name, states[stateName(resolution.name, name)] as Float64Array);
      return [resolution.name, own];
    }),
  );
  return { values, failures };
}

/** The scheme that runs the frozen fast process: the micro-solver of one that has it, Euler–Maruyama for one that refuses the process. */
export function frozenScheme(scheme: Scheme, equations: Equations): Scheme {
  const wanted = scheme.micro?.scheme ?? scheme;
  return wanted.refuses(equations) === null ? wanted : eulerMaruyama;
}

const programs = new WeakMap<Model, Map<string, Program>>();

function burnInProgram(model: Model, scheme: Scheme, resolutions: readonly Resolution[]): Program {
  const known = programs.get(model) ?? new Map<string, Program>();
  programs.set(model, known);
  const key = JSON.stringify([scheme.name, resolutions]);
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  const inputs = model.slow.map(({ name, size }) => ({ name: stateName('frozen', name), width: size }));
  const members = resolutions.map(({ name, substeps }) => {
    const equations = frozenFast(
      model,
      (g) => new Map(model.slow.map((variable): [string, Node] => [variable.name, g.state(stateName('frozen', variable.name), variable.size)])),
    );
    return { name, substeps, equations, scheme: frozenScheme(scheme, equations) };
  });
  const made = coupledProgram({ members, inputs });
  known.set(key, made);
  return made;
}

/** [size] A variable's start; 0 where it is stationary. */
function startValues(variable: Variable, parameters: ReadonlyMap<string, number>): Float64Array {
  const { start, size } = variable;
  if (start.kind === 'stationary') return new Float64Array(size);
  return Float64Array.from({ length: size }, (_, k) =>
    evaluate(start.values.length === 1 ? start.values[0] : start.values[k], new Map([...parameters, ['i', k + 1]])),
  );
}

/** [size × lanes] The same values in every lane. */
function spread(values: Float64Array, lanes: number): Float64Array {
  const out = new Float64Array(values.length * lanes);
  for (let k = 0; k < values.length; k++) out.fill(values[k], k * lanes, (k + 1) * lanes);
  return out;
}

const copyAll = (values: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> =>
  new Map([...values].map(([name, array]) => [name, array.slice()]));
