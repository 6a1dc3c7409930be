/** Arrow IPC files (Apache Arrow columnar format 1.x, file form): the same table gives the same bytes. */
import {
  Table as ArrowTable,
  Bool,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { digest } from '../identity.ts';
import { writeArtefact } from '../store/artefact.ts';
import type { Column, Table } from '../work.ts';

/** What is recorded of a file outside it. */
export interface WrittenFile {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a table with the meaning (and unit) of each column in its field's metadata, and the table's in the schema's.
 *
 * @throws RangeError if columns differ in length.
 */
export function writeArrow(path: string, table: Table): WrittenFile {
  const bytes = encodeArrow(table);
  writeArtefact(path, bytes);
  return { rows: table.columns[0]?.values.length ?? 0, bytes: bytes.length, sha256: digest(bytes) };
}

/** Gives a table's bytes. */
export function encodeArrow({ meaning, columns }: Table): Uint8Array {
  const rows = columns[0]?.values.length ?? 0;
  for (const { name, values } of columns) {
    if (values.length !== rows) throw new RangeError(`column ${name} must have ${rows} rows, got ${values.length}`);
  }
  const fields = columns.map((column) => {
    const metadata = new Map([['meaning', column.meaning], ...(column.unit === undefined ? [] : [['unit', column.unit] as const])]);
    return new Field(column.name, typeOf(column), nullable(column), metadata);
  });
  const schema = new Schema(fields, new Map([['meaning', meaning]]));
  const children = columns.map((column) => {
    const type = typeOf(column);
    if (column.values instanceof Float64Array || column.values instanceof Int32Array)
      return makeData({ type: type as Float64, data: column.values as Float64Array, length: rows });
    return vectorFromArray(column.values as never[], type).data[0];
  });
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children: children as never[] }));
  return tableToIPC(new ArrowTable(schema, [batch]), 'file');
}

function typeOf({ values }: Column): Float64 | Int32 | Utf8 | Bool {
  if (values instanceof Float64Array) return new Float64();
  if (values instanceof Int32Array) return new Int32();
  const first = values.find((value) => value !== null);
  if (typeof first === 'string') return new Utf8();
  if (typeof first === 'boolean') return new Bool();
  return new Float64();
}

const nullable = ({ values }: Column): boolean => !(values instanceof Float64Array || values instanceof Int32Array) && values.includes(null as never);
