/** `ergoflow run`: an experiment, on all cores. */
import { prepareExperiment } from '../prepare.ts';
import { runAttended } from '../runAttended.ts';
import type { RunCommand } from './command.ts';
import { overridesOf } from './overrides.ts';
import { printPlan } from './plan.ts';

/** Runs an experiment, or goes on with it. */
export const run: RunCommand = (given) => {
  const prepared = prepareExperiment(given.argument('experiment'), overridesOf(given));
  return given.dryRun ? printPlan(prepared, given) : runAttended(prepared, given);
};
