/** `ergoflow retry`: runs what failed once more, as the result folder says it. */
import { join } from 'node:path';
import { readYamlFile } from '@ergoflow/input';
import { prepare } from '../prepare.ts';
import { findResults } from '../resultsOf.ts';
import { runAttended } from '../runAttended.ts';
import { RESOLVED } from '../runExperiment.ts';
import type { RunCommand } from './command.ts';

/** Forgets the failures and goes on with the run. */
export const retry: RunCommand = (given) => {
  const folder = findResults(given);
  return runAttended(prepare(readYamlFile(join(folder, RESOLVED)), []), { ...given, retry: true }, folder);
};
