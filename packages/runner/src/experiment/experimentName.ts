/** The name of an experiment, which is also the name of its folder of results. */
import { basename, dirname, extname } from 'node:path';

/** Says what is wrong with a name of an experiment, or null: it must do as the name of a folder everywhere. */
export function nameProblem(name: string): string | null {
  return /^[A-Za-z0-9][\w.-]{0,99}$/.test(name) && !name.endsWith('.')
    ? null
    : 'letters, digits, - _ and . are allowed, beginning with a letter or digit, at most 100';
}

/** Names an experiment by its file: `experiments/linear-check/experiment.yaml` and `linear-check.yaml` are both linear-check. @returns null where that gives no name. */
export function nameOfFile(file: string): string | null {
  const stem = basename(file, extname(file));
  const name = stem === 'experiment' ? basename(dirname(file)) : stem;
  return nameProblem(name) === null ? name : null;
}
