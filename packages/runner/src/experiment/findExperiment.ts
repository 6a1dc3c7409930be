/** Finds the file of an experiment by path or by name; this and readYamlFile are all that touches the disk. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean, InputError, listed, quoted } from '@ergoflow/input';

const EXTENSIONS = ['.yaml', '.yml'];

/** The file of an experiment that has a folder of its own. */
const IN_FOLDER = ['experiment.yaml', 'experiment.yml'];

/**
 * Finds the file of an experiment.
 *
 * @param nameOrPath A YAML file, a folder with experiment.yaml, or a name: NAME.yaml or NAME/experiment.yaml in one of the folders.
 * @param folders Searched in order.
 * @returns A path, as readYamlFile takes it. Not checked: that a path ending in .yaml or .yml exists.
 * @throws InputError for a folder without experiment.yaml, and for an unknown name with all names and the nearest one.
 */
export function findExperiment(nameOrPath: string, folders: readonly string[]): string {
  const place = { file: 'command line', line: 0, column: 0 };
  if (nameOrPath === '') throw new InputError('the name of an experiment is empty: write a name or a path', place);
  if (EXTENSIONS.some((extension) => nameOrPath.endsWith(extension))) return nameOrPath;
  const isPath = /[/\\]/.test(nameOrPath) || nameOrPath === '.' || nameOrPath === '..';
  for (const base of isPath ? [''] : folders) {
    const found = candidates(base === '' ? nameOrPath : join(base, nameOrPath)).find(isFile);
    if (found !== undefined) return found;
  }
  if (isPath || isFolder(nameOrPath)) {
    const found = candidates(nameOrPath).find(isFile);
    if (found !== undefined) return found;
    throw new InputError(`${quoted(nameOrPath)} has no experiment.yaml: name a YAML file, or a folder that contains one`, place);
  }
  const names = experimentNames(folders);
  const allowed = names.length === 0 ? `there are none in ${listed(folders)}` : `allowed are ${listed(names)}`;
  throw new InputError(`unknown experiment ${quoted(nameOrPath)}: ${allowed}, or a path${didYouMean(nameOrPath, names)}`, place);
}

/** Lists the experiments in some folders by name, each name once, in order. */
export function experimentNames(folders: readonly string[]): string[] {
  const names = folders.flatMap((folder) => {
    if (!isFolder(folder)) return [];
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile() && IN_FOLDER.some((file) => isFile(join(folder, entry.name, file)))) return [entry.name];
      const extension = EXTENSIONS.find((one) => entry.name.endsWith(one));
      return extension === undefined || !isFile(join(folder, entry.name)) ? [] : [entry.name.slice(0, -extension.length)];
    });
  });
  return [...new Set(names)].sort();
}

function candidates(base: string): string[] {
  return [...EXTENSIONS.map((extension) => `${base}${extension}`), ...IN_FOLDER.map((file) => join(base, file))];
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
