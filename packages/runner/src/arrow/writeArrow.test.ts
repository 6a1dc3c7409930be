import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Column, Table } from '../work.ts';
import { arrowEncoder, openArrow, writeArrow } from './writeArrow.ts';

function encodeArrow(...tables: Table[]): Buffer {
  const chunks: Buffer[] = [];
  const encoder = arrowEncoder((chunk) => chunks.push(Buffer.from(chunk)));
  for (const table of tables) encoder.write(table);
  encoder.end();
  return Buffer.concat(chunks);
}

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-arrow-'));
afterAll(() => rmSync(folder, { recursive: true }));

const tableOf = (columns: Record<string, Column['values']>): Table => ({
  meaning: 'a table',
  columns: Object.entries(columns).map(([name, values]) => ({ name, values, meaning: `meaning of ${name}` })),
});

const MIXED: Table = {
  meaning: 'test – mean ε',
  columns: [
    { name: 'x', values: Float64Array.of(0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324), meaning: 'slow variable', unit: 'm/s^0.5' },
    { name: 'replicate', values: Int32Array.of(-1, 0, 2147483647, -2147483648, 7), meaning: 'number of the replicate' },
    { name: 'scheme', values: ['euler-maruyama', '', 'ε π \u{1f600}', null, 'line\nline'], meaning: 'scheme' },
    { name: 'isTight', values: [true, null, false, true, true], meaning: 'whether the interval is tight' },
    { name: 'expected', values: [0.5, null, Number.NaN, 1e308, null], meaning: 'expected order' },
    { name: 'nothing', values: [null, null, null, null, null], meaning: 'nothing at all' },
    { name: 'whole', values: [1, 2, 3, 4, 2 ** 53], meaning: 'numbers of a list are float64' },
  ],
};

const EMPTY = tableOf({ x: new Float64Array(0), n: new Int32Array(0), list: [] });

/** Rows as they read back. */
const rowsOf = (table: Table): unknown[][] => {
  const read = tableFromIPC(encodeArrow(table));
  return table.columns.map(({ name }) => Array.from({ length: read.numRows }, (_, k) => read.getChild(name)?.get(k)));
};

