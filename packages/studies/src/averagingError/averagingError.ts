/**
 * Study `averaging-error`: how far the full system is from its averaged equation, and at which order in ε it comes closer.
 *
 * For each cell, full and averaged paths are driven by the same slow Wiener processes:
 *   strong-error       √E|X_T - X̄_T|²                     order ½ where the slow noise does not depend on the fast variables
 *   strong-error-sup   √E max_t |X_t - X̄_t|²              (Freidlin & Wentzell 2012, §7; Liu, Röckner, Sun & Xie 2020)
 *   weak-error f       E f(X_T) - E f(X̄_T)                order 1 (Bréhier 2012), where no process acts on slow and fast variables both
 *   stationary-error f the same of averages over a long time
 */
import { graphBuilder, namesIn, parseExpression } from '@ergoflow/kernels';
import type { JsonObject, Work } from '@ergoflow/runner';
import {
  type AverageSource,
  averagedEquation,
  averagedObstacle,
  EPSILON,
  fastSeesSlow,
  fullSystem,
  lowerIn,
  type Model,
  SCHEMES,
  slowComponents,
} from '@ergoflow/sde';
import { refuseScheme, refuseUnknown, SettingError, type Study } from '../study.ts';
import { BATCHES } from './estimate.ts';
import type { ReferenceSettings } from './reference.ts';
import { cellResult, fitOrders } from './results.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { type PathsParameters, type RangeParameters, type ReferenceParameters, TASKS } from './tasks.ts';

/** The study. */
export const averagingError: Study = {
  name: 'averaging-error',
  version: 2,
  about: 'Distance of the full slow–fast system from its averaged equation (strong, weak, stationary), and its order in ε.',
  axes: {
    epsilon: { about: 'scale separation ε', kind: 'positive' },
    step: { about: 'time step of the full and the averaged equation; default epsilon/20', kind: 'positive' },
    scheme: { about: 'scheme of both equations; default euler-maruyama', kind: 'scheme', oneOf: [...SCHEMES.keys()] },
  },
  defaults: { step: 'epsilon/20', scheme: 'euler-maruyama' },
  settings: settingsSchema,
  meanings: {
    'strong-error': 'root mean square of the distance of the full from the averaged slow path at the horizon, Euclidean norm',
    'strong-error-sup': 'root mean square of the largest distance of the full from the averaged slow path over the run, Euclidean norm',
    'weak-error': 'expectation of a test function of the full slow path at the horizon, minus that of the averaged one',
    'stationary-error': 'time average of a test function along the full slow path after its burn-in, minus that along the averaged one',
  },
  tasks: TASKS,
  plan({ cell, model, modelData, parameters, settings: checked }, replicates, seed, keep) {
    const settings = checked as Settings;
    const count = Math.max(2, Math.round(replicates * settings.effort));
    refuseUnknown(model);
    const system = { model: modelData, parameters: Object.fromEntries(parameters), scheme: String(cell.axes.scheme), seed };
    const { epsilon, step } = { epsilon: Number(cell.axes.epsilon), step: Number(cell.axes.step) };
    const reference = referenceWork(model, system, settings);
    refuseSchemes(model, system.scheme, reference);
    const testFunctions = settings.testFunctions ?? defaultTestFunctions(model);
    checkNames(model, testFunctions, settings);
    const work = (kind: string, count: number, duration: number, average: PathsParameters['average']): Work => {
      // The step is shortened so that a whole number of steps ends at the horizon; 1e-9 forgives the rounding of a quotient that is whole.
      const steps = Math.max(1, Math.ceil(duration / step - 1e-9));
      const parts: PathsParameters = {
        ...system,
        epsilon,
        step: duration / steps,
        steps,
        testFunctions,
        bounds: settings.bounds === undefined ? [] : Object.entries(settings.bounds).map(([variable, [low, high]]) => ({ variable, low, high })),
        average,
        reference: reference?.parameters ?? null,
      };
      return {
        kind,
        parameters: parts as unknown as JsonObject,
        replicates: count,
        blockSize: blockSize(steps * (kind.endsWith('check') ? 7 : 1)),
        costPerReplicate: steps * (kind.endsWith('check') ? 7 : 1) * size(model),
        needs: reference?.works ?? [],
      };
    };
    const works = [
      work('paths', count, settings.horizon, null),
      work('check', checkCount(count, settings.check), settings.horizon, null),
      ...stationaryWorks(settings, step, count, work),
    ];
    const kept = keep.includes('trajectories') ? [trajectoriesWork(works[0] as Work, settings)] : [];
    return {
      axes: cell.axes,
      works: [...works, ...kept],
      result: (outcomes, level = settings.level) =>
        cellResult(cell, outcomes, { model, testFunctions, stationary: settings.stationary !== undefined, hasTruth: reference === null, level }),
    };
  },
  fit: (cells, derived, level) => fitOrders(cells, derived, level, 'epsilon'),
};

