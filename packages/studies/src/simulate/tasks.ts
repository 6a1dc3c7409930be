/** The tasks of the study: `paths` simulates at the step, and keeps the paths if asked to; `check` at the step, its half and its quarter together. */
import { type MomentsLayout, momentsAccumulator, type Outcome, type RunTask, type TaskRequest } from '@ergoflow/runner';
import { CHECK_LEVELS } from '../averagingError/estimate.ts';
import { type SystemParameters, systemOf } from '../system.ts';
import { type Ensemble, type EnsembleOptions, type Level, observableAt, simulateEnsemble } from './ensemble.ts';
import { layoutsOf } from './estimates.ts';
import { observablesOf, type Quantities } from './quantities.ts';
import { trajectoryRecorder } from './trajectories.ts';

/** Parameters of a task. */
export interface Parameters extends SystemParameters {
  readonly epsilon: number;
  readonly step: number;
  readonly steps: number;
  readonly quantities: Quantities | null;
  /** Steps between the points kept, and whether fast variables are; null where no path is kept. */
  readonly keep: { readonly every: number; readonly fast: boolean } | null;
}

/** Name of the moments in the outcomes. */
export const MOMENTS = 'moments';

/** The tasks by kind. */
export const TASKS: Readonly<Record<string, RunTask>> = {
  paths(request, keepRows) {
    const parameters = request.parameters as unknown as Parameters;
    const { keep, quantities } = parameters;
    const system = systemOf(parameters);
    const recorder = keep === null ? null : trajectoryRecorder(system.model, parameters, keep, request, keepRows);
    const levels = [{ name: 'full', substeps: 1 }];
    const ensemble = simulateEnsemble({
      ...optionsOf(parameters, request, levels, [parameters.seed, 'simulate', parameters.epsilon]),
      ...(keep === null || recorder === null ? {} : { record: { every: keep.every, visit: recorder.visit } }),
    });
    recorder?.end();
    return outcomeOf(request, quantities, levels, ensemble, quantities === null ? null : layoutsOf(quantities).main);
  },

  check(request) {
    const parameters = request.parameters as unknown as Parameters;
    const levels = CHECK_LEVELS.map((name, k) => ({ name, substeps: 2 ** k }));
    const ensemble = simulateEnsemble(optionsOf(parameters, request, levels, [parameters.seed, 'simulate', 'check', parameters.epsilon]));
    const { quantities } = parameters;
    return outcomeOf(request, quantities, levels, ensemble, quantities === null ? null : layoutsOf(quantities).check);
  },
};

function optionsOf(
  parameters: Parameters,
  { from, to }: TaskRequest,
  levels: readonly Level[],
  meaning: EnsembleOptions['meaning'],
): EnsembleOptions {
  const { epsilon, step, steps, quantities } = parameters;
  return { ...systemOf(parameters), epsilon, step, steps, levels, quantities, from, to, meaning };
}

/** Adds up the paths that were not lost. */
function outcomeOf(
  { from, to }: TaskRequest,
  quantities: Quantities | null,
  levels: readonly Level[],
  { observables, failures }: Ensemble,
  layout: MomentsLayout | null,
): Outcome {
  if (quantities === null || layout === null) return { moments: {}, failures };
  const accumulator = momentsAccumulator(layout);
  const columns = levels.flatMap(({ name }) =>
    observablesOf(quantities).map((observable) => observables.get(observableAt(name, observable)) as Float64Array),
  );
  const lost = new Set(failures.map(({ replicate }) => replicate));
  const values = new Float64Array(columns.length);
  for (let replicate = from; replicate < to; replicate++) {
    if (lost.has(replicate)) continue;
    for (let k = 0; k < columns.length; k++) values[k] = columns[k][replicate - from];
    accumulator.add(values);
  }
  return { moments: { [MOMENTS]: accumulator.record() }, failures };
}
