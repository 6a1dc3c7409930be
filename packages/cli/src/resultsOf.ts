/** Finds and reads what a run left: its folder by the experiment's name or by path, and its summary. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean, InputError, listed, quoted } from '@ergoflow/input';
import { type Summary, summarySchema } from '@ergoflow/report';
import { resultFolder } from './folders.ts';
import type { Given } from './options.ts';
import { COMMAND_LINE } from './place.ts';

/** Results of a run. */
export interface Results {
  readonly folder: string;
  readonly summary: Summary;
}

/**
 * Finds a result folder.
 *
 * @throws InputError with the names of all runs that are there.
 */
export function findResults({ argument, out }: Given): string {
  const name = argument('experiment');
  const candidates = out !== null ? [out] : /[/\\]/.test(name) ? [name] : [resultFolder(name), name];
  const found = candidates.find((folder) => existsSync(join(folder, 'tasks.log')));
  if (found !== undefined) return found;
  const known = existsSync('results') ? readdirSync('results').filter((folder) => existsSync(join('results', folder, 'tasks.log'))) : [];
  const there = known.length === 0 ? 'there are none yet' : `there are ${listed(known)}`;
  throw new InputError(`${quoted(candidates[0] ?? name)} has no results: ${there}${didYouMean(name, known)}`, COMMAND_LINE);
}

/**
 * Reads results.
 *
 * @throws InputError if there are none, the run has not written its summary yet, or the file is damaged.
 */
export function resultsOf(given: Given): Results {
  const folder = findResults(given);
  const path = join(folder, 'summary.json');
  const place = { file: path, line: 0, column: 0 };
  if (!existsSync(path)) throw new InputError('this run has not come to its first summary: ergoflow status says how far it is', place);
  try {
    return { folder, summary: summarySchema.parse(JSON.parse(readFileSync(path, 'utf8'))) };
  } catch (cause) {
    throw new InputError('the summary is damaged: run the experiment again, finished tasks are kept', place, { cause });
  }
}
