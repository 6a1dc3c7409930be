/** `ergoflow fit`: a reduced model learned from a data file, as an experiment of the study `fit` that nobody has to write. */
import { basename, extname } from 'node:path';
import { documentOf, InputError } from '@ergoflow/input';
import { COMMAND_LINE } from '../place.ts';
import { prepare } from '../prepare.ts';
import { runAttended } from '../runAttended.ts';
import type { RunCommand } from './command.ts';
import { overridesOf } from './overrides.ts';
import { printPlan } from './plan.ts';

/** Fits a model to data. */
export const fit: RunCommand = (given) => {
  const data = given.argument('data');
  const { model, backend } = given;
  if (model === null) throw new InputError('--model is missing: give the name of a model, or the path of its file', COMMAND_LINE);
  const overrides = [...overridesOf(given), ...(backend === null ? [] : [`backend=${backend}`])];
  const prepared = prepare(documentOf({ name: nameOf(data), study: 'fit', model, data }), overrides);
  return given.dryRun ? printPlan(prepared, given) : runAttended(prepared, given);
};

/** A file's name may have what an experiment's may not. */
function nameOf(data: string): string {
  const stem = basename(data, extname(data))
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `fit-${stem === '' ? 'data' : stem.slice(0, 40)}`;
}
