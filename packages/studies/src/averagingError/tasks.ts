/**
 * The tasks of the study: pure functions of parameters and replicates.
 *
 * `range` looks how far slow paths go, `reference` averages the frozen fast process on a grid over that range, `paths` and `check` simulate pairs at the
 * step and at three steps, `stationary` and `stationary-check` do so over a long time.
 */

import { type MergedOutcome, type MomentsLayout, momentsAccumulator, type Outcome, type RunTask, type TaskRequest } from '@ergoflow/runner';
import { coefficientsOf, ergodicAverages, type Failure, type Model, slowComponents } from '@ergoflow/sde';
import { type System, type SystemParameters, systemOf } from '../system.ts';
import { BATCHES, CHECK_LEVELS, checkLayout, PERTURBATIONS, pairLayout } from './estimate.ts';
import { controlsOf, observableName, observablesOf } from './observe.ts';
import { type Bound, type Pair, type PairsOptions, simulatePairs } from './pairs.ts';
import { slowRange } from './range.ts';
import { gridAxes, type ReferenceSettings, rangeLayout, referenceLayout, referenceTables } from './reference.ts';
import { keepTrajectories } from './trajectories.ts';

/** Parameters of `range`. */
export interface RangeParameters extends SystemParameters {
  readonly epsilon: number;
  readonly step: number;
  readonly horizon: number;
}

/** Parameters of `reference`: one batch of chains. */
export interface ReferenceParameters extends SystemParameters, ReferenceSettings {
  readonly batch: number;
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
  /** How the reference is made, or null where the model has its truth. Tasks then take its batches, and the pilot unless the range is given. */
  readonly reference: ReferenceSettings | null;
}

/** Name of the moments in the outcomes. */
export const MOMENTS = 'moments';

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
    const axes = gridAxes(system.model, parameters, request.inputs[0]?.moments[MOMENTS]);
    const { extrapolated, stepDifference, failures } = ergodicAverages({
      ...system,
      step: parameters.step,
      duration: parameters.duration,
      axes,
      from: request.from,
      to: request.to,
      meaning: [parameters.seed, 'averaging-error', 'reference', parameters.batch],
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

  paths: (request) => runPairs(request, 'paths'),
  stationary: (request) => runPairs(request, 'stationary'),
  check: (request) => runCheck(request, 'check'),
  'stationary-check': (request) => runCheck(request, 'stationary-check'),
  trajectories(request, keepRows) {
    const parameters = request.parameters as unknown as PathsParameters & { readonly every: number };
    return keepTrajectories(pairsOptions(parameters, systemOf(parameters), request, 'paths', [MAIN]), parameters.every, keepRows);
  },
};

const MAIN: Pair = { name: 'main', substeps: 1, tables: 'averaged', control: true };

function runPairs(request: TaskRequest, purpose: string): Outcome {
  const { testFunctions } = request.parameters as unknown as PathsParameters;
  const controls = controlsOf(testFunctions);
  return simulated(request, purpose, [MAIN], pairLayout(observablesOf(testFunctions), controls), [
    ...observablesOf(testFunctions),
    ...controls.values(),
  ]);
}

function runCheck(request: TaskRequest, purpose: string): Outcome {
  const { testFunctions, reference } = request.parameters as unknown as PathsParameters;
  const perturbations = reference === null ? [] : PERTURBATIONS;
  const pairs = [
    ...CHECK_LEVELS.map((name, k) => ({ name, substeps: 2 ** k, tables: 'averaged', control: false })),
    ...perturbations.map((name) => ({ name, substeps: 1, tables: name, control: false })),
  ];
  const observables = observablesOf(testFunctions);
  return simulated(request, purpose, pairs, checkLayout(observables, perturbations), observables);
}

function simulated(request: TaskRequest, purpose: string, pairs: readonly Pair[], layout: MomentsLayout, names: readonly string[]): Outcome {
  const parameters = request.parameters as unknown as PathsParameters;
  const { observables, failures } = simulatePairs(pairsOptions(parameters, systemOf(parameters), request, purpose, pairs));
  const columns = pairs.flatMap(({ name }) => names.map((observable) => observables.get(observableName(name, observable)) as Float64Array));
  // A test function such as log(x) may have no value where a path ends.
  const lost = new Set(failures.map(({ replicate }) => replicate));
  const last = { step: parameters.steps - 1, time: parameters.steps * parameters.step };
  const undefinedAt = Array.from({ length: request.to - request.from }, (_, lane) => request.from + lane)
    .filter((replicate) => !lost.has(replicate) && columns.some((column) => !Number.isFinite(column[replicate - request.from])))
    .map((replicate): Failure => ({ kind: 'test-function', replicate, ...last }));
  return collect(layout, request, [...failures, ...undefinedAt], (lane, out) => {
    for (const [k, column] of columns.entries()) out[k] = column[lane];
  });
}

function pairsOptions(parameters: PathsParameters, system: System, request: TaskRequest, purpose: string, pairs: readonly Pair[]): PairsOptions {
  return {
    ...system,
    ...averagedOf(parameters, system.model, request.inputs),
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

type Averaged = Pick<PairsOptions, 'source' | 'tables'>;

const tabulated = new Map<string, Averaged>();

/** The averaged equation's source and tables, made once per worker: a large grid's tables take as long as a task's paths. */
function averagedOf(parameters: PathsParameters, model: Model, inputs: readonly MergedOutcome[]): Averaged {
  const { reference } = parameters;
  if (reference === null) return { source: { kind: 'truth' }, tables: {} };
  const records = inputs.slice(0, BATCHES.length).map(({ moments }) => moments[MOMENTS]);
  const axes = gridAxes(model, reference, inputs[BATCHES.length]?.moments[MOMENTS]);
  // All that the records depend on.
  const key = JSON.stringify([parameters.model, parameters.parameters, parameters.scheme, parameters.seed, reference, axes, records[0].count]);
  const known = tabulated.get(key);
  if (known !== undefined) return known;
  const made: Averaged = { source: { kind: 'grid', axes, tables: 'averaged' }, tables: referenceTables(model, reference, records) };
  tabulated.set(key, made);
  return made;
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
