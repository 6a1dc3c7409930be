/**
 * Study `step-size`: the error of a scheme on a model of the user's, and the order at which it falls with the step.
 *
 *   strong-error   √E|X_h(T) - X(T)|²          slow variables, on the same Wiener paths
 *   weak-error f   E f(X_h(T)) - E f(X(T))
 *
 * X is computed by a reference scheme at a finer step. What it is itself in error by is measured too, and stands in the budget.
 */
import { graphBuilder } from '@ergoflow/kernels';
import { type JsonObject, type MergedOutcome, momentsAccumulator, type Outcome, type TaskRequest, type Work } from '@ergoflow/runner';
import { averagedObstacle, fullSystem, type Model, noiseKind, SCHEMES, type Scheme } from '@ergoflow/sde';
import { defaultTestFunctions } from '../averagingError/averagingError.ts';
import { fitOrders, type OrderedMetric } from '../averagingError/results.ts';
import { type CellResult, refuseScheme, refuseUnknown, SettingError, type Study } from '../study.ts';
import { modelOf } from '../system.ts';
import { limitOf, observablesOf, stepErrors, testFunctionNode } from './errors.ts';
import { estimateStepError, type Quantity, stepLayout } from './estimate.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** Parameters of the task. */
interface Parameters {
  readonly model: JsonObject;
  readonly parameters: Readonly<Record<string, number>>;
  readonly scheme: string;
  readonly seed: number;
  readonly epsilon: number;
  readonly step: number;
  readonly steps: number;
  readonly referenceScheme: string;
  readonly refinement: number;
  readonly testFunctions: readonly string[];
}

/** Name of the moments in the outcomes. */
const MOMENTS = 'moments';

/** The study. */
export const stepSize: Study = {
  name: 'step-size',
  version: 1,
  about: 'Error of a scheme on the model’s own equations (strong, weak) against a fine-step reference, and its order in the step.',
  axes: {
    epsilon: { about: 'scale separation ε; default 1, which matters to models with fast variables only', kind: 'positive' },
    step: { about: 'time step', kind: 'positive' },
    scheme: { about: 'scheme; default euler-maruyama', kind: 'scheme', oneOf: [...SCHEMES.keys()] },
  },
  defaults: { epsilon: 1, scheme: 'euler-maruyama' },
  settings: settingsSchema,
  meanings: {
    'strong-error': 'root mean square of the distance of the slow path from the reference at the horizon, Euclidean norm',
    'weak-error': 'expectation of a test function of the slow path at the horizon, minus that of the reference',
  },
  tasks: { errors: runErrors },
  plan({ cell, model, modelData, parameters, settings: checked }, replicates, seed) {
    const settings = checked as Settings;
    refuseUnknown(model);
    const scheme = refuseScheme(String(cell.axes.scheme), model.name, fullSystem(model));
    refuseLimit(model, scheme);
    const reference = referenceScheme(model, scheme, settings);
    const testFunctions = settings.testFunctions ?? defaultTestFunctions(model);
    checkTestFunctions(model, testFunctions);
    const [epsilon, step] = [Number(cell.axes.epsilon), Number(cell.axes.step)];
    const steps = wholeSteps(settings.horizon, step);
    const parts: Parameters = {
      model: modelData,
      parameters: Object.fromEntries(parameters),
      scheme: scheme.name,
      seed,
      epsilon,
      step: settings.horizon / steps,
      steps,
      referenceScheme: reference.name,
      refinement: settings.reference.refinement,
      testFunctions,
    };
    // The scheme once, the reference at its step and at twice it.
    const perReplicate = steps * (1 + 1.5 * settings.reference.refinement);
    const work: Work = {
      kind: 'errors',
      parameters: parts as unknown as JsonObject,
      replicates,
      blockSize: Math.min(4096, Math.max(8, Math.round(LANE_STEPS_PER_TASK / perReplicate))),
      costPerReplicate: perReplicate * [...model.slow, ...model.fast].reduce((total, { size }) => total + size, 0),
      needs: [],
    };
    const quantities = quantitiesOf(model, scheme, reference, testFunctions);
    const result = ([outcome]: readonly (MergedOutcome | null)[], level = settings.level): CellResult => {
      const moments = outcome?.moments[MOMENTS];
      const layout = stepLayout(observablesOf(testFunctions));
      const metrics = quantities.flatMap(([name, quantity]): [string, OrderedMetric][] => {
        const error = moments === undefined ? null : estimateStepError(moments, layout, quantity, level);
        return error === null ? [] : [[name, error]];
      });
      return { axes: cell.axes, count: moments?.count ?? 0, failures: outcome?.failures ?? {}, metrics: Object.fromEntries(metrics) };
    };
    return {
      axes: cell.axes,
      works: [work],
      result,
    };
  },
  fit: (cells, derived, level) => fitOrders(cells, derived, level, 'step'),
};

