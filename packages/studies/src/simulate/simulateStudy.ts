/**
 * Study `simulate`: paths of the full system and what they tell, each number with an interval and an error budget.
 *
 *   mean f                    E f(X_T, Y_T)
 *   stationary f              ∫ f dμ, and tables of densities and autocorrelations of the stationary law
 *   passage-share             P(τ ≤ T), τ the first time at which a condition holds
 *   passage-time              E min(τ, T)
 *   mean-first-passage-time   E min(τ, T)/P(τ ≤ T), which is E τ for a constant rate
 */
import type { JsonObject, MergedOutcome, Work } from '@ergoflow/runner';
import { fullSystem, type Model, SCHEMES } from '@ergoflow/sde';
import { type CellResult, refuseScheme, refuseUnknown, type Study } from '../study.ts';
import { layoutsOf, type Moments } from './estimates.ts';
import { quantitiesOf } from './quantities.ts';
import { MEANINGS, metricsOf, tablesOf } from './results.ts';
import { checkFraction, type Settings, settingsSchema } from './settings.ts';
import { MOMENTS, type Parameters, TASKS } from './tasks.ts';
import { columnCount } from './trajectories.ts';

/** The study. */
export const simulateStudy: Study = {
  name: 'simulate',
  version: 2,
  about: 'Paths of the full slow–fast system, and expectations, stationary densities, autocorrelations and first-passage times with intervals.',
  axes: {
    epsilon: { about: 'scale separation ε', kind: 'positive' },
    step: { about: 'time step; default epsilon/20', kind: 'positive' },
    scheme: { about: 'scheme; default euler-maruyama', kind: 'scheme', oneOf: [...SCHEMES.keys()] },
  },
  defaults: { step: 'epsilon/20', scheme: 'euler-maruyama' },
  settings: settingsSchema,
  meanings: MEANINGS,
  tasks: TASKS,
  plan({ cell, model, modelData, parameters, settings: checked }, replicates, seed) {
    const settings = checked as Settings;
    refuseUnknown(model);
    refuseScheme(String(cell.axes.scheme), model.name, fullSystem(model));
    const [epsilon, wanted] = [Number(cell.axes.epsilon), Number(cell.axes.step)];
    // The step is shortened so that a whole number of steps ends at the horizon; 1e-9 forgives the rounding of a quotient that is whole.
    const steps = Math.max(1, Math.ceil(settings.horizon / wanted - 1e-9));
    const step = settings.horizon / steps;
    const quantities = quantitiesOf(model, settings, replicates, step, steps);
    const parts: Parameters = {
      model: modelData,
      parameters: Object.fromEntries(parameters),
      scheme: String(cell.axes.scheme),
      seed,
      epsilon,
      step,
      steps,
      quantities,
      keep: settings.paths ? { every: Math.max(1, Math.round(settings.every / step)), fast: settings.fast } : null,
    };
    const paths: Work = {
      kind: 'paths',
      parameters: parts as unknown as JsonObject,
      replicates,
      blockSize: blockSize(steps, parts.keep === null ? 0 : columnCount(model, settings.fast) * (1 + steps / parts.keep.every)),
      costPerReplicate: steps * size(model),
      needs: [],
    };
    const check: Work = {
      ...paths,
      kind: 'check',
      parameters: { ...paths.parameters, keep: null },
      replicates: Math.min(replicates, Math.max(settings.check.min, Math.ceil(replicates * checkFraction(settings)))),
      blockSize: blockSize(CHECK_COST * steps, 0),
      costPerReplicate: CHECK_COST * paths.costPerReplicate,
    };
    const result = (outcomes: readonly (MergedOutcome | null)[], level = settings.level): CellResult => {
      const [main, checked] = outcomes;
      const moments = main?.moments[MOMENTS];
      const failures: Record<string, number> = {};
      for (const outcome of outcomes)
        for (const [kind, count] of Object.entries(outcome?.failures ?? {})) failures[kind] = (failures[kind] ?? 0) + count;
      const lost = Object.values(main?.failures ?? {}).reduce((total, count) => total + count, 0);
      const base = { axes: cell.axes, count: main === null ? 0 : (moments?.count ?? replicates - lost), failures };
      const checkMoments = checked?.moments[MOMENTS];
      if (quantities === null || moments === undefined || checkMoments === undefined) return { ...base, metrics: {} };
      const layouts = layoutsOf(quantities);
      const both: Moments = { main: { moments, layout: layouts.main }, check: { moments: checkMoments, layout: layouts.check } };
      return {
        ...base,
        metrics: metricsOf(both, quantities, settings.horizon, level),
        tables: tablesOf(both, quantities, (quantities.stationary?.every ?? 0) * step, level),
      };
    };
    const works = quantities === null ? [paths] : [paths, check];
    return {
      axes: cell.axes,
      works,
      result,
    };
  },
  fit: () => [],
};

/** Steps of the check for one of the paths: 1 + 2 + 4. */
const CHECK_COST = 7;

/** What one task holds: some tenths of a second of work, and 64 MB of numbers. */
const MOST = { lanes: 1024, laneSteps: 1e7, values: 8e6 };

/** Targets run so many lanes at once, or fewer: a block of a multiple has no group that is partly filled. */
const GROUP = 16;

function blockSize(steps: number, valuesPerLane: number): number {
  const lanes = Math.floor(Math.min(MOST.lanes, MOST.laneSteps / steps, valuesPerLane === 0 ? MOST.lanes : MOST.values / valuesPerLane));
  return lanes < GROUP ? Math.max(1, lanes) : lanes - (lanes % GROUP);
}

const size = (model: Model): number => [...model.slow, ...model.fast].reduce((total, variable) => total + variable.size, 0);
