/** Values of typed formats as numbers: whole numbers of 64 bits, timestamps, nulls, labels. */
import { InputError, type Place, quoted } from '@ergoflow/input';
import { type FoundColumn, MISSING } from './tableData.ts';
import { parseTimestamp } from './timestamp.ts';

/** How many there are in a second, by the names of Arrow and Parquet. */
export const timeUnits = { second: 1n, millisecond: 1_000n, microsecond: 1_000_000n, nanosecond: 1_000_000_000n } as const;

/** A timestamp: so many units since 1970. */
export interface Timestamp {
  readonly count: bigint;
  readonly perSecond: bigint;
}

/** Turns cells to numbers. */
export interface CellStore {
  /** @throws InputError for text in a column of numbers, infinities, and whole numbers beyond 2^53. */
  valueOf(slot: number, row: number, cell: unknown): number;
  /** A timestamp as seconds from the first one. */
  instant(slot: number, row: number, count: bigint, perSecond: bigint): number;
  /** Looks for infinities in a whole column; gives it back. */
  finite(values: Float64Array, slot: number): Float64Array;
  readonly notes: readonly string[];
}

/** Starts without a first timestamp. */
export function cellStore(found: readonly FoundColumn[], place: Place): CellStore {
  const notes: string[] = [];
  const labels = found.map(() => new Map<string, number>());
  let origin: { readonly count: bigint; readonly perSecond: bigint } | null = null;
  const refuse = (slot: number, row: number, shown: string, needed: string): never => {
    throw new InputError(`row ${row + 1}: ${found[slot].found} is ${shown}: ${needed} is needed`, place);
  };
  const instant = (slot: number, row: number, count: bigint, perSecond: bigint): number => {
    const { kind, found: name } = found[slot];
    if (kind === 'label') return label(slot, count.toString());
    if (kind === 'number') return refuse(slot, row, 'a timestamp', 'a finite number');
    if (origin === null) {
      origin = { count, perSecond };
      const first = new Date(Number((count * 1000n) / perSecond));
      notes.push(`${name} holds timestamps: time is counted in seconds from ${Number.isNaN(first.getTime()) ? `${count}` : first.toISOString()}`);
    }
    const difference = count * origin.perSecond - origin.count * perSecond;
    const scale = perSecond * origin.perSecond;
    return Number(difference / scale) + Number(difference % scale) / Number(scale);
  };
  const label = (slot: number, text: string): number => {
    const known = labels[slot].get(text) ?? labels[slot].size;
    labels[slot].set(text, known);
    return known;
  };
  return {
    notes,
    instant,
    finite(values, slot) {
      // x - x is 0 for a finite x and NaN otherwise; a missing value is NaN itself.
      for (let row = 0; row < values.length; row++) {
        const value = values[row];
        if (!Number.isNaN(value) && value - value !== 0) refuse(slot, row, `${value}`, 'a finite number');
      }
      return values;
    },
    valueOf(slot, row, cell) {
      const { kind } = found[slot];
      if (kind === 'label') return label(slot, String(cell));
      if (cell === null || cell === undefined) return Number.NaN;
      if (typeof cell === 'bigint') {
        if (cell > 9007199254740992n || cell < -9007199254740992n) refuse(slot, row, `${cell}`, 'a number of at most 2^53');
        return Number(cell);
      }
      if (typeof cell === 'number') {
        if (cell === Number.POSITIVE_INFINITY || cell === Number.NEGATIVE_INFINITY) refuse(slot, row, `${cell}`, 'a finite number');
        return cell;
      }
      if (typeof cell === 'object' && 'perSecond' in cell) return instant(slot, row, (cell as Timestamp).count, (cell as Timestamp).perSecond);
      if (cell instanceof Date) return instant(slot, row, BigInt(cell.getTime()), timeUnits.millisecond);
      if (typeof cell === 'string') {
        if (MISSING.has(cell.trim().toLowerCase())) return Number.NaN;
        const time = kind === 'time' ? parseTimestamp(cell) : null;
        if (time !== null)
          return instant(
            slot,
            row,
            BigInt(Math.round(time.seconds * 1e3)) * 1_000_000n + BigInt(Math.round(time.fraction * 1e9)),
            timeUnits.nanosecond,
          );
        return refuse(slot, row, quoted(cell), kind === 'time' ? 'a number or a timestamp' : 'a finite number');
      }
      return refuse(slot, row, typeof cell === 'boolean' ? String(cell) : 'no number', 'a finite number');
    },
  };
}
