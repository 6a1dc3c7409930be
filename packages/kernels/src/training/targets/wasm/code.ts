/** A WebAssembly function in the making: locals, counted loops, addresses. Sizes and places are in bytes. */
import type { Instruction, ValueType, WasmFunction } from '../../../targets/wasm/encode.ts';
import { allLanes, bothLanes } from '../../../targets/wasm/encode.ts';
import type { Lanes } from '../../../targets/wasm/operations.ts';
import type { Precision } from '../../trainingKernel.ts';

/** Instructions that leave one value. */
export type Push = readonly Instruction[];

/** A function's instructions so far, and ways to add some. */
export interface Code {
  readonly body: Instruction[];
  local(type: ValueType): number;
  add(...instructions: Instruction[]): void;
  /** Keeps a value in a local of its own. */
  keep(type: ValueType, value: Push): Push;
  /** Counts a new local from 0 by steps while it is below a limit; once at least. */
  loop(limit: Push, step: number, inner: (index: Push) => void): void;
  /** The function. */
  finish(name: string): WasmFunction;
}

/** Begins a function of some numbers of 32 bits. */
export function code(parameters: number): Code {
  const body: Instruction[] = [];
  const locals: ValueType[] = [];
  const local = (type: ValueType): number => parameters + locals.push(type) - 1;
  const own: Code = {
    body,
    local,
    add: (...instructions) => {
      for (const instruction of instructions) body.push(instruction);
    },
    keep: (type, value) => {
      const k = local(type);
      body.push(...value, ['local.set', k]);
      return [['local.get', k]];
    },
    loop: (limit, step, inner) => {
      const index = local('i32');
      body.push(['i32.const', 0], ['local.set', index], ['loop']);
      inner([['local.get', index]]);
      body.push(['local.get', index], ['i32.const', step], ['i32.add'], ['local.tee', index], ...limit, ['i32.lt_s'], ['br_if', 0], ['end']);
    },
    finish: (name) => ({ name, parameters: Array.from({ length: parameters }, () => 'i32' as const), results: [], locals, body }),
  };
  return own;
}

export const plus = (...terms: readonly Push[]): Push => terms.flatMap((term, k) => (k === 0 ? term : [...term, ['i32.add'] as const]));
export const times = (a: Push, b: Push): Push => [...a, ...b, ['i32.mul']];
/** The k-th number of a list at an address. */
export const parameter = (list: Push, k: number): Push => [...list, ['i32.load', 4 * k]];

/** How registers of a precision are handled. */
export interface Registers {
  readonly lanes: Lanes;
  /** Numbers in a register, bytes of a number. */
  readonly width: number;
  readonly bytes: number;
  readonly scalar: 'f32' | 'f64';
  readonly bits: string;
  constant(value: number): Instruction;
  /** The load of one number into every lane. */
  readonly splatLoad: string;
  /** Sums of neighbours of two registers: even ones, odd ones. */
  readonly even: readonly number[];
  readonly odd: readonly number[];
  /** 0, 1, … in the lanes, as whole numbers. */
  readonly indices: readonly number[];
}

const bytesOf = (size: number, order: readonly number[]): number[] =>
  order.flatMap((k) => Array.from({ length: size }, (_, byte) => size * k + byte));

export const REGISTERS: Readonly<Record<Precision, Registers>> = {
  float32: {
    lanes: 'f32x4',
    width: 4,
    bytes: 4,
    scalar: 'f32',
    bits: 'i32x4',
    constant: (value) => ['v128.const', allLanes(value)],
    splatLoad: 'v128.load32_splat',
    even: bytesOf(4, [0, 2, 4, 6]),
    odd: bytesOf(4, [1, 3, 5, 7]),
    indices: [...new Uint8Array(Uint32Array.of(0, 1, 2, 3).buffer)],
  },
  float64: {
    lanes: 'f64x2',
    width: 2,
    bytes: 8,
    scalar: 'f64',
    bits: 'i64x2',
    constant: (value) => ['v128.const', bothLanes(value)],
    splatLoad: 'v128.load64_splat',
    even: bytesOf(8, [0, 2]),
    odd: bytesOf(8, [1, 3]),
    indices: [...new Uint8Array(BigUint64Array.of(0n, 1n).buffer)],
  },
};

/** The first numbers of a register, and zeros: of those that so many bytes hold. */
export function first(value: Push, bytes: Push, { bytes: size, bits }: Registers, indices: Push): Push {
  const count: Push = [...bytes, ['i32.const', size === 4 ? 2 : 3], ['i32.shr_u']];
  const spread: Push = size === 4 ? [...count, ['i32x4.splat']] : [...count, ['i64.extend_i32_s'], ['i64x2.splat']];
  return [...value, ...spread, ...indices, [`${bits}.gt_s`], ['v128.and']];
}

/** The sum of each of as many registers as a register has lanes. */
export function totals(c: Code, values: readonly Push[], registers: Registers): Push {
  let left = [...values];
  while (left.length > 1) {
    const next: Push[] = [];
    for (let k = 0; k < left.length; k += 2) {
      const pair = [...left[k], ...left[k + 1]];
      const sum: Push = [...pair, ['i8x16.shuffle', registers.even], ...pair, ['i8x16.shuffle', registers.odd], [`${registers.lanes}.add`]];
      next.push(c.keep('v128', sum));
    }
    left = next;
  }
  return left[0];
}
