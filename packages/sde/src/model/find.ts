/** Finds a model file by path or by name. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean, InputError, listed, type Place, quoted } from '@ergoflow/input';

/**
 * Finds a model file.
 *
 * @param name A path (it has a slash or ends in .yaml or .yml), or the name of a file `<name>.yaml` in one of the folders.
 * @param folders Searched in order.
 * @param place Where the name was written, for the message.
 * @returns A path. Not checked: that a given path exists.
 * @throws InputError with all names and the nearest one if there is no such file.
 */
export function findModel(name: string, folders: readonly string[], place: Place | null = null): string {
  if (/[/\\]|\.ya?ml$/.test(name)) return name;
  for (const folder of folders) {
    const path = join(folder, `${name}.yaml`);
    if (existsSync(path)) return path;
  }
  const known = modelNames(folders);
  throw new InputError(`unknown model ${quoted(name)}: allowed are ${listed(known)}, or a path${didYouMean(name, known)}`, place);
}

/** Lists the models in some folders by name, each name once. */
export function modelNames(folders: readonly string[]): string[] {
  const files = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []));
  return [...new Set(files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length)))].sort();
}
