/** Study `simulate`: paths of the full system, kept as Arrow files. */
import { documentOf } from '@ergoflow/input';
import type { JsonObject, Outcome, TaskRequest, Work } from '@ergoflow/runner';
import {
  coupledProgram,
  EPSILON,
  type Failure,
  fullSystem,
  kernelOf,
  type Model,
  openStreams,
  parameterUniforms,
  readModel,
  SCHEMES,
  type Scheme,
  simulate,
  startPaths,
  stateName,
} from '@ergoflow/sde';
import { z } from 'zod';
import { refuseScheme, refuseUnknown, type Study } from '../study.ts';

const settingsSchema = z.strictObject({
  horizon: z.number().positive().default(1).describe('length of the paths in slow time'),
  every: z.number().positive().default(0.01).describe('slow time between the points kept'),
  fast: z.boolean().default(true).describe('keep the fast variables too'),
  level: z.number().gt(0).lt(1).default(0.95).describe('level of all intervals'),
});

interface Parameters {
  readonly model: JsonObject;
  readonly parameters: Readonly<Record<string, number>>;
  readonly scheme: string;
  readonly seed: number;
  readonly epsilon: number;
  readonly step: number;
  readonly steps: number;
  readonly every: number;
  readonly fast: boolean;
}

/** The study. */
export const simulateStudy: Study = {
  name: 'simulate',
  version: 1,
  about: 'Paths of the full slow–fast system, kept as Arrow files.',
  axes: {
    epsilon: { about: 'scale separation ε', kind: 'positive' },
    step: { about: 'time step; default epsilon/20', kind: 'positive' },
    scheme: { about: 'scheme; default euler-maruyama', kind: 'scheme', oneOf: [...SCHEMES.keys()] },
  },
  defaults: { step: 'epsilon/20', scheme: 'euler-maruyama' },
  settings: settingsSchema,
  meanings: {},
  tasks: { paths: simulatePaths },
  plan({ cell, model, modelData, parameters, settings: checked }, replicates, seed) {
    const settings = checked as z.infer<typeof settingsSchema>;
    refuseUnknown(model);
    refuseScheme(String(cell.axes.scheme), model.name, fullSystem(model));
    const [epsilon, wanted] = [Number(cell.axes.epsilon), Number(cell.axes.step)];
    const steps = Math.max(1, Math.ceil(settings.horizon / wanted - 1e-9));
    const step = settings.horizon / steps;
    const parts: Parameters = {
      model: modelData,
      parameters: Object.fromEntries(parameters),
      scheme: String(cell.axes.scheme),
      seed,
      epsilon,
      step,
      steps,
      every: Math.max(1, Math.round(settings.every / step)),
      fast: settings.fast,
    };
    const size = [...model.slow, ...model.fast].reduce((total, variable) => total + variable.size, 0);
    const columnCount = 2 + componentsOf(model, settings.fast).length;
    const work: Work = {
      kind: 'paths',
      parameters: parts as unknown as JsonObject,
      replicates,
      blockSize: Math.max(1, Math.floor(Math.min(MOST.lanes, MOST.laneSteps / steps, MOST.values / (columnCount * (1 + steps / parts.every))))),
      costPerReplicate: steps * size,
      needs: [],
    };
    return {
      axes: cell.axes,
      works: [work],
      grows: [true],
      isTight: () => true,
      result: ([outcome]) => ({
        axes: cell.axes,
        count: outcome === null ? 0 : replicates - Object.values(outcome.failures).reduce((total, count) => total + count, 0),
        failures: outcome?.failures ?? {},
        metrics: {},
      }),
    };
  },
  fit: () => [],
};

/** What one task holds: some tenths of a second of work, and 64 MB of numbers. */
const MOST = { lanes: 1024, laneSteps: 2e6, values: 8e6 };