/** Lane-steps of one task: some tenths of a second, so that scheduling costs nothing and a drain is quick. */
const LANE_STEPS_PER_TASK = 3e6;

const blockSize = (steps: number): number => Math.min(4096, Math.max(8, Math.round(LANE_STEPS_PER_TASK / steps)));
const size = (model: Model): number => [...model.slow, ...model.fast].reduce((total, variable) => total + variable.size, model.slow.length);
const checkCount = (count: number, { fraction, min }: Settings['check']): number => Math.max(min, Math.ceil(count * fraction));

function stationaryWorks(
  { stationary, check }: Settings,
  step: number,
  count: number,
  work: (kind: string, count: number, duration: number, average: PathsParameters['average']) => Work,
): Work[] {
  if (stationary === undefined) return [];
  const duration = stationary.burnIn + stationary.duration;
  const average = { after: Math.floor(stationary.burnIn / step), every: Math.max(1, Math.round(stationary.sampleEvery / step)) };
  const own = stationary.replicates ?? count;
  return [work('stationary', own, duration, average), work('stationary-check', checkCount(own, check), duration, average)];
}

/** The default test functions: each slow variable and its square; for a vector, the means of both. */
export function defaultTestFunctions(model: Model): string[] {
  return model.slow.flatMap(({ name, vector }) => (vector ? [`mean(${name})`, `mean(${name}^2)`] : [name, `${name}^2`]));
}

/** Few paths at few times: the very replicates that the errors are made of, so that keeping them changes nothing else. */
function trajectoriesWork(paths: Work, { trajectories }: Settings): Work {
  const { step } = paths.parameters as unknown as PathsParameters;
  const every = Math.max(1, Math.round(trajectories.every / step));
  return {
    ...paths,
    kind: 'trajectories',
    parameters: { ...paths.parameters, every },
    replicates: Math.min(trajectories.replicates, paths.replicates),
  };
}

/** Test functions, bounds and ranges name slow variables; whatever else they name is found here, before anything runs. */
function checkNames(model: Model, testFunctions: readonly string[], { bounds = {}, reference }: Settings): void {
  for (const [k, text] of testFunctions.entries()) {
    try {
      const g = graphBuilder();
      const slow = new Map(model.slow.map(({ name, size: width }) => [name, g.state(name, width)]));
      const expression = parseExpression(text);
      const unknown = ['t', EPSILON].find((word) => namesIn(expression).has(word));
      if (unknown !== undefined) throw new RangeError(`it reads ${unknown}, but test functions are functions of the slow variables`);
      const node = lowerIn(model, expression, g, slow, g.constant(0), undefined);
      if (node.mask || node.width !== 1) throw new RangeError('one number is needed, such as x^2 or mean(x)');
    } catch (error) {
      throw new SettingError(`test function ${JSON.stringify(text)} cannot be used: ${(error as Error).message}`, ['testFunctions', k]);
    }
  }
  const variables = model.slow.map(({ name }) => name);
  for (const name of Object.keys(bounds)) {
    if (!variables.includes(name))
      throw new SettingError(`${JSON.stringify(name)} is no slow variable: allowed are ${variables.join(', ')}`, ['bounds', name]);
  }
  const components = slowComponents(model).map(({ label }) => label);
  for (const name of Object.keys(reference.range ?? {})) {
    if (!components.includes(name))
      throw new SettingError(`${JSON.stringify(name)} is no slow component: allowed are ${components.join(', ')}`, ['reference', 'range', name]);
  }
}

