/** Reads columns of a person's data file: CSV, Arrow IPC or Parquet, told apart by what the file begins with. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { InputError, nearest, type Place } from '@ergoflow/input';
import { readArrow } from './readArrow.ts';
import { readCsv } from './readCsv.ts';
import { readParquet } from './readParquet.ts';
import type { TableData, WantedColumn } from './tableData.ts';

/** What a kind of file must begin with, where its name says that it is of that kind. */
const OF_NAMES: Readonly<Record<string, { readonly format: Format; readonly title: string }>> = {
  '.parquet': { format: 'parquet', title: 'Parquet' },
  '.arrow': { format: 'arrow', title: 'Arrow' },
  '.arrows': { format: 'arrow', title: 'Arrow' },
  '.feather': { format: 'arrow', title: 'Arrow' },
};

type Format = 'csv' | 'arrow' | 'parquet';

/**
 * Reads the wanted columns. CSV is read in pieces; the other formats whole, at most 2 GB.
 *
 * @throws InputError if the file is missing (with the nearest name in its folder) or no table, if a column is missing (with the nearest name), and for each value that is
 * no finite number, with its line and column, or its row.
 */
export function readTable(path: string, wanted: readonly WantedColumn[]): TableData {
  const place: Place = { file: path, line: 0, column: 0 };
  try {
    const status = statSync(path);
    if (status.isDirectory()) throw new InputError('this is a folder: a table is needed (.csv, .arrow or .parquet)', place);
    if (!status.isFile()) throw new InputError('this is not a regular file: a table is needed (.csv, .arrow or .parquet)', place);
    const format = formatOf(path, place);
    if (format === 'csv') return readCsv(path, wanted);
    const content = readFileSync(path);
    return format === 'arrow' ? readArrow(path, content, wanted) : readParquet(path, content, wanted);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new InputError(`this file does not exist${suggestion(path)}`, place, { cause });
    if (code === 'ERR_FS_FILE_TOO_LARGE')
      throw new InputError('the file is larger than 2 GB: write it as CSV, which is read in pieces, or in parts', place, { cause });
    throw new InputError(`this file cannot be read (${code})`, place, { cause });
  }
}

function formatOf(path: string, place: Place): Format {
  const bytes = Buffer.alloc(8);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(file);
  }
  const start = bytes.toString('latin1', 0, 6);
  const isStream = bytes.readUInt32LE(0) === 0xffffffff;
  const format: Format = start.startsWith('PAR1') ? 'parquet' : start === 'ARROW1' || isStream ? 'arrow' : 'csv';
  const named = OF_NAMES[extname(path).toLowerCase()];
  if (named !== undefined && named.format !== format) throw new InputError(`this is no ${named.title} file, or one that is cut`, place);
  if (format === 'csv' && bytes[0] === 0x1f && bytes[1] === 0x8b) throw new InputError('the file is compressed by gzip: unpack it first', place);
  return format;
}

function suggestion(path: string): string {
  try {
    const near = nearest(basename(path), readdirSync(dirname(path)));
    return near === undefined ? '' : `; did you mean ${join(dirname(path), near)}?`;
  } catch {
    return '';
  }
}
