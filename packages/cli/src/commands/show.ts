/** `ergoflow show`: the results of a run, read from what it left. */
import { resultsOf } from '../resultsOf.ts';
import { describeSummary } from '../runAttended.ts';
import type { RunCommand } from './command.ts';

/** Shows results. */
export const show: RunCommand = (given) => {
  const { folder, summary } = resultsOf(given);
  process.stdout.write(given.json ? `${JSON.stringify(summary, null, 2)}\n` : `${describeSummary(summary, folder, process.stdout.columns)}\n`);
  return 0;
};
