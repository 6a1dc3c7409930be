/**
 * Pairs of paths of the full system and its averaged equation, driven by the same slow Wiener processes, at one or two resolutions.
 *
 * Per pair and replicate: |X - X̄|² at the horizon, its maximum over the run, and f(X) - f(X̄) for each test function, at the horizon or averaged over
 * a stretch of time.
 */
import type { GraphBuilder, Node, Program } from '@ergoflow/kernels';
import {
  type AverageSource,
  averagedEquation,
  coupledProgram,
  EPSILON,
  type Event,
  type Failure,
  type Fluctuation,
  fastProcesses,
  fullSystem,
  kernelOf,
  type Member,
  type Model,
  openStreams,
  parameterUniforms,
  type Scheme,
  simulate,
  slowComponents,
  startPaths,
  stateName,
} from '@ergoflow/sde';
import { controlsOf, observableName, observeProgram, squaredDistance } from './observe.ts';

/** One pair: its name, its steps per coarsest step, and the tables that its averaged equation reads. */
export interface Pair {
  readonly name: string;
  readonly substeps: number;
  readonly tables: string;
  /** Gather the controls of the test functions as well. */
  readonly control: boolean;
}

/** What to simulate. */
export interface PairsOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly epsilon: number;
  readonly scheme: Scheme;
  /** Coarsest step; > 0. */
  readonly dt: number;
  readonly steps: number;
  readonly source: AverageSource;
  /** Uniforms of the tables, by name. */
  readonly tables: Readonly<Record<string, Float64Array>>;
  readonly pairs: readonly Pair[];
  /** Expressions of the slow variables. */
  readonly testFunctions: readonly string[];
  /** If given, test functions are averaged over the samples after this many steps, one every so many. */
  readonly average?: { readonly after: number; readonly every: number };
  readonly bounds: readonly Bound[];
  /** If given, called at the start and after each `every` steps with the steps done and a reader of slow variables: [size × lanes]. */
  readonly record?: {
    readonly every: number;
    readonly visit: (stepsDone: number, slow: (of: 'full' | 'averaged', variable: string) => Float64Array) => void;
  };
  readonly from: number;
  readonly to: number;
  readonly meaning: readonly (string | number)[];
}

/** A slow variable must stay within [low, high]; a path that leaves is an outcome of kind `out-of-bounds`. */
export interface Bound {
  readonly variable: string;
  readonly low: number;
  readonly high: number;
}

/** Observables by pair and name (`squared`, `squared-sup`, `f0`, `c0`, `f1`, …), [replicates]; and the paths that failed. */
export interface PairsResult {
  readonly observables: ReadonlyMap<string, Float64Array>;
  readonly failures: readonly Failure[];
  /** Replicates that the burn-in lost: their failures' steps are its own. */
  readonly lostAtStart: ReadonlySet<number>;
}

/** Simulates a block of replicates. */
export function simulatePairs(options: PairsOptions): PairsResult {
  const { model, parameters, epsilon, scheme, dt, steps, pairs, from, to, meaning, average, testFunctions } = options;
  const lanes = to - from;
  const { paths, observe, observeControlled, events } = programsOf(options);
  const resolutions = pairs.filter((pair, k) => pairs.findIndex(({ substeps }) => substeps === pair.substeps) === k);
  const started = startPaths({ model, parameters, scheme, epsilon, unitStep: dt / epsilon, from, to, meaning, resolutions });
  const states: Record<string, Float64Array> = {};
  for (const pair of pairs) {
    const resolution = resolutions.find(({ substeps }) => substeps === pair.substeps) as Pair;
    const start = started.values.get(resolution.name) as ReadonlyMap<string, Float64Array>;
    for (const [name, values] of start) states[stateName(fullOf(pairs, pair), name)] = values.slice();
    for (const { name } of model.slow) states[stateName(averagedOf(pair), name)] = (start.get(name) as Float64Array).slice();
  }
  const uniforms = { ...parameterUniforms(parameters), [EPSILON]: Float64Array.of(epsilon), ...options.tables };
  const observables = new Map<string, Float64Array>();
  let samples = 0;
  const sample = (): void => {
    samples++;
    for (const pair of pairs) {
      const isControlled = controls(model, pair);
      const view: Record<string, Float64Array> = {};
      for (const { name } of model.slow) {
        view[stateName('full', name)] = states[stateName(fullOf(pairs, pair), name)];
        view[stateName('averaged', name)] = states[stateName(averagedOf(pair), name)];
        if (isControlled) view[stateName('control', name)] = states[stateName(fluctuationOf(pair), name)];
      }
      for (const name of ['squared', ...[...controlsOf(testFunctions)].flat()]) {
        const key = observableName(pair.name, name);
        if (!observables.has(key)) observables.set(key, new Float64Array(lanes));
        view[name] = observables.get(key) as Float64Array;
      }
      kernelOf(isControlled ? observeControlled : observe).run({ lanes, steps: 1, firstStep: 0, uniforms, states: view, streams: {} });
    }
  };
  const [firstPair] = pairs;
  const slow = (of: 'full' | 'averaged', variable: string): Float64Array =>
    states[stateName(of === 'full' ? fullOf(pairs, firstPair) : averagedOf(firstPair), variable)];
  const { record } = options;
  const save =
    average !== undefined
      ? { every: average.every, visit: (done: number) => void (done > average.after && sample()) }
      : record === undefined
        ? undefined
        : { every: record.every, visit: (done: number) => record.visit(done, slow) };
  const failures = simulate({
    kernel: kernelOf(paths),
    from,
    to,
    steps,
    dt,
    uniforms,
    states,
    streams: openStreams(paths, meaning, from, to),
    events: events.map(({ kind }) => kind),
    ...(save === undefined ? {} : { save }),
  });
  if (average === undefined) sample();
  else for (const values of observables.values()) for (let lane = 0; lane < lanes; lane++) values[lane] /= samples;
  for (const pair of pairs) {
    observables.set(observableName(pair.name, 'squared-sup'), states[supOf(pair)]);
    // A derivative may be missing where the function is not; such a path then has no control.
    for (const control of controlsOf(testFunctions).values()) {
      const values = observables.get(observableName(pair.name, control)) as Float64Array;
      for (let lane = 0; lane < lanes; lane++) if (!Number.isFinite(values[lane])) values[lane] = 0;
    }
  }
  const lost = new Set(started.failures.map(({ replicate }) => replicate));
  return { observables, failures: [...started.failures, ...failures.filter(({ replicate }) => !lost.has(replicate))], lostAtStart: lost };
}