function simulatePaths({ parameters: given, from, to }: TaskRequest): Outcome {
  const { model: data, parameters, scheme, seed, epsilon, step, steps, every, fast } = given as unknown as Parameters;
  const model = readModel(documentOf(data));
  const values = new Map(Object.entries(parameters));
  const method = SCHEMES.get(scheme) as Scheme;
  const program = coupledProgram({ members: [{ name: 'full', equations: fullSystem(model), scheme: method, substeps: 1 }] });
  const meaning = [seed, 'simulate', epsilon];
  const resolutions = [{ name: 'full', substeps: 1 }];
  const started = startPaths({ model, parameters: values, scheme: method, epsilon, unitStep: step / epsilon, from, to, meaning, resolutions });
  const states: Record<string, Float64Array> = {};
  for (const [name, array] of started.values.get('full') ?? []) states[stateName('full', name)] = array.slice();
  const components = componentsOf(model, fast);
  const times = 1 + Math.ceil(steps / every);
  const rows = times * (to - from);
  const replicate = new Int32Array(rows);
  const time = new Float64Array(rows);
  const columns = components.map(() => new Float64Array(rows));
  let row = 0;
  const failures = simulate({
    kernel: kernelOf(program),
    from,
    to,
    steps,
    dt: step,
    uniforms: { ...parameterUniforms(values), [EPSILON]: Float64Array.of(epsilon) },
    states,
    streams: openStreams(program, meaning, from, to),
    save: {
      every,
      visit: (done) => {
        for (let lane = 0; lane < to - from; lane++, row++) {
          replicate[row] = from + lane;
          time[row] = done * step;
          for (const [k, { variable, index }] of components.entries())
            columns[k][row] = states[stateName('full', variable)][index * (to - from) + lane];
        }
      },
    },
  });
  const startFailed = new Set(started.failures.map((failure) => failure.replicate));
  const lost = [...started.failures, ...failures.filter((failure) => !startFailed.has(failure.replicate))];
  const rowsKept = rowsBefore(lost, startFailed, replicate, time, step);
  return {
    moments: {},
    failures: lost,
    tables: {
      trajectories: {
        meaning: `paths of the full system at epsilon = ${epsilon}, one row per time and replicate`,
        columns: [
          { name: 'replicate', meaning: 'number of the replicate', values: rowsKept(replicate) },
          { name: 'time', meaning: 'slow time', values: rowsKept(time) },
          ...components.map(({ label, unit, about, isSlow }, k) => ({
            name: label,
            meaning: about ?? `${isSlow ? 'slow' : 'fast'} variable ${label}`,
            values: rowsKept(columns[k]),
            ...(unit === undefined ? {} : { unit }),
          })),
        ],
      },
    },
  };
}

/** A lost path has rows up to the last step that was good, and none after. */
function rowsBefore(
  lost: readonly Failure[],
  startFailed: ReadonlySet<number>,
  replicate: Int32Array,
  time: Float64Array,
  step: number,
): <T extends Int32Array | Float64Array>(column: T) => T {
  if (lost.length === 0) return (column) => column;
  // A quarter step forgives the rounding of times.
  const last = new Map(lost.map((failure) => [failure.replicate, startFailed.has(failure.replicate) ? -1 : (failure.step + 0.25) * step]));
  const isKept = (row: number): boolean => time[row] <= (last.get(replicate[row]) ?? Number.POSITIVE_INFINITY);
  return (column) => column.filter((_, row) => isKept(row)) as typeof column;
}

function componentsOf(model: Model, fast: boolean) {
  const groups = [
    ...model.slow.map((variable) => ({ variable, isSlow: true })),
    ...(fast ? model.fast.map((variable) => ({ variable, isSlow: false })) : []),
  ];
  return groups.flatMap(({ variable: { name, size, vector, unit, about }, isSlow }) =>
    Array.from({ length: size }, (_, index) => ({ variable: name, index, label: vector ? `${name}[${index + 1}]` : name, unit, about, isSlow })),
  );
}
