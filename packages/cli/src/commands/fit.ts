/** `ergoflow fit`: a reduced model learned from a data file, as an experiment of the study `fit` that nobody has to write. */
import { basename, extname } from 'node:path';
import { documentOf, InputError } from '@ergoflow/input';
import { COMMAND_LINE } from '../place.ts';
import { prepare } from '../prepare.ts';
import { runAttended } from '../runAttended.ts';
import { endWorkers } from '../workers.ts';
import type { RunCommand } from './command.ts';
import { overridesOf } from './overrides.ts';
import { printPlan } from './plan.ts';

/** Fits a model to data. Its workers begin after the data were read, so that they take them over. */
export const fit: RunCommand = async (given) => {
  const data = given.argument('data');
  const { model, backend } = given;
  if (model === null) throw new InputError('--model is missing: give the name of a model, or the path of its file', COMMAND_LINE);
  const overrides = [...overridesOf(given), ...(backend === null ? [] : [`backend=${backend}`])];
  const prepared = prepare(documentOf({ name: nameOf(data), study: 'fit', model, data }), overrides);
  if (given.dryRun) return printPlan(prepared, given);
  try {
    return await runAttended(prepared, given);
  } finally {
    await endWorkers();
  }
};

/** A file's name may have what an experiment's may not. */
function nameOf(data: string): string {
  const stem = basename(data, extname(data))
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `fit-${stem === '' ? 'data' : stem.slice(0, 40)}`;
}
