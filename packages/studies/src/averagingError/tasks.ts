/**
 * The tasks of the study: pure functions of parameters and replicates.
 *
 * `range` looks how far slow paths go, `reference` averages the frozen fast process on a grid over that range, `paths` and `check` simulate pairs at the
 * step and at three steps, `stationary` and `stationary-check` do so over a long time.
 */

import { documentOf } from '@ergoflow/input';
import {
  type JsonObject,
  type MergedOutcome,
  type MomentsLayout,
  mean,
  momentsAccumulator,
  type Outcome,
  type RunTask,
  type TaskRequest,
  variance,
} from '@ergoflow/runner';
import {
  type AverageSource,
  coefficientsOf,
  ergodicAverages,
  type Failure,
  type GridAxis,
  type Model,
  readModel,
  SCHEMES,
  type Scheme,
  slowComponents,
  tableUniform,
} from '@ergoflow/sde';
import { checkLayout, pairLayout } from './estimate.ts';
import { type Bound, observableName, observablesOf, type Pair, type PairsOptions, simulatePairs } from './pairs.ts';
import { slowRange } from './range.ts';

/** What identifies a system: the model as data, its parameters' values, the scheme and the seed. */
export interface SystemParameters {
  readonly model: JsonObject;
  readonly parameters: Readonly<Record<string, number>>;
  readonly scheme: string;
  readonly seed: number;
}

/** Parameters of `range`. */
export interface RangeParameters extends SystemParameters {
  readonly epsilon: number;
  readonly step: number;
  readonly horizon: number;
}

/** Parameters of `reference`. */
export interface ReferenceParameters extends SystemParameters {
  readonly step: number;
  readonly duration: number;
  readonly nodes: number;
  /** By slow component in order, [low, high]; absent where the range is found by simulation. */
  readonly range: readonly (readonly [number, number])[] | null;
}

/** Parameters of `paths`, `check` and their stationary forms. */
export interface PathsParameters extends SystemParameters {
  readonly epsilon: number;
  readonly step: number;
  readonly steps: number;
  readonly testFunctions: readonly string[];
  readonly bounds: readonly Bound[];
  /** Steps before the averaged stretch, and between samples; null for the errors at the horizon. */
  readonly average: { readonly after: number; readonly every: number } | null;
  /** The parameters of the reference, or null where the model has its truth. */
  readonly reference: ReferenceParameters | null;
}

/** Name of the moments in the outcomes. */
export const MOMENTS = 'moments';

/** Layout of a range's moments: the largest and smallest value of each slow component. */
export function rangeLayout(model: Model): MomentsLayout {
  return { names: slowComponents(model).flatMap(({ label }) => [`${label} low`, `${label} high`]), pairs: [] };
}

/** Layout of a reference's moments: for each coefficient its value, and the difference of the steps, at every node. */
export function referenceLayout(model: Model, nodes: number): MomentsLayout {
  const count = nodes ** slowComponents(model).length;
  const names = coefficientsOf(model).flatMap(({ name }) =>
    ['value', 'step'].flatMap((what) => Array.from({ length: count }, (_, k) => `${what} ${name} ${k}`)),
  );
  return { names, pairs: names.map((_, k) => [k, k]) };
}

/** The tasks by kind. */
export const TASKS: Readonly<Record<string, RunTask>> = {
  range(request) {
    const parameters = request.parameters as unknown as RangeParameters;
    const system = systemOf(parameters);
    const { low, high, failures } = slowRange({ ...parameters, ...system, from: request.from, to: request.to });
    const layout = rangeLayout(system.model);
    const width = slowComponents(system.model).length;
    return collect(layout, request, failures, (lane, out) => {
      for (let k = 0; k < width; k++) {
        out[2 * k] = low[lane * width + k];
        out[2 * k + 1] = high[lane * width + k];
      }
    });
  },

  reference(request) {
    const parameters = request.parameters as unknown as ReferenceParameters;
    const system = systemOf(parameters);
    const axes = gridAxes(system.model, parameters, request.inputs[0]);
    const { extrapolated, stepDifference, failures } = ergodicAverages({
      ...system,
      step: parameters.step,
      duration: parameters.duration,
      axes,
      from: request.from,
      to: request.to,
      meaning: [parameters.seed, 'averaging-error', 'reference'],
    });
    const layout = referenceLayout(system.model, parameters.nodes);
    const names = coefficientsOf(system.model).map(({ name }) => name);
    const count = layout.names.length / (2 * names.length);
    return collect(layout, request, failures, (lane, out) => {
      for (const [c, name] of names.entries()) {
        for (let k = 0; k < count; k++) {
          out[2 * c * count + k] = (extrapolated.get(name) as Float64Array)[lane * count + k];
          out[(2 * c + 1) * count + k] = (stepDifference.get(name) as Float64Array)[lane * count + k];
        }
      }
    });
  },

  paths: (request) => runPairs(request, 'paths', [{ name: 'main', substeps: 1, tables: 'averaged' }]),
  stationary: (request) => runPairs(request, 'stationary', [{ name: 'main', substeps: 1, tables: 'averaged' }]),
  check: (request) => runPairs(request, 'check', CHECK),
  'stationary-check': (request) => runPairs(request, 'stationary-check', CHECK),
  trajectories: (request) => runTrajectories(request),
};

