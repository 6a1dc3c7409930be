/** The primitives as WebAssembly instructions: on one number, and on lanes side by side. */
import type { Node } from '../../graph.ts';
import { allLanes, allLanesOf, bothLanes, bothLanesOf, type Instruction } from './encode.ts';

const SIGN_AND_FRACTION = 0x800fffffffffffffn;
const EXPONENT_OF_ONE = 0x3ff0000000000000n;
/** A whole number below 2^52 under the exponent of 2^52 is that number plus 2^52. */
const EXPONENT_OF_2_52 = 0x4330000000000000n;
/** Adding 1.5·2^52 leaves the whole number in the lowest bits. */
const TO_LOW_BITS = 1.5 * 2 ** 52 + 1023;

/** What follows a node's inputs on the stack, to leave its result there. */
export function scalarOperation({ op, mask }: Node): readonly Instruction[] {
  switch (op) {
    case 'and':
    case 'or':
      return [[`i32.${op}`]];
    case 'not':
      return [['i32.eqz']];
    case 'exponent':
      return [
        ['i64.reinterpret_f64'],
        ['i64.const', 52],
        ['i64.shr_u'],
        ['i64.const', 2047],
        ['i64.and'],
        ['f64.convert_i64_s'],
        ['f64.const', 1023],
        ['f64.sub'],
      ];
    case 'mantissa':
      return [
        ['i64.reinterpret_f64'],
        ['i64.const', SIGN_AND_FRACTION],
        ['i64.and'],
        ['i64.const', EXPONENT_OF_ONE],
        ['i64.or'],
        ['f64.reinterpret_i64'],
      ];
    case 'powerOfTwo':
      return [['f64.const', TO_LOW_BITS], ['f64.add'], ['i64.reinterpret_f64'], ['i64.const', 52], ['i64.shl'], ['f64.reinterpret_i64']];
    default: {
      const name = NAMES[op];
      if (name === undefined) throw new TypeError(`${op} is not elementwise${mask ? ' (a truth value)' : ''}`);
      return [[`f64.${name}`]];
    }
  }
}

/** Lanes side by side: two float64 or four float32. */
export type Lanes = 'f64x2' | 'f32x4';

/** The same on vectors of lanes; a truth value is all ones or all zeros in its lane. */
export function vectorOperation(node: Node, lanes: Lanes = 'f64x2'): readonly Instruction[] {
  const { bits, shift, field, signAndFraction, one, toLowBits } = FORMATS[lanes];
  switch (node.op) {
    case 'and':
    case 'or':
    case 'not':
      return [[`v128.${node.op}`]];
    case 'exponent':
      return [['i32.const', shift], [`${bits}.shr_u`], ['v128.const', field], ['v128.and'], ...FROM_LOW_BITS_OF[lanes]];
    case 'mantissa':
      return [['v128.const', signAndFraction], ['v128.and'], ['v128.const', one], ['v128.or']];
    case 'powerOfTwo':
      return [['v128.const', toLowBits], [`${lanes}.add`], ['i32.const', shift], [`${bits}.shl`]];
    default:
      return [[`${lanes}.${NAMES[node.op]}`]];
  }
}

interface Format {
  readonly bits: string;
  /** Where the exponent's field begins, and its bits. */
  readonly shift: number;
  readonly field: readonly number[];
  readonly signAndFraction: readonly number[];
  readonly one: readonly number[];
  readonly toLowBits: readonly number[];
}

const FORMATS: Readonly<Record<Lanes, Format>> = {
  f64x2: {
    bits: 'i64x2',
    shift: 52,
    field: bothLanesOf(2047n),
    signAndFraction: bothLanesOf(SIGN_AND_FRACTION),
    one: bothLanesOf(EXPONENT_OF_ONE),
    toLowBits: bothLanes(TO_LOW_BITS),
  },
  f32x4: {
    bits: 'i32x4',
    shift: 23,
    field: allLanesOf(255),
    signAndFraction: allLanesOf(0x807fffff),
    one: allLanesOf(0x3f800000),
    toLowBits: allLanes(1.5 * 2 ** 23 + 127),
  },
};

/** The exponent field in the lowest bits, as a number. */
export const FROM_LOW_BITS: readonly Instruction[] = [
  ['v128.const', bothLanesOf(EXPONENT_OF_2_52)],
  ['v128.or'],
  ['v128.const', bothLanes(2 ** 52 + 1023)],
  ['f64x2.sub'],
];

const FROM_LOW_BITS_OF: Readonly<Record<Lanes, readonly Instruction[]>> = {
  f64x2: FROM_LOW_BITS,
  f32x4: [['v128.const', allLanesOf(0x4b000000)], ['v128.or'], ['v128.const', allLanes(2 ** 23 + 127)], ['f32x4.sub']],
};

const NAMES: Readonly<Record<string, string>> = {
  add: 'add',
  subtract: 'sub',
  multiply: 'mul',
  divide: 'div',
  negate: 'neg',
  absolute: 'abs',
  squareRoot: 'sqrt',
  floor: 'floor',
  less: 'lt',
  lessEqual: 'le',
  equal: 'eq',
};
