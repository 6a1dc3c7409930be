/** Arrow IPC files (Apache Arrow columnar format 1.x, file form): the same table gives the same bytes. */
import { createHash } from 'node:crypto';
import type { Bool, DataType, Field, Float64, Utf8 } from 'apache-arrow';
import { writeArtefact } from '../store/artefact.ts';
import type { Column, Table } from '../work.ts';
import { arrow } from './arrow.ts';

/** What is recorded of a file outside it. */
export interface WrittenFile {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes a table with the meaning (and unit) of each column in its field's metadata, and the table's in the schema's.
 *
 * @throws RangeError as {@link arrowChunks}; the file system's error.
 */
export function writeArrow(path: string, table: Table): WrittenFile {
  const hash = createHash('sha256');
  let bytes = 0;
  function* parts(): Generator<Uint8Array> {
    for (const chunk of arrowChunks(table)) {
      for (let from = 0; from < chunk.length; from += PART_BYTES) {
        const part = chunk.subarray(from, from + PART_BYTES);
        hash.update(part);
        bytes += part.length;
        yield part;
      }
    }
  }
  writeArtefact(path, parts());
  return { rows: table.columns[0]?.values.length ?? 0, bytes, sha256: hash.digest('hex') };
}

/** What is digested and written at a time: still in the processor's cache for the second. */
const PART_BYTES = 2 ** 20;

/**
 * Gives a table's bytes in pieces; large ones are the columns' own memory. A list is a column of float64, of text or of truth values, by what it holds; one without a value is of float64.
 *
 * @throws RangeError if columns differ in length or share a name, or if a list holds values of several kinds.
 */
export function arrowChunks({ meaning, columns }: Table): Uint8Array[] {
  const { AsyncByteQueue, makeData, RecordBatch, RecordBatchFileWriter, Schema, Struct, Table: ArrowTable } = arrow();
  const rows = columns[0]?.values.length ?? 0;
  const names = new Set<string>();
  for (const { name, values } of columns) {
    if (values.length !== rows) throw new RangeError(`column ${name} must have ${rows} rows, got ${values.length}`);
    if (names.has(name)) throw new RangeError(`names of columns must differ, got ${name} twice`);
    names.add(name);
  }
  const encoded = columns.map(encodeColumn);
  const fields = encoded.map(({ field }) => field);
  const schema = new Schema(fields, new Map([['meaning', meaning]]));
  const children = encoded.map(({ child }) => child);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children }));
  const chunks: Uint8Array[] = [];
  const queue = new AsyncByteQueue<Uint8Array>();
  // The writer's own way out joins the pieces, twice over.
  queue.write = (chunk) => void chunks.push(chunk as Uint8Array);
  new RecordBatchFileWriter().reset(queue).writeAll(new ArrowTable(schema, [batch]));
  return chunks;
}

function encodeColumn({ name, meaning, unit, values }: Column) {
  const { Field, Float64, Int32, makeData, vectorFromArray } = arrow();
  const metadata = new Map([['meaning', meaning], ...(unit === undefined ? [] : [['unit', unit] as const])]);
  const field = (type: DataType, isNullable: boolean): Field => new Field(name, type, isNullable, metadata);
  if (values instanceof Float64Array) return { field: field(new Float64(), false), child: makeData({ type: new Float64(), data: values }) };
  if (values instanceof Int32Array) return { field: field(new Int32(), false), child: makeData({ type: new Int32(), data: values }) };
  const type = typeOfList(name, values);
  return { field: field(type, values.includes(null)), child: vectorFromArray(values, type).data[0] };
}

function typeOfList(name: string, values: readonly unknown[]): Float64 | Utf8 | Bool {
  const { Bool, Float64, Utf8 } = arrow();
  const kinds = new Set(values.map((value) => (value === null ? 'null' : typeof value)));
  kinds.delete('null');
  const [kind = 'number', other] = kinds;
  if (other !== undefined || !['number', 'string', 'boolean'].includes(kind)) {
    throw new RangeError(`column ${name} must hold numbers, text or truth values and null, got ${[...kinds].join(' and ')}`);
  }
  return kind === 'string' ? new Utf8() : kind === 'boolean' ? new Bool() : new Float64();
}
