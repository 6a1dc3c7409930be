import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@ergoflow/input';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { NOT_DECIMAL, parseDecimal } from './decimal.ts';
import { readTable } from './readTable.ts';
import type { WantedColumn } from './tableData.ts';

const folder = mkdtempSync(join(tmpdir(), 'ergoflow-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const WANTED: readonly WantedColumn[] = [
  { names: ['t', 'time'], kind: 'time' },
  { names: ['x'], kind: 'number' },
  { names: ['path', 'replicate'], kind: 'label', isOptional: true },
];

function written(content: string | Uint8Array, name = 'data.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const columnsOf = (path: string, wanted = WANTED) =>
  Object.fromEntries([...readTable(path, wanted).columns].map(([name, values]) => [name, [...values]]));
const read = (content: string) => columnsOf(written(content));
function messageOf(path: string, wanted = WANTED): string {
  try {
    readTable(path, wanted);
  } catch (error) {
    if (error instanceof InputError) return error.format().replace(`${folder}/`, '');
    throw error;
  }
  return 'nothing is wrong';
}

describe('a decimal number', () => {
  const parse = (text: string) => parseDecimal(Buffer.from(`<${text}>`), 1, 1 + Buffer.byteLength(text));

  test('is what Number makes of its text, whatever its digits', () => {
    const texts = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 22 })).map(([x, digits]) => x.toFixed(digits)),
      fc.tuple(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 21 })).map(([x, digits]) => x.toPrecision(digits)),
      fc
        .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat(20))
        .map(([n, k]) => `${n}`.padStart(21, '0').replace(new RegExp(`(\\d{${k}})$`), '.$1')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(parse(text)).toBe(Number(text));
      }),
      { numRuns: 20_000 },
    );
  });

  test('lies on the right side of ties between two doubles', () => {
    for (const text of [
      '9007199254740993',
      '9007199254740993.0',
      '9007199254740993.001',
      '0.1000000000000000055',
      '4503599627370496.5',
      '4503599627370497.5',
    ]) {
      expect(parse(text), text).toBe(Number(text));
    }
  });

  test.each(['', '-', '.', '1.2.3', '0x10', '1e', 'e5', 'Infinity', '1 2', '1e999', '--1', '1_000'])('is not %o', (text) => {
    expect(parse(text)).toBe(NOT_DECIMAL);
  });
});

describe('text', () => {
  test.each([
    ['commas', 't,x\n0,1\n0.5,-2e-3\n'],
    ['semicolons', 't;x\n0;1\n0.5;-2e-3\n'],
    ['tabs', 't\tx\n0\t1\n0.5\t-2e-3\n'],
    ['blanks, a mark of the encoding, comments and breaks of Windows', '\ufeff# made by hand\r\n\r\n t , x \r\n 0 , 1 \r\n\r\n# more\r\n 0.5,-2e-3'],
    ['quotes', '"t","x"\n"0","1"\n"0.5","-2e-3"\n'],
    ['quotes from the second row on', 't,x\n0,1\n"0.5",-2e-3\n'],
    ['other columns, in another order', 'x,"a, b",t\n1,"q, ""w""",0\n-2e-3,"over\nlines",0.5\n'],
  ])('apart by %s is read', (_, content) => {
    expect(read(content)).toEqual({ t: [0, 0.5], x: [1, -0.002] });
  });

  test('may lack values', () => {
    expect(read('t,x\n0,\n1,NaN\n2,NA\n3,null\n,5')).toEqual({ t: [0, 1, 2, 3, Number.NaN], x: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, 5] });
  });

  test('tells paths apart by any text', () => {
    expect(read('replicate,time,x\nb,0,1\n"a",0,2\nb,1,3').path).toEqual([0, 1, 0]);
  });

  test('with timestamps counts seconds, and says so', () => {
    const path = written('t,x\n2024-03-01T12:00:00.000001Z,1\n2024-03-01 12:00:01.5,2\n2024-03-01T14:00+01:00,3\n');
    const { columns, notes } = readTable(path, WANTED);
    const [first, second, third] = columns.get('t') as Float64Array;
    expect([first, third]).toEqual([0, 3600 - 1e-6]);
    expect(second).toBeCloseTo(1.499999, 9);
    expect(notes).toEqual(['t holds timestamps: time is counted in seconds from 2024-03-01T12:00:00.000001Z']);
  });

  test('of more than one piece of the file keeps its rows and their lines, with quotes and without', () => {
    const count = 300_000;
    const rows = (quote: string): string =>
      Array.from({ length: count }, (_, k) => `${quote}${k / 8}${quote},${k % 1000}.25${k % 1000 === 7 ? '\n' : ''}`).join('\n');
    for (const quote of ['', '"']) {
      const path = written(`t,x\n${rows(quote)}`);
      const table = readTable(path, WANTED);
      expect(table.rows).toBe(count);
      expect(table.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
      const [t, x] = ['t', 'x'].map((name) => table.columns.get(name) as Float64Array);
      for (let k = 0; k < count; k++) if (t[k] !== k / 8 || x[k] !== (k % 1000) + 0.25) throw new Error(`row ${k} is ${t[k]}, ${x[k]}`);
      // Every thousandth row leaves an empty line behind, the first after row 7.
      expect([0, 7, 8, 250_000].map((row) => table.placeOf(row).line)).toEqual([2, 9, 11, 250_252]);
    }
  });

  test.each([
    ['tt,x\n0,1', 'data.csv:1:1: no column t: found tt, x; did you mean tt?'],
    ['t,x,x\n0,1,1', 'data.csv:1:1: the column x is there twice'],
    ['t,x\n0,1\n1,two', 'data.csv:3:3: x is "two": a finite number is needed'],
    ['t,x\n0,1\n1,inf', 'data.csv:3:3: x is "inf": a finite number is needed'],
    ['t,x\n0,1\nsoon,1', 'data.csv:3:1: t is "soon": a number or a timestamp is needed'],
    ['t;x\n0;1,5', 'data.csv:2:3: x is "1,5": a finite number, with a decimal point is needed'],
    ['t,x\n0,1\n1', 'data.csv:3:1: the line has 1 field: 2 are needed, as in the first line'],
    ['t,x\n0,1\n1,2,3', 'data.csv:3:1: the line has 3 fields: 2 are needed, as in the first line'],
    ['t,x\n0,1\n2024-01-01,1', 'data.csv:3:1: t is "2024-01-01": it must be a number as before'],
    ['t,x\n2024-01-01,1\n1,1', 'data.csv:3:1: t is "1": it must be a timestamp as before'],
    ['0,1\n1,2', 'data.csv:1:1: the first line holds numbers: the names of the columns are needed there, such as t,x,path'],
    ['', 'data.csv: the file is empty: a table with the names of its columns in the first line is needed'],
    ['t,x\n"0,1\n1,2', expect.stringMatching(/^data.csv:2:1: quotes do not fit: /)],
    [
      Buffer.from([0, 1, 2, 3, 255, 254, 0, 0, 9]),
      'data.csv:1:1: this is no text in UTF-8: a table with the names of its columns in the first line is needed',
    ],
    [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'data.csv: the file is compressed by gzip: unpack it first'],
  ])('that is wrong is refused where it is: %o', (content, message) => {
    expect(messageOf(written(content))).toEqual(message);
  });
});