const CHECK: readonly Pair[] = [
  { name: 'h1', substeps: 1, tables: 'averaged' },
  { name: 'h2', substeps: 2, tables: 'averaged' },
  { name: 'h4', substeps: 4, tables: 'averaged' },
  { name: 'perturbed', substeps: 1, tables: 'perturbed' },
];

function runPairs(request: TaskRequest, purpose: string, wanted: readonly Pair[]): Outcome {
  const parameters = request.parameters as unknown as PathsParameters;
  const system = systemOf(parameters);
  // With closed forms there is nothing to perturb: the pair at h stands for the perturbed one.
  const pairs = parameters.reference === null ? wanted.filter(({ name }) => name !== 'perturbed') : wanted;
  const { observables, failures } = simulatePairs(pairsOptions(parameters, system, request, purpose, pairs));
  const names = observablesOf(parameters.testFunctions);
  const layout = wanted.length === 1 ? pairLayout(names) : checkLayout(names);
  const columns = wanted.flatMap(({ name }) => {
    const pair = pairs.some((other) => other.name === name) ? name : 'h1';
    return names.map((observable) => observables.get(observableName(pair, observable)) as Float64Array);
  });
  return collect(layout, request, failures, (lane, out) => {
    for (const [k, column] of columns.entries()) out[k] = column[lane];
  });
}

/** The same paths as those of `paths`, kept at every so many steps. */
function runTrajectories(request: TaskRequest): Outcome {
  const parameters = request.parameters as unknown as PathsParameters & { readonly every: number };
  const system = systemOf(parameters);
  const components = slowComponents(system.model);
  const columns = new Map<string, number[]>(
    ['replicate', 'time', ...components.flatMap(({ label }) => [label, `${label} averaged`])].map((name) => [name, []]),
  );
  const push = (name: string, value: number): void => void (columns.get(name) as number[]).push(value);
  const { failures } = simulatePairs({
    ...pairsOptions(parameters, system, request, 'paths', [{ name: 'main', substeps: 1, tables: 'averaged' }]),
    record: {
      every: parameters.every,
      visit: (stepsDone, slow) => {
        for (let lane = 0; lane < request.to - request.from; lane++) {
          push('replicate', request.from + lane);
          push('time', stepsDone * parameters.step);
          for (const { variable, index, label } of components) {
            const at = index * (request.to - request.from) + lane;
            push(label, slow('full', variable)[at]);
            push(`${label} averaged`, slow('averaged', variable)[at]);
          }
        }
      },
    },
  });
  const meaning = (name: string): string =>
    name === 'replicate'
      ? 'number of the replicate'
      : name === 'time'
        ? 'slow time'
        : name.endsWith(' averaged')
          ? 'slow path of the averaged equation'
          : 'slow path of the full system';
  return {
    moments: {},
    failures,
    tables: {
      trajectories: {
        meaning: `slow paths of the full system and of its averaged equation, driven by the same slow Wiener processes, at epsilon = ${parameters.epsilon}`,
        columns: [...columns].map(([name, values]) => ({
          name,
          meaning: meaning(name),
          values: name === 'replicate' ? Int32Array.from(values) : Float64Array.from(values),
        })),
      },
    },
  };
}

function pairsOptions(parameters: PathsParameters, system: System, request: TaskRequest, purpose: string, pairs: readonly Pair[]): PairsOptions {
  return {
    ...system,
    ...averagedOf(system.model, parameters, request.inputs),
    epsilon: parameters.epsilon,
    dt: parameters.step,
    steps: parameters.steps,
    testFunctions: parameters.testFunctions,
    bounds: parameters.bounds,
    ...(parameters.average === null ? {} : { average: parameters.average }),
    pairs,
    from: request.from,
    to: request.to,
    meaning: [parameters.seed, 'averaging-error', purpose, parameters.epsilon],
  };
}

