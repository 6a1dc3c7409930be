/** Arrow IPC files (Apache Arrow columnar format 1.x, file form): the same table gives the same bytes. */
import { createHash } from 'node:crypto';
import type { Bool, DataType, Field, Float64, Schema, Utf8 } from 'apache-arrow';
import { openArtefact } from '../store/artefact.ts';
import type { Column, Table } from '../work.ts';
import { arrow } from './arrow.ts';

/** What is recorded of a file outside it. */
export interface WrittenFile {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** An Arrow file that is being written. */
export interface ArrowFile {
  /**
   * Adds rows, whose arrays may change afterwards. The first ones say what the columns are.
   *
   * @throws RangeError as {@link arrowEncoder}; the file system's error; then {@link ArrowFile.discard}.
   */
  write(rows: Table): void;
  /** Makes it durable and gives it its name. @throws The file system's error; nothing is left beside. */
  close(): WrittenFile;
  /** Leaves nothing. */
  discard(): void;
}

/** Opens an Arrow file: there whole or not at all, as {@link openArtefact}. @throws The file system's error. */
export function openArrow(path: string): ArrowFile {
  const file = openArtefact(path);
  const hash = createHash('sha256');
  let [rows, bytes] = [0, 0];
  const encoder = arrowEncoder((chunk) => {
    for (let from = 0; from < chunk.length; from += PART_BYTES) {
      const part = chunk.subarray(from, from + PART_BYTES);
      hash.update(part);
      file.write(part);
    }
    bytes += chunk.length;
  });
  return {
    write(table) {
      encoder.write(table);
      rows += table.columns[0]?.values.length ?? 0;
    },
    close() {
      try {
        encoder.end();
      } catch (error) {
        file.discard();
        throw error;
      }
      file.close();
      return { rows, bytes, sha256: hash.digest('hex') };
    },
    discard: file.discard,
  };
}

/**
 * Writes a table with the meaning (and unit) of each column in its field's metadata, and the table's in the schema's.
 *
 * @throws RangeError as {@link arrowEncoder}; the file system's error.
 */
export function writeArrow(path: string, table: Table): WrittenFile {
  const file = openArrow(path);
  try {
    file.write(table);
  } catch (error) {
    file.discard();
    throw error;
  }
  return file.close();
}

/** What is digested and written at a time: still in the processor's nearest cache for the second. */
const PART_BYTES = 2 ** 18;

/**
 * Encodes tables of the same columns as the record batches of one file. A list is a column of float64, of text or of truth values, by what it holds; one
 * without a value is of float64.
 *
 * @param put Gets the file's bytes in pieces; large ones are the columns' own memory.
 * @throws RangeError from `write` if columns differ in length or share a name, if a list holds values of several kinds, or if they are not those of the
 *   first rows.
 */
export function arrowEncoder(put: (chunk: Uint8Array) => void): { write(rows: Table): void; end(): void } {
  const { AsyncByteQueue, makeData, RecordBatch, RecordBatchFileWriter, Schema, Struct, util } = arrow();
  const queue = new AsyncByteQueue<Uint8Array>();
  // The writer's own way out joins the pieces, twice over.
  queue.write = (chunk) => put(chunk as Uint8Array);
  const writer = new RecordBatchFileWriter();
  let schema: Schema | null = null;
  return {
    write({ meaning, columns }) {
      const rows = columns[0]?.values.length ?? 0;
      const names = new Set<string>();
      for (const { name, values } of columns) {
        if (values.length !== rows) throw new RangeError(`column ${name} must have ${rows} rows, got ${values.length}`);
        if (names.has(name)) throw new RangeError(`names of columns must differ, got ${name} twice`);
        names.add(name);
      }
      const encoded = columns.map(encodeColumn);
      const fields = encoded.map(({ field }) => field);
      const own = new Schema(fields, new Map([['meaning', meaning]]));
      if (schema === null) {
        schema = own;
        writer.reset(queue, schema);
      } else if (!util.compareSchemas(schema, own)) {
        throw new RangeError(`columns must be those of the first rows, ${schema.fields.join(', ')}, got ${fields.join(', ')}`);
      }
      const children = encoded.map(({ child }) => child);
      writer.write(new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows, nullCount: 0, children })));
    },
    end() {
      writer.finish();
    },
  };
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
