/**
 * A block of paths of the full system, at one or several steps on common Wiener processes, and what is observed of each.
 *
 * The first passage is a state of the kernel: it takes the time at the end of the first substep after which the condition holds.
 */
import { graphBuilder, type Kernel, type Node, program } from '@ergoflow/kernels';
import {
  coupledProgram,
  EPSILON,
  EVENT,
  type Failure,
  fullSystem,
  kernelOf,
  type Model,
  openStreams,
  parameterUniforms,
  type Scheme,
  simulate,
  startPaths,
  stateName,
} from '@ergoflow/sde';
import type { System } from '../system.ts';
import { nameOf, observableNode, observablesOf, type Quantities } from './quantities.ts';
import { samplesAccumulator } from './samples.ts';

/** A resolution: its name, and its steps per coarsest step. */
export interface Level {
  readonly name: string;
  readonly substeps: number;
}

/** What to simulate. */
export interface EnsembleOptions extends System {
  readonly epsilon: number;
  /** Coarsest step; > 0. */
  readonly step: number;
  readonly steps: number;
  readonly levels: readonly Level[];
  readonly quantities: Quantities | null;
  /** Replicates [from, to). */
  readonly from: number;
  readonly to: number;
  /** What the random numbers are for. */
  readonly meaning: readonly (string | number)[];
  /** If given, called at the start, after each `every` steps and at the end with the steps done, the variables of the first level, [size × lanes], and which lanes are lost by then. */
  readonly record?: {
    readonly every: number;
    readonly visit: (stepsDone: number, values: (variable: string) => Float64Array, isLost: (lane: number) => boolean) => void;
  };
}

/** By level and observable, [replicates], as {@link observableAt} names them; and the paths lost. */
export interface Ensemble {
  readonly observables: ReadonlyMap<string, Float64Array>;
  readonly failures: readonly Failure[];
}

/** Name of a level's observable. */
export const observableAt = (level: string, observable: string): string => `${level}.${observable}`;

/** Simulates a block of replicates. */
export function simulateEnsemble(options: EnsembleOptions): Ensemble {
  const { model, parameters, scheme, epsilon, step, steps, levels, quantities, from, to, meaning, record } = options;
  const lanes = to - from;
  const paths = pathsProgram(model, scheme, levels, quantities?.passage ?? null);
  const started = startPaths({ model, parameters, scheme, epsilon, unitStep: step / epsilon, from, to, meaning, resolutions: levels });
  const states: Record<string, Float64Array> = {};
  for (const { name } of levels) {
    for (const [variable, values] of started.values.get(name) ?? []) states[stateName(name, variable)] = values;
  }
  const uniforms = { ...parameterUniforms(parameters), [EPSILON]: Float64Array.of(epsilon) };
  const observed = (level: string, texts: readonly string[], kind: Observed, done: number): ReadonlyMap<string, Float64Array> => {
    const view: Record<string, Float64Array> = {};
    if (texts.length === 0) return new Map();
    for (const { name } of [...model.slow, ...model.fast]) view[name] = states[stateName(level, name)];
    for (const [k] of texts.entries()) view[valueState(k)] = new Float64Array(lanes);
    const time = { ...uniforms, [TIME]: Float64Array.of(done * step) };
    observeKernel(model, texts, kind).run({ lanes, steps: 1, firstStep: 0, uniforms: time, states: view, streams: {} });
    return new Map(texts.map((text, k) => [text, view[valueState(k)]]));
  };
  const passage = quantities?.passage ?? null;
  if (passage !== null) {
    for (const { name } of levels) {
      const holds = observed(name, [passage], 'condition', 0).get(passage) as Float64Array;
      states[passageState(name)] = holds.map((value) => (value === 1 ? 0 : NOT_PASSED));
    }
  }
  const stationary = quantities?.stationary ?? null;
  const samples = stationary === null ? [] : levels.map(() => samplesAccumulator(stationary, lanes));
  const sampled = [
    ...new Set(stationary === null ? [] : [...stationary.observe, ...[...stationary.density, ...stationary.autocorrelation].map(({ of }) => of)]),
  ];
  const sample = (done: number): void => {
    for (const [k, { name }] of levels.entries()) samples[k].add(observed(name, sampled, 'number', done));
  };
  const neverStarted = new Set(started.failures.map(({ replicate }) => replicate));
  const failures = simulate({
    kernel: kernelOf(paths),
    from,
    to,
    steps,
    dt: step,
    uniforms,
    states,
    streams: openStreams(paths, meaning, from, to),
    save: [
      ...(record === undefined
        ? []
        : [
            {
              every: record.every,
              visit: (done: number) =>
                record.visit(
                  done,
                  (variable) => states[stateName(levels[0].name, variable)],
                  (lane) => states[EVENT][lane] !== 0 || neverStarted.has(from + lane),
                ),
            },
          ]),
      ...(stationary === null
        ? []
        : [{ every: stationary.every, visit: (done: number) => void (done > stationary.after && done % stationary.every === 0 && sample(done)) }]),
    ],
  });
  const observables = new Map<string, Float64Array>();
  for (const [k, { name: level }] of levels.entries()) {
    const put = (name: string, values: Float64Array): void => void observables.set(observableAt(level, name), values);
    const atEnd = observed(level, quantities?.observe ?? [], 'number', steps);
    for (const [index, text] of quantities?.observe.entries() ?? []) put(nameOf.mean(index), atEnd.get(text) as Float64Array);
    if (passage !== null) {
      const times = states[passageState(level)];
      put(
        nameOf.passed,
        times.map((time) => (time === NOT_PASSED ? 0 : 1)),
      );
      put(
        nameOf.passageTime,
        times.map((time) => (time === NOT_PASSED ? steps * step : Math.min(time, steps * step))),
      );
    }
    for (const [name, values] of samples[k]?.averages() ?? []) put(name, values);
  }
  const lost = [...started.failures, ...failures.filter(({ replicate }) => !neverStarted.has(replicate))];
  return { observables, failures: [...lost, ...undefinedAt(options, observables, lost)] };
}