/** Adds up the lanes that did not fail. */
function collect(
  layout: MomentsLayout,
  { from, to }: TaskRequest,
  failures: readonly Failure[],
  read: (lane: number, out: Float64Array) => void,
): Outcome {
  const accumulator = momentsAccumulator(layout);
  const lost = new Set(failures.map(({ replicate }) => replicate));
  const out = new Float64Array(layout.names.length);
  for (let replicate = from; replicate < to; replicate++) {
    if (lost.has(replicate)) continue;
    read(replicate - from, out);
    accumulator.add(out);
  }
  return { moments: { [MOMENTS]: accumulator.record() }, failures };
}

interface System {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly scheme: Scheme;
}

const systems = new Map<string, Model>();

/** Reads a request's model, once per worker: programs are kept by model. */
export function systemOf({ model, parameters, scheme }: SystemParameters): System {
  const key = JSON.stringify(model);
  const known = systems.get(key) ?? readModel(documentOf(model));
  systems.set(key, known);
  return { model: known, parameters: new Map(Object.entries(parameters)), scheme: SCHEMES.get(scheme) as Scheme };
}

/** The grid of a reference: the range given, or what the pilot paths visited and half as much again on both sides. */
export function gridAxes(model: Model, { nodes, range }: ReferenceParameters, pilot: MergedOutcome | undefined): GridAxis[] {
  const layout = rangeLayout(model);
  return slowComponents(model).map((_, k) => {
    if (range !== null) return { low: range[k][0], high: range[k][1], count: nodes };
    const record = (pilot as MergedOutcome).moments[MOMENTS];
    const [low, high] = [record.minima[2 * k], record.maxima[2 * k + 1]];
    if (!(layout.names.length > 2 * k && Number.isFinite(low) && Number.isFinite(high)))
      throw new RangeError('the pilot paths of the full system all failed: give reference.range');
    const margin = Math.max(0.5 * (high - low), 0.1, 0.01 * Math.abs(low));
    return { low: low - margin, high: high + margin, count: nodes };
  });
}

/** The averaged equation's source and tables: as they are, and every one moved by its standard error. */
function averagedOf(
  model: Model,
  { reference }: PathsParameters,
  inputs: readonly MergedOutcome[],
): { readonly source: AverageSource; readonly tables: Readonly<Record<string, Float64Array>> } {
  if (reference === null) return { source: { kind: 'truth' }, tables: {} };
  const [averages, pilot] = inputs;
  const axes = gridAxes(model, reference, pilot);
  const tables: Record<string, Float64Array> = {};
  for (const [name, { value, error }] of referenceTables(model, reference, averages)) {
    tables[tableUniform('averaged', name)] = value;
    tables[tableUniform('perturbed', name)] = value.map((x, k) => x + error[k]);
  }
  return { source: { kind: 'grid', axes, tables: 'averaged' }, tables };
}

/**
 * Reads the tables off a reference's moments: values, and their errors of three sources added in quadrature: between chains (which knows the
 * autocorrelation), of the scheme (the rest after extrapolation, a step's length times the correction), and of the interpolation (against every
 * second node, 1/15 of the difference as for a fourth-order method).
 */
export function referenceTables(
  model: Model,
  reference: ReferenceParameters,
  averages: MergedOutcome,
): Map<string, { readonly value: Float64Array; readonly error: Float64Array }> {
  const layout = referenceLayout(model, reference.nodes);
  const record = averages.moments[MOMENTS];
  const dimension = slowComponents(model).length;
  const count = reference.nodes ** dimension;
  return new Map(
    coefficientsOf(model).map(({ name }) => {
      const value = Float64Array.from({ length: count }, (_, k) => mean(record, layout, `value ${name} ${k}`));
      const error = Float64Array.from({ length: count }, (_, k) => {
        const chains = Math.sqrt(variance(record, layout, `value ${name} ${k}`) / record.count);
        const step = reference.step * mean(record, layout, `step ${name} ${k}`);
        return Math.hypot(chains, step, interpolationError(value, reference.nodes, dimension, k));
      });
      return [name, { value, error }];
    }),
  );
}

/** Along each direction: the middle of four nodes two apart, by the cubic through them, against the node that stands there. */
function interpolationError(value: Float64Array, nodes: number, dimension: number, k: number): number {
  let largest = 0;
  for (let direction = 0, stride = 1; direction < dimension; direction++, stride *= nodes) {
    const index = Math.floor(k / stride) % nodes;
    if (nodes < 7) continue;
    const shift = Math.min(Math.max(index, 3), nodes - 4) - index;
    const at = (offset: number): number => value[k + (shift + offset) * stride];
    const middle = (-at(-3) + 9 * at(-1) + 9 * at(1) - at(3)) / 16;
    largest = Math.max(largest, Math.abs(middle - at(0)) / 15);
  }
  return largest;
}
