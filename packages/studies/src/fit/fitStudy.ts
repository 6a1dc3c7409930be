/** Study `fit`: a reduced model learned from observed slow paths, with what the fit is worth. A task is one fit to one data set. */
import { evaluateCoefficients } from '@ergoflow/inference';
import type { Json, JsonObject, MergedOutcome, Work } from '@ergoflow/runner';
import { averagedObstacle, type Model, slowComponents } from '@ergoflow/sde';
import { type Observations, observationsForWork } from '../data/observations.ts';
import { type CellResult, refuseUnknown, SettingError, type Study } from '../study.ts';
import { fittedModelText } from './fittedModel.ts';
import { answerOfCell, answersOf, jsonText, MEANINGS, metricsOf, tablesOf } from './results.ts';
import { fitOptions, type Settings, type Simulated, settingsSchema } from './settings.ts';
import { stepsBetween } from './simulateData.ts';
import { fitTask, type Learn, type Parameters } from './tasks.ts';

/** Cost of a fit beside its data, in observations: some hundred steps of training. */
const FIT_COST = 1e6;

/** Makes the study. @param learn The engine of fits. */
export function makeFitStudy(learn: Learn): Study {
  return {
    name: 'fit',
    version: 1,
    about:
      'A reduced model learned from observed slow paths: averaged drift and diffusion with bands, parameters, and how much better any law could do.',
    axes: {},
    defaults: { replicate: 1 },
    settings: settingsSchema,
    files: ['data'],
    meanings: MEANINGS,
    tasks: {},
    longTasks: { fit: fitTask(learn) },
    plan({ cell, model, modelData, parameters, settings: checked }, replicates, seed) {
      const settings = checked as Settings;
      refuseNothing(model, settings.learn);
      const { data } = settings;
      const observed = typeof data === 'string' ? observe(data, model, parameters, replicates) : null;
      if (typeof data !== 'string') refuseData(model, data);
      const keep = replicates === 1;
      const parts: Parameters = {
        model: settings.learn ? modelData : withKnownParameters(modelData),
        parameters: Object.fromEntries(parameters),
        seed,
        data: observed === null ? (data as Simulated) : { sha256: observed.sha256 },
        options: fitOptions(settings) as unknown as JsonObject,
        keep,
      };
      const observations = typeof data === 'string' ? (observed as Facts).rows : data.observations * stepsBetween(data);
      const work: Work = {
        kind: 'fit',
        parameters: parts as unknown as JsonObject,
        replicates,
        blockSize: 1,
        costPerReplicate: FIT_COST + observations,
        needs: [],
        ...(observed === null ? {} : { files: { [observed.sha256]: data as string } }),
      };
      const result = ([outcome]: readonly (MergedOutcome | null)[], level = settings.level): CellResult => {
        const answers = answersOf(outcome);
        const base = { axes: cell.axes, count: answers.length, failures: { ...outcome?.failures } };
        if (answers.length === 0) return { ...base, metrics: {} };
        const [first] = answers;
        const labels = slowComponents(model).map(({ label }) => label);
        return {
          ...base,
          metrics: metricsOf(answers, level),
          tables: keep ? tablesOf(first, labels) : {},
          answer: answerOfCell(answers),
          ...(first.kept === null ? {} : { documents: documentsOf(model, modelData, parts, first.fit, first.kept) }),
        };
      };
      return { axes: cell.axes, works: [work], result };
    },
    fit: () => [],
  };
}

type Kept = NonNullable<ReturnType<typeof answersOf>[number]['kept']>;

