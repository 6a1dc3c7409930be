/** Rows that tasks keep, held in memory: for those who want the table and no file. */
import type { Column, KeepRows, Table } from './work.ts';

/** Starts without rows; `tables` gives what was kept so far, by name. */
export function gatherRows(): { readonly keep: KeepRows; readonly tables: () => ReadonlyMap<string, Table> } {
  const parts = new Map<string, Table[]>();
  return {
    keep(name, { meaning, columns }) {
      const own = { meaning, columns: columns.map((column) => ({ ...column, values: column.values.slice() as Column['values'] })) };
      parts.set(name, [...(parts.get(name) ?? []), own]);
    },
    tables: () => new Map([...parts].map(([name, list]) => [name, joined(list)])),
  };
}

function joined(parts: readonly Table[]): Table {
  const [{ meaning, columns }] = parts;
  return { meaning, columns: columns.map((column, k) => ({ ...column, values: together(parts.map(({ columns: own }) => own[k].values)) })) };
}

function together(parts: readonly Column['values'][]): Column['values'] {
  const length = parts.reduce((total, part) => total + part.length, 0);
  const [first] = parts;
  if (!(first instanceof Float64Array || first instanceof Int32Array)) return parts.flatMap((part) => [...part]);
  const whole = first instanceof Int32Array ? new Int32Array(length) : new Float64Array(length);
  let at = 0;
  for (const part of parts as readonly (typeof whole)[]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