/** Pairs of equal resolution share one full path; they differ in their tables. */
const fullOf = (pairs: readonly Pair[], pair: Pair): string => `full.${(pairs.find(({ substeps }) => substeps === pair.substeps) as Pair).name}`;
const averagedOf = (pair: Pair): string => `averaged.${pair.name}`;
const supOf = (pair: Pair): string => `sup.${pair.name}`;
const fluctuationOf = (pair: Pair): string => `control.${pair.name}`;

/** A control costs an averaged step per slow component: beyond a few it is not worth it. */
const MOST_CONTROLLED = 4;

const controls = (model: Model, pair: Pair): boolean =>
  pair.control && slowComponents(model).length <= MOST_CONTROLLED && model.fast.length > 0 && fastProcesses(model) !== null;

interface Programs {
  readonly paths: Program;
  readonly observe: Program;
  readonly observeControlled: Program;
  readonly events: readonly Event[];
}

const made = new WeakMap<Model, Map<string, Programs>>();

function programsOf(options: PairsOptions): Programs {
  const { model, pairs, scheme, source, testFunctions, bounds } = options;
  const known = made.get(model) ?? new Map<string, Programs>();
  made.set(model, known);
  const key = JSON.stringify([pairs, scheme.name, source, testFunctions, bounds]);
  const existing = known.get(key);
  if (existing !== undefined) return existing;
  const events = eventsOf(options);
  const sourceOf = (pair: Pair): AverageSource => (source.kind === 'truth' ? source : { ...source, tables: pair.tables });
  const members = pairs.flatMap((pair): Member[] => [
    ...(fullOf(pairs, pair) === `full.${pair.name}`
      ? [{ name: `full.${pair.name}`, equations: fullSystem(model), scheme, substeps: pair.substeps }]
      : []),
    { name: averagedOf(pair), equations: averagedEquation(model, sourceOf(pair)), scheme, substeps: pair.substeps },
  ]);
  const paths = coupledProgram({
    members,
    events,
    fluctuations: pairs
      .filter((pair) => controls(model, pair))
      .map(
        (pair): Fluctuation => ({
          name: fluctuationOf(pair),
          of: fullOf(pairs, pair),
          around: averagedOf(pair),
          slow: model.slow.map(({ name, size }) => ({ name, width: size })),
          mirrored: fastProcesses(model) as ReadonlySet<string>,
        }),
      ),
    observe: (g, after) =>
      pairs.map((pair) => {
        const now = squaredDistance(g, model, after(fullOf(pairs, pair)), after(averagedOf(pair)));
        const was = g.state(supOf(pair));
        return { name: supOf(pair), width: 1, next: g.select(g.less(was, now), now, was) };
      }),
  });
  const result = {
    paths,
    observe: observeProgram(model, testFunctions, false),
    observeControlled: observeProgram(model, testFunctions, true),
    events,
  };
  known.set(key, result);
  return result;
}

function eventsOf({ model, pairs, source, bounds }: PairsOptions): Event[] {
  const outside = (g: GraphBuilder, x: Node, low: number, high: number): Node => g.or(g.less(x, g.constant(low)), g.less(g.constant(high), x));
  const any = (g: GraphBuilder, mask: Node): Node => g.less(g.constant(0), g.sum(g.select(mask, g.constant(1), g.constant(0))));
  const events: Event[] = bounds.map(({ variable, low, high }) => ({
    kind: 'out-of-bounds',
    happens: (g, after) =>
      pairs
        .flatMap((pair) => [fullOf(pairs, pair), averagedOf(pair)])
        .map((member) => any(g, outside(g, after(member).get(variable) as Node, low, high)))
        .reduce((a, b) => g.or(a, b)),
  }));
  if (source.kind === 'truth') return events;
  const components = slowComponents(model);
  events.push({
    kind: 'outside-reference',
    happens: (g, after) =>
      pairs
        .flatMap((pair) =>
          components.map(({ variable, index }, k) =>
            outside(g, g.gather(after(averagedOf(pair)).get(variable) as Node, [index]), source.axes[k].low, source.axes[k].high),
          ),
        )
        .reduce((a, b) => g.or(a, b)),
  });
  return events;
}
