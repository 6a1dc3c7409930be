/** Columns of a person's data file, as typed arrays, with the place of every row. */
import type { Place } from '@ergoflow/input';

/** A column that is asked for. */
export interface WantedColumn {
  /** The name, then others under which it may stand. */
  readonly names: readonly [string, ...string[]];
  /** `time`: a number or a timestamp. `label`: any value, told apart only. */
  readonly kind: 'number' | 'time' | 'label';
  /** True if the file may be without it. */
  readonly isOptional?: boolean;
}

/** What was read. */
export interface TableData {
  readonly rows: number;
  /** By the first of the wanted names: numbers, NaN where the value is missing; of a label the number of its value in order of first use. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** SHA-256 of the file, in hexadecimal. */
  readonly sha256: string;
  /** What a person should know, such as that timestamps became seconds. */
  readonly notes: readonly string[];
  /** Place of a row of the table, from 0. */
  readonly placeOf: (row: number) => Place;
  /** Words for a row in a message: empty where its place has a line. */
  readonly rowName: (row: number) => string;
}

/** The wanted columns that a file has. */
export interface FoundColumn extends WantedColumn {
  /** Its index in the file. */
  readonly index: number;
  /** Its name in the file. */
  readonly found: string;
}

/** What stands for a missing value in text. */
export const MISSING: ReadonlySet<string> = new Set(['', 'nan', 'na', 'n/a', 'null', 'none']);
