/** Tables as Apache Parquet: flat columns, uncompressed or compressed by snappy, gzip or brotli. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { InputError, type Place } from '@ergoflow/input';
import {
  type ColumnMetaData,
  type Compressors,
  type DecodedArray,
  type FileMetaData,
  parquetMetadata,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { digest } from '../identity.ts';
import { type CellStore, cellStore, type Timestamp, timeUnits } from './cells.ts';
import { findColumns } from './findColumns.ts';
import type { FoundColumn, TableData, WantedColumn } from './tableData.ts';

/** Reads the columns. @throws InputError with column and row of what is wrong. */
export function readParquet(path: string, content: Buffer, wanted: readonly WantedColumn[]): TableData {
  const place: Place = { file: path, line: 0, column: 0 };
  const attempt = <T>(what: () => T): T => {
    try {
      return what();
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw new InputError(`this Parquet file cannot be read: ${(cause as Error).message}`, place, { cause });
    }
  };
  const metadata = attempt(() => parquetMetadata(content));
  const { children } = attempt(() => parquetSchema(metadata));
  const found = findColumns(
    children.map(({ element }) => element.name),
    wanted,
    place,
  );
  const cells = cellStore(found, place);
  const columns = found.map((column, slot) => attempt(() => columnOf(content, metadata, children[column.index], column, slot, cells)));
  return {
    rows: Number(metadata.num_rows),
    columns: new Map(found.map(({ names: [name] }, k) => [name, columns[k]])),
    sha256: digest(content),
    notes: cells.notes,
    placeOf: () => place,
    rowName: (row) => `row ${row + 1}: `,
  };
}

function columnOf(
  content: Buffer,
  { row_groups: groups, num_rows: rows }: FileMetaData,
  node: SchemaTree,
  { found }: FoundColumn,
  slot: number,
  cells: CellStore,
): Float64Array {
  if (node.children.length > 0) throw new TypeError(`the column ${found} is no flat column`);
  const values = new Float64Array(Number(rows));
  let row = 0;
  for (const group of groups) {
    const chunk = group.columns.find(({ meta_data: meta }) => meta?.path_in_schema[0] === found)?.meta_data;
    if (chunk === undefined) throw new TypeError(`the column ${found} is not in all row groups`);
    for (const page of pagesOf(content, chunk, node, Number(group.num_rows))) {
      if (page instanceof Float64Array) {
        values.set(cells.finite(page, slot), row);
        row += page.length;
      } else for (let k = 0; k < page.length; k++, row++) values[row] = cells.valueOf(slot, row, page[k]);
    }
  }
  if (row !== values.length) throw new TypeError(`the column ${found} has ${row} rows instead of ${values.length}`);
  return values;
}

function pagesOf(content: Buffer, chunk: ColumnMetaData, { element, ...node }: SchemaTree, rows: number): readonly DecodedArray[] {
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const view = new DataView(content.buffer, content.byteOffset + start, Number(chunk.total_compressed_size));
  const own = { element, ...node };
  const root: SchemaTree = { children: [own], count: 2, element: { name: 'root', num_children: 1 }, path: [] };
  const { data } = readColumn(
    { view, offset: 0 },
    { groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows },
    { ...chunk, element, pathInSchema: chunk.path_in_schema, schemaPath: [root, own], parsers: PARSERS, compressors: COMPRESSORS },
  );
  return data;
}

const stamp =
  (perSecond: bigint) =>
  (count: bigint): Timestamp => ({ count: BigInt(count), perSecond });

/** Timestamps keep what a Date would lose. */
const PARSERS = {
  ...DEFAULT_PARSERS,
  timestampFromMilliseconds: stamp(timeUnits.millisecond),
  timestampFromMicroseconds: stamp(timeUnits.microsecond),
  timestampFromNanoseconds: stamp(timeUnits.nanosecond),
  dateFromDays: (days: number): Timestamp => ({ count: BigInt(days) * 86_400n, perSecond: timeUnits.second }),
};

/** Beside those of the library: none and snappy. */
const COMPRESSORS: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
};
