/**
 * Tables as text: columns apart by `,` `;` or tabs, found out from the first line, with quoted fields; read in pieces, so that the memory is that of the
 * columns. Lines without quotes are taken apart here, as most files of numbers have no others; from the first quoted field on a CSV library does it.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { InputError, type Place, quoted } from '@ergoflow/input';
import { type ColumnStore, columnStore } from './columnStore.ts';
import { NOT_DECIMAL, parseDecimal } from './decimal.ts';
import { findColumns } from './findColumns.ts';
import type { FoundColumn, TableData, WantedColumn } from './tableData.ts';

const [NEWLINE, RETURN, SPACE, QUOTE, HASH] = [10, 13, 32, 34, 35];
/** Read at a time; a line may be no longer. */
const PIECE_BYTES = 2 ** 22;
/** What may stand between fields. */
const DELIMITERS = [',', ';', '\t'];

/** Reads the columns. @throws InputError with line and column of what is wrong; the file system's error. */
export function readCsv(path: string, wanted: readonly WantedColumn[]): TableData {
  const file = openSync(path, 'r');
  const hash = createHash('sha256');
  const at = (line: number, column: number): Place => ({ file: path, line, column });
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let held = 0;
  let isEnd = false;
  /** Fills the buffer behind what it holds. */
  const fill = (): void => {
    while (held < buffer.length && !isEnd) {
      const count = readSync(file, buffer, held, buffer.length - held, null);
      hash.update(buffer.subarray(held, held + count));
      held += count;
      isEnd = count === 0;
    }
  };
  try {
    const { size } = fstatSync(file);
    fill();
    const head = readHead(buffer.subarray(0, held), wanted, at);
    const rest = held - head.end;
    const store = columnStore(head.found, expectedRows(buffer.subarray(head.end, held), size, rest, isEnd));
    const lines = lineReader(head, store, at);
    buffer.copyWithin(0, head.end, held);
    held = rest;
    while (held > 0 || !isEnd) {
      fill();
      const used = lines(buffer, held, isEnd);
      if (used === 0 && held === buffer.length)
        throw new InputError(`a line is longer than ${PIECE_BYTES} bytes: is this a table?`, at(head.line, 1));
      buffer.copyWithin(0, used, held);
      held -= used;
    }
    return {
      rows: store.rows,
      columns: store.columns(),
      sha256: hash.digest('hex'),
      notes: store.notes,
      placeOf: (row) => at(store.lineOf(row), 1),
      rowName: () => '',
    };
  } finally {
    closeSync(file);
  }
}

/** A tenth more than the first lines make expect, so that the columns need not grow. */
function expectedRows(bytes: Buffer, size: number, rest: number, isEnd: boolean): number {
  let lines = 1;
  for (const byte of bytes) if (byte === NEWLINE) lines++;
  return isEnd ? lines : Math.ceil((1.1 * lines * size) / rest);
}

interface Head {
  readonly delimiter: string;
  readonly found: readonly FoundColumn[];
  /** Number of fields in a line. */
  readonly fields: number;
  /** Line after the head, and offset of its first byte. */
  readonly line: number;
  readonly end: number;
}

/** Reads the names of the columns: the first line that is neither empty nor a comment (#). */
function readHead(bytes: Buffer, wanted: readonly WantedColumn[], at: (line: number, column: number) => Place): Head {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const text = bytes.toString('utf8', start, end);
    if (text.trim() !== '' && bytes[start] !== HASH) {
      if (/[\0\ufffd]/.test(text))
        throw new InputError('this is no text in UTF-8: a table with the names of its columns in the first line is needed', at(line, 1));
      const bare = text.replace(/"[^"]*"/g, '');
      const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
      const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))];
      const names = splitLine(text.replace(/\r$/, ''), delimiter);
      if (names.every((name) => name !== '' && Number.isFinite(Number(name)))) {
        throw new InputError(
          `the first line holds numbers: the names of the columns are needed there, such as ${wanted.map(({ names: [name] }) => name).join(delimiter)}`,
          at(line, 1),
        );
      }
      return {
        delimiter,
        fields: names.length,
        found: findColumns(names, wanted, at(line, 1)),
        line: line + 1,
        end: Math.min(bytes.length, end + 1),
      };
    }
    start = end + 1;
  }
  throw new InputError('the file is empty: a table with the names of its columns in the first line is needed', at(0, 0));
}