interface ReferencePlan {
  readonly parameters: ReferenceSettings;
  /** The reference's batches, then the pilot that its range comes from. */
  readonly works: readonly Work[];
}

function referenceWork(model: Model, system: PathsSystem, settings: Settings): ReferencePlan | null {
  const { reference, horizon, stationary } = settings;
  const asked = reference.from ?? (model.truth === undefined ? 'ergodic' : 'truth');
  if (asked === 'truth' && model.truth === undefined)
    throw new SettingError(`reference.from must be ergodic for ${model.name}, which has no truth, got truth`, ['reference', 'from']);
  const source = asked === 'ergodic' ? { ...model, truth: undefined } : model;
  const obstacle = averagedObstacle(source as Model);
  if (obstacle !== null) throw new SettingError(obstacle, ['model']);
  if (asked === 'truth') return null;
  const components = slowComponents(model);
  const range = reference.range === undefined ? null : components.map(({ label }) => rangeOf(reference.range as Ranges, label));
  const pilot: RangeParameters = {
    ...system,
    epsilon: reference.pilotEpsilon,
    step: reference.pilotEpsilon * reference.step,
    horizon: Math.max(horizon, stationary === undefined ? 0 : stationary.burnIn + stationary.duration),
  };
  const pilotSteps = Math.ceil(pilot.horizon / pilot.step);
  const pilotWork: Work = {
    kind: 'range',
    parameters: pilot as unknown as JsonObject,
    replicates: PILOT_PATHS,
    blockSize: PILOT_PATHS,
    costPerReplicate: pilotSteps * size(model),
    needs: [],
  };
  const nodes = reference.nodes ?? (components.length === 1 ? 33 : 15);
  const parameters: ReferenceSettings = { step: reference.step, duration: reference.duration, nodes, range };
  const needs = range === null ? [pilotWork] : [];
  // Where the fast law depends on the slow state, every node has chains of its own.
  const steps = ((model.burnIn + reference.duration) / reference.step) * 3 * (fastSeesSlow(model) ? nodes ** components.length : 1);
  const batches = BATCHES.map((_, batch): Work => {
    const own: ReferenceParameters = { ...system, ...parameters, batch };
    const chains = Math.ceil(reference.chains / BATCHES.length);
    return {
      kind: 'reference',
      parameters: own as unknown as JsonObject,
      replicates: chains,
      blockSize: chains,
      costPerReplicate: steps * size(model),
      needs,
    };
  });
  return { parameters, works: [...batches, ...needs] };
}

/** The scheme steps the full system, and the averaged equation from closed forms or from tables, whose numbers do not matter here. */
function refuseSchemes(model: Model, scheme: string, reference: ReferencePlan | null): void {
  refuseScheme(scheme, model.name, fullSystem(model));
  const axes = slowComponents(model).map(() => ({ low: 0, high: 1, count: reference?.parameters.nodes ?? 0 }));
  const source: AverageSource = reference === null ? { kind: 'truth' } : { kind: 'grid', axes, tables: 'averaged' };
  refuseScheme(scheme, `the averaged equation of ${model.name}`, averagedEquation(model, source));
}

/** Enough to see the range that thousands of paths have, up to the margin that is added. */
const PILOT_PATHS = 64;

type PathsSystem = Pick<PathsParameters, 'model' | 'parameters' | 'scheme' | 'seed'>;
type Ranges = Readonly<Record<string, readonly [number, number]>>;

function rangeOf(ranges: Ranges, label: string): readonly [number, number] {
  const range = ranges[label];
  if (range === undefined) throw new SettingError(`reference.range must name every slow component, ${label} is missing`, ['reference', 'range']);
  return range;
}
