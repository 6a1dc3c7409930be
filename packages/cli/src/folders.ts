/** Where things are looked for: what is here first, then what ships with the program; and where results go. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the workspace (or of the installed package) with its models and experiments. */
export const shippedRoot: string = rootAbove(dirname(fileURLToPath(import.meta.url)));

/** Folders of models, in order. */
export const modelFolders: readonly string[] = ['models', join(shippedRoot, 'models')];

/** Folders of experiments, in order. */
export const experimentFolders: readonly string[] = ['experiments', join(shippedRoot, 'experiments')];

/** Folder of the results of an experiment, where no other is asked for. */
export const resultFolder = (experiment: string): string => join('results', experiment);

function rootAbove(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'models')) && existsSync(join(folder, 'experiments'))) return folder;
    if (dirname(folder) === folder) return start;
  }
}
