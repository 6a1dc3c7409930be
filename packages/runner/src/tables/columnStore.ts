/** Columns that grow row by row, and the lines of the file that the rows stand in. */
import { InputError, type Place, quoted } from '@ergoflow/input';
import { type FoundColumn, MISSING } from './tableData.ts';
import { type Instant, parseTimestamp } from './timestamp.ts';

/** Gathers rows. */
export interface ColumnStore {
  /** One array per wanted column; replaced when they grow. */
  readonly arrays: Float64Array[];
  rows: number;
  /** Makes room for another row. */
  grow(): void;
  /** Says in which line the next row stands. */
  atLine(line: number): void;
  /** Value of a field that is no plain number. @throws InputError if it has none. */
  valueOf(slot: number, text: string, place: Place): number;
  /** True once a time was a timestamp: then all must be. */
  isTimestamped(): boolean;
  lineOf(row: number): number;
  readonly notes: readonly string[];
  /** The columns, cut to their rows. */
  columns(): ReadonlyMap<string, Float64Array>;
}

/** Threads can read the columns as they are: a large table need not be read by each. */
const sharedArray = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));

/** Starts without rows. @param expected About how many there will be. */
export function columnStore(found: readonly FoundColumn[], expected: number): ColumnStore {
  const arrays = found.map(() => sharedArray(Math.max(16, expected)));
  const labels = found.map(() => new Map<string, number>());
  const notes: string[] = [];
  let origin: Instant | null = null;
  /** Rows from which on the distance of row and line is another. */
  const anchors: { readonly row: number; readonly line: number }[] = [];
  const store: ColumnStore = {
    arrays,
    rows: 0,
    notes,
    grow() {
      for (let k = 0; k < arrays.length; k++) {
        const longer = sharedArray(Math.ceil(arrays[k].length * 1.5));
        longer.set(arrays[k]);
        arrays[k] = longer;
      }
    },
    atLine(line) {
      const last = anchors.at(-1);
      if (last === undefined || line - last.line !== store.rows - last.row) anchors.push({ row: store.rows, line });
    },
    lineOf(row) {
      let [low, high] = [0, anchors.length];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (anchors[middle].row <= row) low = middle;
        else high = middle;
      }
      return anchors[low].line + row - anchors[low].row;
    },
    isTimestamped: () => origin !== null,
    valueOf(slot, text, place) {
      const { kind, found: name } = found[slot];
      const trimmed = text.trim();
      if (kind === 'label') {
        const known = labels[slot].get(trimmed) ?? labels[slot].size;
        labels[slot].set(trimmed, known);
        return known;
      }
      if (MISSING.has(trimmed.toLowerCase())) return Number.NaN;
      const number = /^[-+\d.]/.test(trimmed) && !/^[-+]?0x/i.test(trimmed) ? Number(trimmed) : Number.NaN;
      const mixed = (): InputError =>
        new InputError(`${name} is ${quoted(trimmed)}: it must be a ${origin === null ? 'number' : 'timestamp'} as before`, place);
      if (Number.isFinite(number)) {
        if (kind === 'time' && origin !== null) throw mixed();
        return number;
      }
      const instant = kind === 'time' ? parseTimestamp(trimmed) : null;
      if (instant !== null) {
        if (origin === null && store.rows > 0) throw mixed();
        if (origin === null) notes.push(`${name} holds timestamps: time is counted in seconds from ${trimmed}`);
        origin ??= instant;
        return instant.seconds - origin.seconds + (instant.fraction - origin.fraction);
      }
      const hint = /^[-+]?\d+,\d+$/.test(trimmed) ? ', with a decimal point' : '';
      throw new InputError(
        `${name} is ${quoted(trimmed)}: ${kind === 'time' ? 'a number or a timestamp' : 'a finite number'}${hint} is needed`,
        place,
      );
    },
    columns: () => new Map(found.map(({ names }, slot) => [names[0], arrays[slot].subarray(0, store.rows)])),
  };
  return store;
}
