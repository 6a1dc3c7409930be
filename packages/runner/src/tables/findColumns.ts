/** Finds the wanted columns among those that a file has. */
import { didYouMean, InputError, listed, type Place, quoted } from '@ergoflow/input';
import type { FoundColumn, WantedColumn } from './tableData.ts';

/**
 * Finds columns by name.
 *
 * @throws InputError if one is missing, with the nearest name, or if a wanted name stands there twice.
 */
export function findColumns(names: readonly string[], wanted: readonly WantedColumn[], place: Place): FoundColumn[] {
  return wanted.flatMap((column) => {
    const [found] = column.names.filter((name) => names.includes(name));
    if (found === undefined) {
      if (column.isOptional === true) return [];
      const [name] = column.names;
      throw new InputError(`no column ${name}: found ${listed(names.map(plain))}${didYouMean(name, names)}`, place);
    }
    if (names.filter((name) => name === found).length > 1) throw new InputError(`the column ${found} is there twice`, place);
    return [{ ...column, found, index: names.indexOf(found) }];
  });
}

/** Names are shown as they are, odd ones in quotes. */
const plain = (name: string): string => (/^[\w.[\]-]{1,60}$/.test(name) ? name : quoted(name));
