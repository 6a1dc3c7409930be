/**
 * The matrix products in C: blocks of results that are kept in registers while their sums are made.
 *
 * `dense` multiplies numbers of w by registers of x; `outer` multiplies registers and adds up each one's numbers at the end.
 */
import { MATRIX_ARGUMENTS, type MatrixKind } from '../kernels.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** The C of a matrix kernel, named `k` and its number. */
export function printMatrix(kind: MatrixKind, name: string): string {
  const names = MATRIX_ARGUMENTS[kind];
  const head = [`ALONE void ${name}(F *restrict m, const i64 *restrict p) {`, `const i64 ${names.map((each, k) => `${each} = p[${k}]`).join(', ')};`];
  const body = { dense: DENSE_BODY, outer: OUTER_BODY, scatter: SCATTER_BODY }[kind];
  return [...(kind === 'dense' ? denseBlocks() : []), ...head, body, '}'].join('\n');
}

/** A block of rows × registers. */
function denseBlock(rows: number, registers: number): string {
  const each = (text: (i: number, u: number) => string): string =>
    range(rows)
      .flatMap((i) => range(registers).map((u) => text(i, u)))
      .join(' ');
  return [
    `IN void block${rows}_${registers}(const F *w, i64 wRow, i64 wInner, const F *x, i64 xRow, i64 inner, F *y, i64 yRow) {`,
    each((i, u) => `V s${i}_${u} = {0};`),
    'for (i64 k = 0; k < inner; k++, w += wInner, x += xRow) {',
    range(registers)
      .map((u) => `const V x${u} = load(x + ${u} * W);`)
      .join(' '),
    range(rows)
      .map(
        (i) =>
          `{ const V b = B(w[${i} * wRow]); ${range(registers)
            .map((u) => `s${i}_${u} += b * x${u};`)
            .join(' ')} }`,
      )
      .join('\n'),
    '}',
    each((i, u) => `store(y + ${i} * yRow + ${u} * W, s${i}_${u});`),
    '}',
  ].join('\n');
}

/** Wide registers come in twice the number. */
function denseBlocks(): string[] {
  const column = (registers: number): string =>
    [
      `ALONE void column${registers}(i64 rows, i64 inner, const F *w, i64 wRow, i64 wInner, const F *x, i64 xRow, F *y, i64 yRow) {`,
      'i64 i = 0;',
      '#if SIZE == 64',
      `for (; i + 8 <= rows; i += 8) block8_${registers}(w + i * wRow, wRow, wInner, x, xRow, inner, y + i * yRow, yRow);`,
      '#endif',
      `for (; i + 4 <= rows; i += 4) block4_${registers}(w + i * wRow, wRow, wInner, x, xRow, inner, y + i * yRow, yRow);`,
      `for (; i + 2 <= rows; i += 2) block2_${registers}(w + i * wRow, wRow, wInner, x, xRow, inner, y + i * yRow, yRow);`,
      `for (; i < rows; i++) block1_${registers}(w + i * wRow, wRow, wInner, x, xRow, inner, y + i * yRow, yRow);`,
      '}',
    ].join('\n');
  const blocks = [1, 2].flatMap((registers) => [
    '#if SIZE == 64',
    denseBlock(8, registers),
    '#endif',
    denseBlock(4, registers),
    denseBlock(2, registers),
    denseBlock(1, registers),
    column(registers),
  ]);
  return blocks;
}

/** From the last register to the first: the last may reach into the next row, which is written after it. */
const DENSE_BODY = `
for (i64 c = 0; c < columns; c++) {
  i64 j = (size + W - 1) / W;
  if (j & 1) { j--; column1(rows, inner, m + w, wRow, wInner, m + x + c * xColumn + j * W, xRow, m + y + c * yColumn + j * W, yRow); }
  while (j > 0) { j -= 2; column2(rows, inner, m + w, wRow, wInner, m + x + c * xColumn + j * W, xRow, m + y + c * yColumn + j * W, yRow); }
}`;

/**
 * A block of rows × columns sums; rows beyond the last are the last. Every register has a name: compilers keep arrays of them in memory unless they
 * unroll all loops over them.
 */
function outerBlock(rows: number, columns: number): string {
  const [us, vs] = [range(rows), range(columns)];
  const pairs = us.flatMap((u) => vs.map((v) => [u, v] as const));
  const step = (wrap: (text: string) => string): string[] => [
    us.map((u) => `const V x${u} = ${wrap(`load(a${u} + j)`)};`).join(' '),
    ...vs.map((v) => `{ const V z = ${wrap(`load(b${v} + j)`)}; ${us.map((u) => `s${u}_${v} += x${u} * z;`).join(' ')} }`),
  ];
  return [
    'for (i64 c = 0; c < columns; c++) {',
    'i64 j = 0;',
    'for (; j + W <= size; j += W) {',
    ...step((text) => text),
    '}',
    'if (j < size) {',
    ...step((text) => `first(${text}, size - j)`),
    '}',
    [...us.map((u) => `a${u} += aColumn;`), ...vs.map((v) => `b${v} += bColumn;`)].join(' '),
    '}',
    'F sums[R * C];',
    `V all[R * C] = {${pairs.map(([u, v]) => `s${u}_${v}`).join(', ')}};`,
    'for (int u = 0; u < R * C; u += W) store(sums + u, totals(all + u));',
  ].join('\n');
}

function outerBody(rows: number, columns: number): string {
  const [us, vs] = [range(rows), range(columns)];
  return [
    `enum { R = ${rows}, C = ${columns} };`,
    'for (i64 i = 0; i < rows; i += R) for (i64 k = 0; k < inner; k += C) {',
    ...us.map((u) => `const F *a${u} = m + a + (i + ${u} < rows ? i + ${u} : rows - 1) * aRow;`),
    ...vs.map((v) => `const F *b${v} = m + b + (k + ${v} < inner ? k + ${v} : inner - 1) * bRow;`),
    us.flatMap((u) => vs.map((v) => `V s${u}_${v} = {0};`)).join(' '),
    outerBlock(rows, columns),
    'for (int u = 0; u < R && i + u < rows; u++) for (int v = 0; v < C && k + v < inner; v++) m[y + (i + u) * yRow + k + v] = sums[u * C + v];',
    '}',
  ].join('\n');
}

/** 4 × 4 sums, or 2 × 4 where there are 16 registers. */
const OUTER_BODY = ['#if SIZE == 64', outerBody(4, 4), '#else', outerBody(2, 4), '#endif'].join('\n');

const SCATTER_BODY = `
for (i64 i = 0; i < results; i++) for (i64 c = 0; c < columns; c++) for (i64 j = 0; j < size; j++) m[y + i * yRow + c * yColumn + j] = 0;
for (i64 i = 0; i < rows; i++) for (i64 c = 0; c < columns; c++) {
  const F *from = m + x + i * xRow + c * xColumn;
  F *to = m + y + p[table + i] * yRow + c * yColumn;
  for (i64 j = 0; j < size; j++) to[j] += from[j];
}`;
