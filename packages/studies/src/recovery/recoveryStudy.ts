/** Study `recovery`: how near a fit comes to the true drift, over many data sets, beside the floors that any method has. */
import type { JsonObject, MergedOutcome, Work } from '@ergoflow/runner';
import { averagedObstacle } from '@ergoflow/sde';
import { refuseData, refuseNothing, withKnownParameters } from '../fit/fitStudy.ts';
import { answersOf, MEANINGS as FIT_MEANINGS, metricsOf } from '../fit/results.ts';
import { fitOptions } from '../fit/settings.ts';
import { stepsBetween } from '../fit/simulateData.ts';
import type { Learn } from '../fit/tasks.ts';
import { type CellResult, SettingError, type Study } from '../study.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { type Parameters, recoveryTask } from './tasks.ts';

/** Meanings of the metrics, by the first word of their names. */
const MEANINGS = {
  'drift-mse': FIT_MEANINGS['drift-mse'],
  floor: 'σ²/T: the drift error of a single free number by the best estimate from a path of length T',
  'drift-power': 'mean square of the true drift itself, the error of a zero drift',
  'nats-above-optimum': FIT_MEANINGS['nats-above-optimum'],
  'nats-over-zero-drift': FIT_MEANINGS['nats-over-zero-drift'],
};

/** Cost of one data set beside its simulation: the fit and its rivals. */
const FIT_COST = 2e6;

/** Makes the study. @param learn The engine of fits. */
export function makeRecoveryStudy(learn: Learn): Study {
  return {
    name: 'recovery',
    version: 1,
    about: 'How near a fit comes to the true averaged drift, over data sets, beside σ²/T, the known law, the best law and an unstructured network.',
    axes: {},
    defaults: { replicate: 10 },
    settings: settingsSchema,
    meanings: MEANINGS,
    tasks: {},
    longTasks: { recovery: recoveryTask(learn) },
    plan({ cell, model, modelData, parameters, settings: checked }, replicates, seed) {
      const settings = checked as Settings;
      refuseNothing(model, settings.learn);
      if (model.truth === undefined || averagedObstacle(model) !== null) {
        throw new SettingError(`${model.name} has no truth that could be recovered: write its averages in closed form`, ['model']);
      }
      refuseData(model, settings.data);
      const known = model.parameters.map(({ name }) => name);
      const oracle = settings.oracle ?? model.parameters.filter(({ learn: isFree }) => isFree).map(({ name }) => name);
      const unknown = oracle.find((name) => !known.includes(name));
      if (unknown !== undefined)
        throw new SettingError(`oracle names ${unknown}, which ${model.name} does not have: its parameters are ${known.join(', ')}`, ['oracle']);
      const parts: Parameters = {
        model: settings.learn ? modelData : withKnownParameters(modelData),
        parameters: Object.fromEntries(parameters),
        seed,
        data: settings.data,
        options: fitOptions(settings) as unknown as JsonObject,
        rivals: [...settings.rivals].sort(),
        oracle: [...oracle].sort(),
      };
      const work: Work = {
        kind: 'recovery',
        parameters: parts as unknown as JsonObject,
        replicates,
        blockSize: 1,
        costPerReplicate: FIT_COST + settings.data.observations * stepsBetween(settings.data),
        needs: [],
      };
      const result = ([outcome]: readonly (MergedOutcome | null)[], level = settings.level): CellResult => {
        const answers = answersOf(outcome);
        return { axes: cell.axes, count: answers.length, failures: { ...outcome?.failures }, metrics: metricsOf(answers, level) };
      };
      return { axes: cell.axes, works: [work], result };
    },
    fit: () => [],
  };
}