/** An observed function such as log(x) may have no value where a path goes. */
function undefinedAt(
  { levels, quantities, from, to, step, steps }: EnsembleOptions,
  observables: Ensemble['observables'],
  lost: readonly Failure[],
): Failure[] {
  if (quantities === null) return [];
  const gone = new Set(lost.map(({ replicate }) => replicate));
  const columns = levels.flatMap(({ name }) =>
    observablesOf(quantities).map((observable) => observables.get(observableAt(name, observable)) as Float64Array),
  );
  return Array.from({ length: to - from }, (_, lane) => from + lane)
    .filter((replicate) => !gone.has(replicate) && columns.some((column) => !Number.isFinite(column[replicate - from])))
    .map((replicate): Failure => ({ kind: 'not-observable', replicate, step: steps - 1, time: steps * step }));
}

const NOT_PASSED = -1;
const passageState = (level: string): string => `passage.${level}`;

const pathsPrograms = new WeakMap<Model, Map<string, ReturnType<typeof coupledProgram>>>();

function pathsProgram(model: Model, scheme: Scheme, levels: readonly Level[], passage: string | null) {
  return kept(pathsPrograms, model, [scheme.name, levels, passage], () =>
    coupledProgram({
      members: levels.map((level) => ({ ...level, equations: fullSystem(model), scheme })),
      observe: (g, _after, substeps) =>
        passage === null
          ? []
          : levels.map(({ name }) => {
              let passed: Node = g.state(passageState(name));
              for (const { after, time, length } of substeps(name)) {
                const end = g.add(time, length);
                const holds = observableNode(model, passage, g, after, end, 'condition');
                passed = g.select(g.and(g.less(passed, g.constant(0)), holds), end, passed);
              }
              return { name: passageState(name), width: 1, next: passed };
            }),
    }),
  );
}

type Observed = 'number' | 'condition';
const valueState = (k: number): string => `observed.${k}`;
/** Uniform: the time at which is observed. */
const TIME = 'observed.time';

const observeKernels = new WeakMap<Model, Map<string, Kernel>>();

/** Evaluates expressions of the variables; a condition gives 1 where it holds. */
function observeKernel(model: Model, texts: readonly string[], kind: Observed): Kernel {
  return kept(observeKernels, model, [texts, kind], () => {
    const g = graphBuilder();
    const variables = [...model.slow, ...model.fast];
    const values = new Map(variables.map(({ name, size }): [string, Node] => [name, g.state(name, size)]));
    const nodes = texts.map((text) => observableNode(model, text, g, values, g.uniform(TIME), kind));
    return kernelOf(
      program([
        ...variables.map(({ name, size }) => ({ name, width: size, next: null })),
        ...nodes.map((node, k) => ({ name: valueState(k), width: 1, next: kind === 'number' ? node : g.select(node, g.constant(1), g.constant(0)) })),
      ]),
    );
  });
}

/** What was made for a model, made once. */
function kept<Made>(store: WeakMap<Model, Map<string, Made>>, model: Model, key: unknown, make: () => Made): Made {
  const known = store.get(model) ?? new Map<string, Made>();
  store.set(model, known);
  const text = JSON.stringify(key);
  const made = known.get(text) ?? make();
  known.set(text, made);
  return made;
}