describe('an Arrow file', () => {
  test('gives back its values, nulls, -0 and NaN, column by column', () => {
    expect(rowsOf(MIXED)).toEqual(MIXED.columns.map(({ values }) => Array.from(values)));
  });

  test('gives back random columns', () => {
    const length = fc.nat(30);
    const column = (n: number): fc.Arbitrary<Column['values']> => {
      const some = { minLength: n, maxLength: n };
      return fc.oneof(
        fc.array(fc.double(), some).map((values) => Float64Array.from(values)),
        fc.array(fc.integer(), some).map((values) => Int32Array.from(values)),
        fc.array(fc.option(fc.double()), some),
        fc.array(fc.option(fc.boolean()), some),
        fc.array(fc.option(fc.string({ unit: 'grapheme' })), some),
      );
    };
    fc.assert(
      fc.property(
        length.chain((n) => fc.array(column(n), { maxLength: 5 })),
        (columns) => {
          const table = tableOf(Object.fromEntries(columns.map((values, k) => [`c${k}`, values])));
          expect(rowsOf(table)).toEqual(columns.map((values) => Array.from(values)));
        },
      ),
    );
  });

  test('names the meaning of the table, and meaning and unit of each column', () => {
    const { schema } = tableFromIPC(encodeArrow(MIXED));
    expect([...schema.metadata]).toEqual([['meaning', 'test – mean ε']]);
    expect([...schema.fields[0].metadata]).toEqual([
      ['meaning', 'slow variable'],
      ['unit', 'm/s^0.5'],
    ]);
    expect([...schema.fields[1].metadata]).toEqual([['meaning', 'number of the replicate']]);
    expect(schema.fields.map(({ nullable }) => nullable)).toEqual([false, false, true, true, true, true, false]);
  });

  test('of the same table is the same bytes, also where an array is part of a longer one', () => {
    const bytes = encodeArrow(MIXED);
    expect(Buffer.from(encodeArrow(structuredClone(MIXED))).equals(bytes)).toBe(true);
    const long = Float64Array.of(9, 1, 2, 3, 9);
    expect(Buffer.from(encodeArrow(tableOf({ x: long.subarray(1, 4) }))).equals(encodeArrow(tableOf({ x: Float64Array.of(1, 2, 3) })))).toBe(true);
    expect(Buffer.from(encodeArrow(tableOf({ x: Float64Array.of(1, 2, 4) }))).equals(encodeArrow(tableOf({ x: Float64Array.of(1, 2, 3) })))).toBe(
      false,
    );
  });

  test('may have no rows, and no columns', () => {
    expect(rowsOf(EMPTY)).toEqual([[], [], []]);
    expect(tableFromIPC(encodeArrow(EMPTY)).schema.fields.map(({ type }) => `${type}`)).toEqual(['Float64', 'Int32', 'Float64']);
    expect(tableFromIPC(encodeArrow(tableOf({}))).numCols).toBe(0);
  });

  test('is written with its rows, bytes and digest to be kept outside', () => {
    const path = join(folder, 'deep', 'x.arrow');
    const written = writeArrow(path, MIXED);
    const content = readFileSync(path);
    expect(content.equals(encodeArrow(MIXED))).toBe(true);
    expect(written).toEqual({ rows: 5, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
    expect(writeArrow(path, EMPTY).rows).toBe(0);
  });

  test('may be written in parts, whose arrays are used again', () => {
    const path = join(folder, 'parts.arrow');
    const file = openArrow(path);
    const x = Float64Array.of(1, 2);
    file.write(tableOf({ x, s: ['a', 'b'] }));
    x.fill(3);
    file.write(tableOf({ x: x.subarray(1), s: ['c'] }));
    expect(existsSync(path)).toBe(false);
    const written = file.close();
    const content = readFileSync(path);
    expect(written).toEqual({ rows: 3, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
    const read = tableFromIPC(content);
    expect([...(read.getChild('x') ?? [])]).toEqual([1, 2, 3]);
    expect([...(read.getChild('s') ?? [])]).toEqual(['a', 'b', 'c']);
  });

  test('refuses rows of other columns than the first ones', () => {
    expect(() => encodeArrow(tableOf({ x: [1] }), tableOf({ y: [1] }))).toThrow('columns must be those of the first rows');
    expect(() => encodeArrow(tableOf({ x: [1] }), tableOf({ x: ['a'] }))).toThrow('columns must be those of the first rows');
    expect(() => encodeArrow(tableOf({ x: [1] }), tableOf({ x: [null] }))).toThrow('columns must be those of the first rows');
  });

  test.each([
    [{ a: Float64Array.of(1), b: [] }, 'column b must have 1 rows, got 0'],
    [{ a: [1, 'x'] }, 'column a must hold numbers, text or truth values and null, got number and string'],
    [{ a: [1, undefined as unknown as null] }, 'column a must hold numbers, text or truth values and null, got number and undefined'],
    [{ a: [{} as unknown as null] }, 'column a must hold numbers, text or truth values and null, got object'],
  ])('of %o is refused', (columns: Record<string, Column['values']>, message) => {
    expect(() => encodeArrow(tableOf(columns))).toThrow(message);
  });

  test('with a name twice is refused', () => {
    const [x] = tableOf({ x: [1] }).columns;
    expect(() => encodeArrow({ meaning: 'm', columns: [x, x] })).toThrow('names of columns must differ, got x twice');
  });
});

/** The Python that has the three readers: that of the environment beside the packages, else the system's; null where there is none. */
function pythonWithReaders(): string | null {
  const own = fileURLToPath(new URL('../../../../.venv/bin/python', import.meta.url));
  const python = existsSync(own) ? own : 'python3';
  try {
    execFileSync(python, ['-c', 'import pyarrow, pandas, polars'], { stdio: 'ignore' });
    return python;
  } catch {
    return null;
  }
}

const python = pythonWithReaders();
if (python !== null) {
  const read = (table: Table): Record<string, { rows: number; metadata?: unknown; columns: Record<string, Record<string, unknown>> }> => {
    const path = join(folder, 'python.arrow');
    writeArrow(path, table);
    const script = fileURLToPath(new URL('./fixtures/readArrow.py', import.meta.url));
    return JSON.parse(execFileSync(python, [script, path], { encoding: 'utf8' }));
  };
  /** A float64 as the script writes it. */
  const bits = (x: number): string => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    return view.getBigUint64(0).toString(16).padStart(16, '0');
  };
  const written = (values: Column['values']): unknown[] =>
    Array.from<number | string | boolean | null>(values).map((value) =>
      typeof value === 'number' && !(values instanceof Int32Array) ? bits(value) : value,
    );

  describe('Python', { timeout: 120_000 }, () => {
    test('reads values, types, metadata and rows: pyarrow, pandas and polars', () => {
      const found = read(MIXED);
      const values = Object.fromEntries(MIXED.columns.map((column) => [column.name, written(column.values)]));
      expect(Object.values(found).map(({ rows }) => rows)).toEqual([5, 5, 5]);
      expect(found.pyarrow.metadata).toEqual({ meaning: 'test – mean ε' });
      for (const column of MIXED.columns) {
        const { name, meaning, unit } = column;
        const isNullable = Array.isArray(column.values) && column.values.includes(null);
        expect(found.pyarrow.columns[name]).toMatchObject({
          nullable: isNullable,
          metadata: { meaning, ...(unit === undefined ? {} : { unit }) },
          values: values[name],
        });
        expect(found.polars.columns[name].values).toEqual(values[name]);
        // pandas has no null among float64: it shows NaN there. Its name for text has changed with its versions.
        const isNumeric = ['expected', 'nothing'].includes(name);
        expect(found.pandas.columns[name].values).toEqual(isNumeric ? values[name].map((value) => value ?? bits(Number.NaN)) : values[name]);
      }
      const types = (reader: string): unknown[] => Object.values(found[reader].columns).map(({ type }) => type);
      expect(types('pyarrow')).toEqual(['double', 'int32', 'string', 'bool', 'double', 'double', 'double']);
      expect(types('polars')).toEqual(['Float64', 'Int32', 'String', 'Boolean', 'Float64', 'Float64', 'Float64']);
      expect(types('pandas')).toEqual(['float64', 'int32', expect.stringMatching(/^(str|object)/), 'object', 'float64', 'float64', 'float64']);
    });

    test('reads tables without rows', () => {
      const found = read(EMPTY);
      expect(Object.values(found).map(({ rows }) => rows)).toEqual([0, 0, 0]);
      expect(Object.values(found.pyarrow.columns).map(({ type }) => type)).toEqual(['double', 'int32', 'double']);
    });
  });
}
