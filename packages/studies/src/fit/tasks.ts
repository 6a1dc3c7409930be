/** The task of the study: one fit to one data set, read or simulated. */
import { createHash } from 'node:crypto';
import type { FitOptions, FitProblem, FitResult, ObservedPath } from '@ergoflow/inference';
import { namesIn } from '@ergoflow/kernels';
import type { Column, JsonObject, Outcome, RunLongTask, TaskRequest } from '@ergoflow/runner';
import { type Model, parameterValues } from '@ergoflow/sde';
import { observationsOfTask } from '../data/observations.ts';
import { modelOf } from '../system.ts';
import { answerOf, type DataFacts, measuresOf } from './answer.ts';
import { comparisonStates, driftError } from './judge.ts';
import type { Simulated } from './settings.ts';
import { simulateData } from './simulateData.ts';

/** Parameters of a task. */
export interface Parameters {
  readonly model: JsonObject;
  readonly parameters: Readonly<Record<string, number>>;
  readonly seed: number;
  /** The digest of a file, or what to simulate. */
  readonly data: { readonly sha256: string } | Simulated;
  readonly options: JsonObject;
  /** True to keep law and tables in the answer, and the flow's weights as a file. */
  readonly keep: boolean;
}

/** The engine of fits, as `fitFlow` is one. */
export type Learn = (problem: FitProblem, options: FitOptions) => Promise<FitResult>;

/** What a data set is for a fit. */
interface DataSet {
  readonly paths: readonly ObservedPath[];
  readonly facts: DataFacts;
}

/** Makes the task. */
export function fitTask(learn: Learn): RunLongTask {
  return async (request, keepRows) => {
    const parts = request.parameters as unknown as Parameters;
    const model = modelOf(parts.model);
    const parameters = new Map(Object.entries(parts.parameters));
    const data = dataOf(request, parts, model, parameters);
    if ('failures' in data) return data;
    const result = await learn({ model, parameters, paths: data.paths }, { ...(parts.options as FitOptions), seed: parts.seed + request.from });
    const found = new Map(Object.entries(result.parameters).map(([name, { estimate }]) => [name, estimate]));
    const fitted = withFound(model, parameters, found);
    const states = 'simulate' in parts.data ? comparisonStates(model, parameters, data.paths) : null;
    const error = driftError(model, parameters, fitted, result, states);
    const weights = parts.keep ? weightsColumns(result) : null;
    if (weights !== null) keepRows('weights', { meaning: 'weights of the fitted flow, one after the other', columns: weights });
    return {
      moments: {},
      failures: [],
      answer: {
        measures: measuresOf(result, error),
        fit: answerOf(model, result, data.paths, data.facts),
        kept: parts.keep ? keptOf(result, fitted, weights) : null,
      },
    };
  };
}

/** The parameters with what was found: those that follow from it are computed again, the others stay. */
export function withFound(model: Model, parameters: ReadonlyMap<string, number>, found: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const moved = new Set(found.keys());
  for (let count = -1; count !== moved.size; ) {
    count = moved.size;
    for (const { name, value } of model.parameters) if ([...namesIn(value)].some((other) => moved.has(other))) moved.add(name);
  }
  return parameterValues(model, new Map([...[...parameters].filter(([name]) => !moved.has(name)), ...found]));
}

function dataOf(request: TaskRequest, { data, seed }: Parameters, model: Model, parameters: ReadonlyMap<string, number>): DataSet | Outcome {
  if ('simulate' in data) {
    const { path, failure } = simulateData(model, parameters, data, seed, request.from);
    if (failure !== null) return { moments: {}, failures: [failure] };
    return { paths: [path], facts: { observations: data.observations, paths: 1, missing: 0, notes: [] } };
  }
  const { paths, rows, missing, notes } = observationsOfTask(request.files?.[data.sha256] ?? '', data.sha256, model);
  return { paths, facts: { observations: rows - missing, paths: paths.length, missing, notes } };
}

/** What a fitted model needs beside the answer. */
function keptOf({ law, reducedModel }: FitResult, fitted: ReadonlyMap<string, number>, weights: readonly Column[] | null): JsonObject {
  return {
    parameters: Object.fromEntries(fitted),
    law: {
      components: law.components,
      samples: law.samples.map((row) => Array.from(row)),
      weights: Array.from(law.weights),
      at: law.at,
    },
    reduced:
      reducedModel === null
        ? null
        : {
            axes: reducedModel.axes.map((axis) => ({ ...axis })),
            tables: Object.fromEntries(Object.entries(reducedModel.tables).map(([name, values]) => [name, Array.from(values)])),
          },
    weightsDigest: weights === null ? null : digestOf(weights),
  };
}

function weightsColumns({ weights }: FitResult): Column[] | null {
  if (weights === null) return null;
  const entries = Object.entries(weights);
  const total = entries.reduce((sum, [, values]) => sum + values.length, 0);
  const values = new Float64Array(total);
  const names: string[] = [];
  let at = 0;
  for (const [name, part] of entries) {
    values.set(part, at);
    for (let k = 0; k < part.length; k++) names.push(name);
    at += part.length;
  }
  return [
    { name: 'name', meaning: 'what the weight belongs to', values: names },
    { name: 'value', meaning: 'the weight', values },
  ];
}

function digestOf([names, values]: readonly Column[]): string {
  const numbers = values.values as Float64Array;
  return createHash('sha256')
    .update((names.values as readonly string[]).join('\n'))
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex');
}
