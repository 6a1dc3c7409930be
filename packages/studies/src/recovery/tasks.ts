/** The task of the study: one data set, fitted in every way that is compared, each judged by its distance from the true drift. */
import type { FitOptions } from '@ergoflow/inference';
import type { JsonObject, RunLongTask } from '@ergoflow/runner';
import { meanSquare, trueCoefficients } from '../fit/drift.ts';
import { comparisonStates, driftError } from '../fit/judge.ts';
import type { Simulated } from '../fit/settings.ts';
import { simulateData } from '../fit/simulateData.ts';
import { type Learn, withFound } from '../fit/tasks.ts';
import { modelOf } from '../system.ts';
import { networkDrift } from './network.ts';
import { oracleParameters } from './oracle.ts';
import type { RIVALS } from './settings.ts';

/** Parameters of a task. */
export interface Parameters {
  readonly model: JsonObject;
  readonly parameters: Readonly<Record<string, number>>;
  readonly seed: number;
  readonly data: Simulated;
  readonly options: JsonObject;
  readonly rivals: readonly (typeof RIVALS)[number][];
  /** Free parameters of the oracle. */
  readonly oracle: readonly string[];
}

/** Makes the task. */
export function recoveryTask(learn: Learn): RunLongTask {
  return async ({ parameters: given, from }) => {
    const { rivals, oracle, seed, data, ...parts } = given as unknown as Parameters;
    const model = modelOf(parts.model);
    const parameters = new Map(Object.entries(parts.parameters));
    const { path, failure } = simulateData(model, parameters, data, seed, from);
    if (failure !== null) return { moments: {}, failures: [failure] };
    const paths = [path];
    const states = comparisonStates(model, parameters, paths);
    if (states === null) throw new Error(`${model.name} has no truth that could be recovered`);
    const truth = trueCoefficients(model, parameters, states.at);
    const options = { ...(parts.options as FitOptions), seed: seed + from };
    const errorOf = async (own: FitOptions) => {
      const result = await learn({ model, parameters, paths }, own);
      const found = new Map(Object.entries(result.parameters).map(([name, { estimate }]) => [name, estimate]));
      return { result, error: driftError(model, parameters, withFound(model, parameters, found), result, states) };
    };
    const { result, error } = await errorOf(options);
    const measures: Record<string, number | null> = {
      'drift-mse fit': error,
      ...(rivals.includes('atoms') ? { 'drift-mse atoms': (await errorOf({ ...options, flow: 'none', penalties: [] })).error } : {}),
    };
    if (rivals.includes('oracle')) {
      const found = oracleParameters(model, parameters, oracle, paths);
      measures['drift-mse oracle'] = meanSquare(states, trueCoefficients(model, found, states.at).drift, truth.drift);
    }
    const { diffusion } = truth;
    if (diffusion !== null) {
      const mean = diffusion.reduce((sum, a, k) => sum + a * states.weights[k], 0);
      if (rivals.includes('network'))
        measures['drift-mse network'] = meanSquare(states, [networkDrift(paths, states.at[0], mean, seed + from)], truth.drift);
      measures.floor = mean / (path.times[path.times.length - 1] - path.times[0]);
    }
    measures['drift-power'] = meanSquare(
      states,
      truth.drift,
      truth.drift.map((column) => new Float64Array(column.length)),
    );
    measures['nats-above-optimum'] = result.certificate.natsAboveOptimum;
    measures['nats-over-zero-drift'] = result.certificate.natsOverZeroDrift;
    return { moments: {}, failures: [], answer: { measures } };
  };
}