/** Makes the function that takes whole lines off a buffer's beginning and says how many bytes they were. */
function lineReader(head: Head, store: ColumnStore, at: (line: number, column: number) => Place) {
  const delimiter = head.delimiter.charCodeAt(0);
  const slotOf = new Int32Array(head.fields).fill(-1);
  for (const [slot, { index }] of head.found.entries()) slotOf[index] = slot;
  const isLabel = head.found.map(({ kind }) => kind === 'label');
  const isTime = head.found.map(({ kind }) => kind === 'time');
  let line = head.line;
  let quotedFrom: ((bytes: Buffer) => void) | null = null;

  return (bytes: Buffer, length: number, isEnd: boolean): number => {
    if (quotedFrom === null) {
      const { used, isQuoted } = plainLines(bytes, length, isEnd);
      if (!isQuoted) return used;
      quotedFrom = quotedLines(head, store, line, at);
      if (used > 0) return used;
    }
    const used = isEnd ? length : endOfRecords(bytes, length);
    quotedFrom(bytes.subarray(0, used));
    return used;
  };

  function plainLines(bytes: Buffer, length: number, isEnd: boolean): { readonly used: number; readonly isQuoted: boolean } {
    const last = isEnd ? length : bytes.lastIndexOf(NEWLINE, length - 1) + 1;
    let start = 0;
    while (start < last) {
      let field = 0;
      let from = start;
      let position = start;
      if (
        bytes[start] === NEWLINE ||
        (bytes[start] === RETURN && bytes[start + 1] === NEWLINE) ||
        bytes[start] === HASH ||
        isBlank(bytes, start, last)
      ) {
        const newline = bytes.indexOf(NEWLINE, start);
        start = newline < 0 || newline >= last ? last : newline + 1;
        line++;
        continue;
      }
      if (store.rows === store.arrays[0].length) store.grow();
      for (; ; position++) {
        const byte = position < last ? bytes[position] : NEWLINE;
        if (byte === QUOTE) return { used: start, isQuoted: true };
        if (byte !== delimiter && byte !== NEWLINE) continue;
        const slot = field < head.fields ? slotOf[field] : -1;
        if (slot >= 0) store.arrays[slot][store.rows] = valueIn(bytes, from, position, slot, start);
        field++;
        from = position + 1;
        if (byte === NEWLINE) break;
      }
      if (field !== head.fields) throw wrongCount(field, head.fields, at(line, 1));
      store.atLine(line);
      store.rows++;
      line++;
      start = position + 1;
    }
    return { used: Math.min(last, length), isQuoted: false };
  }

  function valueIn(bytes: Buffer, from: number, to: number, slot: number, start: number): number {
    let [first, end] = [from, to];
    while (end > first && (bytes[end - 1] === SPACE || bytes[end - 1] === RETURN)) end--;
    while (first < end && bytes[first] === SPACE) first++;
    if (first < end && !isLabel[slot] && !(isTime[slot] && store.isTimestamped())) {
      const value = parseDecimal(bytes, first, end);
      if (value !== NOT_DECIMAL) return value;
    }
    return store.valueOf(slot, bytes.toString('utf8', first, end), at(line, from - start + 1));
  }
}

/** True for a line of blanks. Only lines that begin with one are looked at. */
function isBlank(bytes: Buffer, start: number, last: number): boolean {
  if (bytes[start] !== SPACE) return false;
  let at = start;
  while (at < last && (bytes[at] === SPACE || bytes[at] === RETURN)) at++;
  return at === last || bytes[at] === NEWLINE;
}

/** The end of the last line break outside quotes, which the library gets no piece beyond. */
function endOfRecords(bytes: Buffer, length: number): number {
  let isOpen = false;
  let end = 0;
  for (let k = 0; k < length; k++) {
    if (bytes[k] === QUOTE) isOpen = !isOpen;
    else if (bytes[k] === NEWLINE && !isOpen) end = k + 1;
  }
  return end;
}

const require = createRequire(import.meta.url);

/** Makes the function that reads records with quotes. The library is loaded with the first of them. */
function quotedLines({ delimiter, fields, found }: Head, store: ColumnStore, firstLine: number, at: (line: number, column: number) => Place) {
  const { parse } = require('csv-parse/sync') as typeof import('csv-parse/sync');
  let line = firstLine;
  return (bytes: Buffer): void => {
    let records: string[][];
    try {
      records = parse(bytes, { delimiter, relax_column_count: true, relax_quotes: false });
    } catch (cause) {
      throw new InputError(
        `quotes do not fit: ${(cause as Error).message.charAt(0).toLowerCase()}${(cause as Error).message.slice(1)}`,
        at(line, 1),
        { cause },
      );
    }
    for (const record of records) {
      const isEmpty = record.length === 1 && record[0].trim() === '';
      if (!isEmpty && !record[0].startsWith('#')) {
        if (record.length !== fields) throw wrongCount(record.length, fields, at(line, 1));
        if (store.rows === store.arrays[0].length) store.grow();
        for (const [slot, { index }] of found.entries()) store.arrays[slot][store.rows] = store.valueOf(slot, record[index], at(line, 1));
        store.atLine(line);
        store.rows++;
      }
      line += 1 + record.reduce((count, field) => count + (field.match(/\n/g)?.length ?? 0), 0);
    }
  };
}

const wrongCount = (count: number, fields: number, place: Place): InputError =>
  new InputError(`the line has ${count} ${count === 1 ? 'field' : 'fields'}: ${fields} are needed, as in the first line`, place);

function splitLine(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter).map((name) => name.trim());
  const { parse } = require('csv-parse/sync') as typeof import('csv-parse/sync');
  try {
    return (parse(text, { delimiter, trim: true }) as string[][])[0];
  } catch (cause) {
    throw new InputError(`the names of the columns cannot be read: ${quoted(text)}`, null, { cause });
  }
}