/** The files of a fitted model beside its tables: what it is, and the model that can be simulated. */
function documentsOf(model: Model, written: JsonObject, { options, data, seed }: Parameters, fit: JsonObject, kept: Kept): Record<string, string> {
  const text = fittedModelText(model, written, kept);
  const spec = {
    model: written,
    parameters: kept.parameters,
    data: data as unknown as JsonObject,
    options,
    seed,
    certificate: fit.certificate,
    weights: kept.weightsDigest === null ? null : { sha256: kept.weightsDigest },
    tables: { coefficients: 'fit.arrow', law: 'law.arrow' },
    ...(text === null ? {} : { fittedModel: 'fitted-model.yaml' }),
  };
  return { 'fit.json': jsonText(spec), ...(text === null ? {} : { 'fitted-model.yaml': text }) };
}

/** Refuses a model in which nothing can be learned. @param learn Whether parameters may be. */
export function refuseNothing(model: Model, learn: boolean): void {
  if (model.fast.length > 0 || (learn && model.parameters.some((parameter) => parameter.learn))) return;
  throw new SettingError(`${model.name} has nothing to learn: no fast variable, and no parameter with learn: true`, ['model']);
}

/** The model as written, with all its parameters known. */
export function withKnownParameters(written: JsonObject): JsonObject {
  const { parameters } = written;
  if (typeof parameters !== 'object' || parameters === null) return written;
  const known = Object.entries(parameters as JsonObject).map(([name, value]): [string, Json] => {
    if (typeof value !== 'object' || value === null) return [name, value];
    const { learn: _learn, ...rest } = value as JsonObject;
    return [name, rest];
  });
  return { ...written, parameters: Object.fromEntries(known) };
}

/** Refuses data that the model cannot give. */
export function refuseData(model: Model, { simulate }: Simulated): void {
  if (simulate === 'full') {
    refuseUnknown(model);
    return;
  }
  const obstacle = model.truth === undefined ? 'it has no truth: write the averages in closed form, or simulate: full' : averagedObstacle(model);
  if (obstacle !== null) throw new SettingError(`the averaged equation of ${model.name} cannot be simulated: ${obstacle}`, ['data', 'simulate']);
}

/** What a plan needs to know of a file. */
type Facts = Pick<Observations, 'sha256' | 'rows'>;

/** Reads a file and looks for what no fit could use; only its digest and size are kept. */
function observe(file: string, model: Model, parameters: ReadonlyMap<string, number>, replicates: number): Facts {
  if (replicates > 1) throw new SettingError(`${file} is one data set: axes.replicate must be 1, got ${replicates}`, ['data']);
  const { paths, sha256, rows } = observationsForWork(file, model);
  const extremes = paths[0].values.map((_, c) => extremesOf(paths.map(({ values }) => values[c])));
  const corners = extremes.reduce<number[][]>((points, ends) => points.flatMap((point) => ends.map((end) => [...point, end])), [[]]);
  const slow = extremes.map((_, c) => Float64Array.from(corners, (point) => point[c]));
  const fastSize = model.fast.reduce((sum, { size }) => sum + size, 0);
  // Some states of the fast variables: a drift that is not finite for all of them is so for every law.
  const fast = Array.from({ length: fastSize }, (_, k) => Float64Array.from({ length: PROBES }, (_, m) => (((k + 1) * (m + 1) * 0.618) % 1) * 2 - 1));
  const { drift, diffusion } = evaluateCoefficients({ model, parameters, slow, fast });
  const samples = fastSize === 0 ? 1 : PROBES;
  for (const [k, point] of corners.entries()) {
    const bad = [...drift, ...diffusion].some((values) => values.subarray(k * samples, (k + 1) * samples).every((value) => !Number.isFinite(value)));
    if (!bad) continue;
    const where = slowComponents(model).map(({ label }, c) => `${label} = ${point[c]}`);
    throw new SettingError(`the equations of ${model.name} are not finite at ${where.join(', ')}, which was observed`, ['data']);
  }
  return { sha256, rows };
}

const PROBES = 16;

function extremesOf(parts: readonly Float64Array[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    for (const x of part) {
      if (x < low) low = x;
      if (x > high) high = x;
    }
  }
  return [low, high];
}