describe('Arrow', () => {
  test.each(['plain.arrow', 'stream.arrows'])('files and streams are read: %s', (name) => {
    expect(columnsOf(fixture(name), [...WANTED, { names: ['n'], kind: 'number' }])).toEqual({
      t: [0, 0.5, 1, 2],
      x: [1, Number.NaN, -0.25, 0.001],
      n: [1, 2, 3, 4],
    });
  });

  test('columns of float64 are the memory that the library has of the file', () => {
    const { columns } = readTable(fixture('plain.arrow'), WANTED);
    const t = columns.get('t') as Float64Array;
    expect(t.buffer.byteLength).toBeGreaterThan(t.byteLength);
    expect(t.buffer.byteLength).toBeGreaterThanOrEqual(readFileSync(fixture('plain.arrow')).length);
    expect(tableFromIPC(readFileSync(fixture('plain.arrow'))).numRows).toBe(4);
  });

  test('of another kind, cut or compressed is refused', () => {
    expect(messageOf(written('t,x\n0,1', 'a.arrow'))).toBe('a.arrow: this is no Arrow file, or one that is cut');
    expect(messageOf(fixture('compressed.arrow'))).toMatch(/this Arrow file cannot be read \(.*\): write it without compression$/);
    expect(messageOf(written(readFileSync(fixture('plain.arrow')).subarray(0, 300), 'cut.arrow'))).toMatch(
      /^cut.arrow: this Arrow file (cannot be read|is cut)/,
    );
  });
});

describe('Parquet', () => {
  test('is read, with nulls as missing values', () => {
    expect(columnsOf(fixture('plain.parquet'))).toEqual({ t: [0, 0.5, 1, 2], x: [1, Number.NaN, -0.25, 0.001] });
  });

  test('of another kind, cut or compressed by what is not there is refused', () => {
    expect(messageOf(written('t,x\n0,1', 'a.parquet'))).toBe('a.parquet: this is no Parquet file, or one that is cut');
    expect(messageOf(written(readFileSync(fixture('plain.parquet')).subarray(0, 400), 'cut.parquet'))).toMatch(
      /^cut.parquet: this Parquet file cannot be read: /,
    );
    expect(messageOf(fixture('zstd.parquet'))).toMatch(/this Parquet file cannot be read: .*ZSTD/);
  });
});

test.each(['typed.arrow', 'typed.parquet'])('timestamps, whole numbers of 64 bits and labels become numbers: %s', (name) => {
  const { columns, notes } = readTable(fixture(name), WANTED);
  expect(Object.fromEntries([...columns].map(([key, values]) => [key, [...values]]))).toEqual({
    t: [0, 0.00025, 0.0005, 0.00075],
    x: [1, 2, 3, 4],
    path: [0, 0, 1, 1],
  });
  expect(notes).toEqual(['t holds timestamps: time is counted in seconds from 2024-03-01T12:00:00.000Z']);
});

test('a file that is not there is said with the nearest name, and a folder is none', () => {
  copyFileSync(fixture('plain.parquet'), join(folder, 'observed.parquet'));
  expect(messageOf(join(folder, 'obsreved.parquet'))).toBe(
    `obsreved.parquet: this file does not exist; did you mean ${join(folder, 'observed.parquet')}?`,
  );
  expect(messageOf(folder)).toMatch(/this is a folder: a table is needed/);
});
