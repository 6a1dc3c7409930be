/** Tables as Arrow IPC, file or stream: columns of float64 without nulls in one batch are the file's own memory. */
import { InputError, type Place } from '@ergoflow/input';
import type { Vector } from 'apache-arrow';
import { arrow } from '../arrow/arrow.ts';
import { digest } from '../identity.ts';
import { cellStore, timeUnits } from './cells.ts';
import { findColumns } from './findColumns.ts';
import type { FoundColumn, TableData, WantedColumn } from './tableData.ts';

/** Reads the columns. @throws InputError with column and row of what is wrong. */
export function readArrow(path: string, content: Buffer, wanted: readonly WantedColumn[]): TableData {
  const place: Place = { file: path, line: 0, column: 0 };
  let table: import('apache-arrow').Table;
  try {
    table = arrow().tableFromIPC(content);
  } catch (cause) {
    const message = (cause as Error).message;
    const remedy = /compress|codec/i.test(message) ? ': write it without compression' : '';
    throw new InputError(`this Arrow file cannot be read (${message})${remedy}`, place, { cause });
  }
  const names = table.schema.fields.map(({ name }) => name);
  if (names.length === 0) throw new InputError('this Arrow file is cut or has no columns', place);
  const found = findColumns(names, wanted, place);
  const cells = cellStore(found, place);
  const columns = found.map((column, slot) => columnOf(table.getChildAt(column.index) as Vector, column, slot, cells));
  return {
    rows: table.numRows,
    columns: new Map(found.map(({ names: [name] }, k) => [name, columns[k]])),
    sha256: digest(content),
    notes: cells.notes,
    placeOf: () => place,
    rowName: (row) => `row ${row + 1}: `,
  };
}

function columnOf(vector: Vector, { kind }: FoundColumn, slot: number, cells: ReturnType<typeof cellStore>): Float64Array {
  const { DataType, TimeUnit } = arrow();
  const { type } = vector;
  if (kind !== 'label' && DataType.isFloat(type) && type.precision === 2 && vector.nullCount === 0 && vector.data.length === 1) {
    const [{ values, length }] = vector.data;
    return cells.finite((values as Float64Array).subarray(0, length), slot);
  }
  const values = new Float64Array(vector.length);
  // The library turns timestamps to milliseconds and drops the rest, so their own whole numbers are read.
  const perSecond = DataType.isTimestamp(type) ? timeUnits[TimeUnit[type.unit].toLowerCase() as keyof typeof timeUnits] : null;
  let row = 0;
  for (const data of vector.data) {
    const raw = perSecond === null ? null : (data.values as unknown);
    const whole =
      raw instanceof BigInt64Array ? raw : raw instanceof Int32Array ? new BigInt64Array(raw.buffer, raw.byteOffset, raw.length / 2) : null;
    const part = new (Object.getPrototypeOf(vector).constructor as typeof import('apache-arrow').Vector)([data]);
    for (let k = 0; k < data.length; k++, row++) {
      const isNull = data.nullCount > 0 && !data.getValid(k);
      values[row] = isNull
        ? cells.valueOf(slot, row, null)
        : whole !== null && perSecond !== null
          ? cells.instant(slot, row, whole[k], perSecond)
          : cells.valueOf(slot, row, part.get(k) as unknown);
    }
  }
  return values;
}
