/** The matrix products as WebAssembly: blocks of sums that fit the 16 registers of 128 bits, as native/matrix.ts has them for wider ones. */
import type { WasmFunction } from '../../../targets/wasm/encode.ts';
import { MATRIX_ARGUMENTS, type MatrixKind } from '../kernels.ts';
import { type Code, code, first, type Push, parameter, plus, type Registers, times, totals } from './code.ts';

/** The shapes of blocks, rows × registers, in the order of their functions. */
const BLOCKS: readonly (readonly [number, number])[] = [4, 2, 1].flatMap((rows) => [2, 1].map((count) => [rows, count] as const));

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);
const number = (value: number): Push => [['i32.const', value]];

/** Parameters in bytes: w, wRow, wInner, x, xRow, y, yRow; and how many are added up. */
function denseBlock(rows: number, count: number, registers: Registers): WasmFunction {
  const c = code(8);
  const [w, wRow, wInner, x, xRow, y, yRow, inner] = range(8).map((k): Push => [['local.get', k]]);
  const sums = range(rows).map(() => range(count).map(() => c.local('v128')));
  const rowsOfW = range(rows).map((i) => {
    const own = c.local('i32');
    c.add(...plus(w, times(wRow, number(i))), ['local.set', own]);
    return own;
  });
  const [from, weight] = [c.local('i32'), c.local('v128')];
  const taken = range(count).map(() => c.local('v128'));
  c.add(...x, ['local.set', from]);
  c.loop(inner, 1, () => {
    for (const [u, local] of taken.entries()) c.add(['local.get', from], ['v128.load', 16 * u], ['local.set', local]);
    for (const [i, own] of rowsOfW.entries()) {
      c.add(['local.get', own], [registers.splatLoad, 0], ['local.set', weight]);
      for (const [u, local] of taken.entries()) {
        c.add(['local.get', sums[i][u]], ['local.get', weight], ['local.get', local], [`${registers.lanes}.mul`], [`${registers.lanes}.add`]);
        c.add(['local.set', sums[i][u]]);
      }
      c.add(['local.get', own], ...wInner, ['i32.add'], ['local.set', own]);
    }
    c.add(['local.get', from], ...xRow, ['i32.add'], ['local.set', from]);
  });
  for (const i of range(rows)) {
    const to = c.keep('i32', plus(y, times(yRow, number(i))));
    for (const u of range(count)) c.add(...to, ['local.get', sums[i][u]], ['v128.store', 16 * u]);
  }
  return c.finish(`block${rows}_${count}`);
}

type Arguments = (name: string) => Push;

/** Keeps what is asked for in locals. */
function argumentsOf(c: Code, kind: MatrixKind): Arguments {
  const all = new Map<string, Push>(MATRIX_ARGUMENTS[kind].map((name, k) => [name, c.keep('i32', parameter([['local.get', 0]], k))]));
  return (name) => all.get(name) as Push;
}

function dense(name: string, firstBlock: number): WasmFunction {
  const c = code(1);
  const p = argumentsOf(c, 'dense');
  const [i, j] = [c.local('i32'), c.local('i32')];
  const [row, place]: [Push, Push] = [[['local.get', i]], [['local.get', j]]];
  c.loop(p('columns'), 1, (column) => {
    const x = c.keep('i32', plus(p('x'), times(column, p('xColumn'))));
    const y = c.keep('i32', plus(p('y'), times(column, p('yColumn'))));
    const blocks = (count: number): void => {
      c.add(['i32.const', 0], ['local.set', i]);
      for (const [k, [rows, registers]] of BLOCKS.entries()) {
        if (registers !== count) continue;
        c.add(['block'], ['loop'], ...p('rows'), ...row, ['i32.const', rows], ['i32.add'], ['i32.lt_s'], ['br_if', 1]);
        c.add(...plus(p('w'), times(row, p('wRow'))), ...p('wRow'), ...p('wInner'), ...plus(x, place), ...p('xRow'));
        c.add(...plus(y, place, times(row, p('yRow'))), ...p('yRow'), ...p('inner'), ['call', firstBlock + k]);
        c.add(...row, ['i32.const', rows], ['i32.add'], ['local.set', i], ['br', 0], ['end'], ['end']);
      }
    };
    // From the last register to the first: the last may reach into the next row, which is written after it.
    c.add(...plus(p('size'), number(15)), ['i32.const', -16], ['i32.and'], ['local.tee', j], ['i32.const', 16], ['i32.and'], ['if']);
    c.add(...place, ['i32.const', 16], ['i32.sub'], ['local.set', j]);
    blocks(1);
    c.add(['end'], ['block'], ['loop'], ...place, ['i32.eqz'], ['br_if', 1], ...place, ['i32.const', 32], ['i32.sub'], ['local.set', j]);
    blocks(2);
    c.add(['br', 0], ['end'], ['end']);
  });
  return c.finish(name);
}

const [OUTER_ROWS, OUTER_COLUMNS] = [2, 4];

