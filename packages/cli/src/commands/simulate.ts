/** `ergoflow simulate`: paths of a model, as an experiment of the study `simulate` that nobody has to write. */
import { basename } from 'node:path';
import { documentOf } from '@ergoflow/input';
import { prepare } from '../prepare.ts';
import { runAttended } from '../runAttended.ts';
import type { RunCommand } from './command.ts';
import { overridesOf } from './overrides.ts';
import { printPlan } from './plan.ts';

/** What is simulated where nothing is said: one path, at a separation that is clear and cheap. */
const DEFAULTS = { epsilon: 0.1, replicate: 1 };

/** Simulates paths. */
export const simulate: RunCommand = (given) => {
  const model = given.argument('model');
  const name = `simulate-${basename(model).replace(/\.ya?ml$/, '')}`;
  const prepared = prepare(documentOf({ name, study: 'simulate', model, axes: DEFAULTS }), overridesOf(given));
  return given.dryRun ? printPlan(prepared, given) : runAttended(prepared, given);
};