/** Lane-steps of one task: some tenths of a second, so that scheduling costs nothing and a drain is quick. */
const LANE_STEPS_PER_TASK = 3e6;

function runErrors(request: TaskRequest): Outcome {
  const parameters = request.parameters as unknown as Parameters;
  const { testFunctions, step, steps, seed, epsilon, refinement, referenceScheme: name, from, to } = { ...parameters, ...request };
  const scheme = SCHEMES.get(parameters.scheme) as Scheme;
  const { observables, failures } = stepErrors({
    model: modelOf(parameters.model),
    parameters: new Map(Object.entries(parameters.parameters)),
    epsilon,
    scheme,
    dt: step,
    steps,
    reference: { scheme: SCHEMES.get(name) as Scheme, refinement },
    testFunctions,
    from,
    to,
    // Cells of different steps see different paths, which keeps the points of an order fit independent; schemes share them.
    meaning: [seed, 'step-size', epsilon, step],
  });
  const names = observablesOf(testFunctions);
  const accumulator = momentsAccumulator(stepLayout(names));
  const lost = new Set(failures.map(({ replicate }) => replicate));
  const values = new Float64Array(names.length);
  for (let replicate = from; replicate < to; replicate++) {
    if (lost.has(replicate)) continue;
    for (const [k, observable] of names.entries()) values[k] = (observables.get(observable) as Float64Array)[replicate - from];
    accumulator.add(values);
  }
  return { moments: { [MOMENTS]: accumulator.record() }, failures };
}

/** Refuses a scheme whose limit is not known. */
function refuseLimit(model: Model, scheme: Scheme): void {
  if (scheme.limit === 'equation') return;
  const obstacle = model.truth === undefined ? 'the model gives no truth' : averagedObstacle(model);
  if (obstacle === null) return;
  const message = `${scheme.name} converges to the averaged equation, which must be known in closed form: ${obstacle}`;
  throw new SettingError(message, ['axes', 'scheme']);
}

/** Reference schemes from the best on; the first that fits is taken. */
const REFERENCES = ['strong-three-halves', 'milstein', 'euler-maruyama'];

function referenceScheme(model: Model, scheme: Scheme, { reference }: Settings): Scheme {
  const limit = limitOf(model, scheme);
  if (reference.scheme === undefined)
    return REFERENCES.map((name) => SCHEMES.get(name) as Scheme).find((candidate) => candidate.refuses(limit) === null) as Scheme;
  const path = ['reference', 'scheme'];
  const found = SCHEMES.get(reference.scheme);
  if (found === undefined || found.limit === 'averaged') {
    const allowed = [...SCHEMES.values()].filter(({ limit: to }) => to === 'equation').map(({ name }) => name);
    throw new SettingError(`reference.scheme must be one of ${allowed.join(', ')}, got ${JSON.stringify(reference.scheme)}`, path);
  }
  const reason = found.refuses(limit);
  if (reason !== null) throw new SettingError(`${found.name} cannot be the reference: ${reason}`, path);
  return found;
}

function checkTestFunctions(model: Model, testFunctions: readonly string[]): void {
  for (const [k, text] of testFunctions.entries()) {
    try {
      const g = graphBuilder();
      testFunctionNode(model, text, g, new Map(model.slow.map(({ name, size }) => [name, g.state(name, size)])));
    } catch (error) {
      throw new SettingError(`test function ${JSON.stringify(text)} cannot be used: ${(error as Error).message}`, ['testFunctions', k]);
    }
  }
}

/** Shortening a step so that it fits would shift the point of a fit, so it must fit; 1e-9 forgives the rounding of a quotient that is whole. */
function wholeSteps(horizon: number, step: number): number {
  const steps = Math.max(1, Math.round(horizon / step));
  if (Math.abs(horizon / step - steps) <= 1e-9 * steps) return steps;
  throw new SettingError(
    `step must go into the horizon ${horizon} a whole number of times, got ${step}: the nearest that does is ${horizon / steps}; steps such as [1/8, 1/16, 1/32] do`,
    ['axes', 'step'],
  );
}

function quantitiesOf(model: Model, scheme: Scheme, reference: Scheme, testFunctions: readonly string[]): [string, Quantity][] {
  const [own, other] = [noiseKind(fullSystem(model)), noiseKind(limitOf(model, scheme))];
  const order = (part: 'strongOrder' | 'weakOrder') => ({
    expectedOrder: scheme[part][own] as number,
    referenceOrder: reference[part][other] as number,
  });
  return [
    ['strong-error', { observable: 'squared', root: true, ...order('strongOrder') }],
    ...testFunctions.map((text, k): [string, Quantity] => [`weak-error ${text}`, { observable: `f${k}`, root: false, ...order('weakOrder') }]),
  ];
}