function outer(name: string, registers: Registers): WasmFunction {
  const { lanes, width, bytes, scalar } = registers;
  const c = code(1);
  const p = argumentsOf(c, 'outer');
  const indices = c.keep('v128', [['v128.const', registers.indices]]);
  const sums = range(OUTER_ROWS * OUTER_COLUMNS).map(() => c.local('v128'));
  /** The u-th row from an index on; beyond the last it is the last. */
  const rowOf = (index: Push, u: number, count: Push, start: Push, stride: Push): number => {
    const own = c.local('i32');
    const here = u === 0 ? index : plus(index, number(u));
    const last: Push = [...count, ['i32.const', 1], ['i32.sub']];
    c.add(...start, ...here, ...last, ...here, ...count, ['i32.lt_s'], ['select'], ...stride, ['i32.mul'], ['i32.add'], ['local.set', own]);
    return own;
  };
  c.loop(p('rows'), OUTER_ROWS, (i) =>
    c.loop(p('inner'), OUTER_COLUMNS, (k) => {
      const as = range(OUTER_ROWS).map((u) => rowOf(i, u, p('rows'), p('a'), p('aRow')));
      const bs = range(OUTER_COLUMNS).map((u) => rowOf(k, u, p('inner'), p('b'), p('bRow')));
      for (const sum of sums) c.add(registers.constant(0), ['local.set', sum]);
      const [x, z] = [as.map(() => c.local('v128')), c.local('v128')];
      const multiply = (j: Push, wrap: (value: Push) => Push): void => {
        for (const [u, own] of as.entries()) c.add(...wrap([['local.get', own], ...j, ['i32.add'], ['v128.load', 0]]), ['local.set', x[u]]);
        for (const [v, own] of bs.entries()) {
          c.add(...wrap([['local.get', own], ...j, ['i32.add'], ['v128.load', 0]]), ['local.set', z]);
          for (const u of as.keys()) {
            const sum = sums[u * OUTER_COLUMNS + v];
            c.add(['local.get', sum], ['local.get', x[u]], ['local.get', z], [`${lanes}.mul`], [`${lanes}.add`], ['local.set', sum]);
          }
        }
      };
      const whole = c.keep('i32', [...p('size'), ['i32.const', -16], ['i32.and']]);
      const left = c.keep('i32', [...p('size'), ['i32.const', 15], ['i32.and']]);
      c.loop(p('columns'), 1, () => {
        c.add(...whole, ['if']);
        c.loop(whole, 16, (j) => multiply(j, (value) => value));
        c.add(['end'], ...left, ['if']);
        multiply(whole, (value) => first(value, left, registers, indices));
        c.add(['end']);
        for (const own of as) c.add(['local.get', own], ...p('aColumn'), ['i32.add'], ['local.set', own]);
        for (const own of bs) c.add(['local.get', own], ...p('bColumn'), ['i32.add'], ['local.set', own]);
      });
      for (const u of range(OUTER_ROWS)) {
        const target = c.keep('i32', plus(p('y'), times(plus(i, number(u)), p('yRow')), times(k, number(bytes))));
        if (u > 0) c.add(...plus(i, number(u)), ...p('rows'), ['i32.lt_s'], ['if']);
        for (let v = 0; v < OUTER_COLUMNS; v += width) {
          const all = totals(
            c,
            range(width).map((w): Push => [['local.get', sums[u * OUTER_COLUMNS + v + w]]]),
            registers,
          );
          for (const w of range(width)) {
            c.add(...plus(k, number(v + w)), ...p('inner'), ['i32.lt_s'], ['if']);
            c.add(...target, ...all, [`${lanes}.extract_lane`, w], [`${scalar}.store`, bytes * (v + w)], ['end']);
          }
        }
        if (u > 0) c.add(['end']);
      }
    }),
  );
  return c.finish(name);
}

function scatter(name: string, { bytes, scalar }: Registers): WasmFunction {
  const c = code(1);
  const p = argumentsOf(c, 'scatter');
  const [load, store] = [`${scalar}.load`, `${scalar}.store`];
  c.loop(p('results'), 1, (i) =>
    c.loop(p('columns'), 1, (column) => {
      const to = c.keep('i32', plus(p('y'), times(i, p('yRow')), times(column, p('yColumn'))));
      c.loop(p('size'), bytes, (j) => c.add(...plus(to, j), [`${scalar}.const`, 0], [store, 0]));
    }),
  );
  c.loop(p('rows'), 1, (i) =>
    c.loop(p('columns'), 1, (column) => {
      const row: Push = [...plus([['local.get', 0]], p('table'), times(i, number(4))), ['i32.load', 0]];
      const from = c.keep('i32', plus(p('x'), times(i, p('xRow')), times(column, p('xColumn'))));
      const to = c.keep('i32', plus(p('y'), times(row, p('yRow')), times(column, p('yColumn'))));
      c.loop(p('size'), bytes, (j) => c.add(...plus(to, j), ...plus(to, j), [load, 0], ...plus(from, j), [load, 0], [`${scalar}.add`], [store, 0]));
    }),
  );
  return c.finish(name);
}

/** What `dense` calls: functions that must stand from `firstBlock` on. */
export const blocksOf = (registers: Registers): WasmFunction[] => BLOCKS.map(([rows, count]) => denseBlock(rows, count, registers));

/** A matrix kernel's function of where its arguments stand. */
export function wasmMatrix(kind: MatrixKind, name: string, registers: Registers, firstBlock: number): WasmFunction {
  return kind === 'dense' ? dense(name, firstBlock) : kind === 'outer' ? outer(name, registers) : scatter(name, registers);
}
