/** The primitives as C: on one number, and on a vector of lanes (with the functions of prelude.ts). */
import type { Node } from '../../graph.ts';

/** Writes a float64 so that C reads the same bits. */
export function number(value: number): string {
  if (Number.isNaN(value)) return '__builtin_nan("")';
  if (!Number.isFinite(value)) return value < 0 ? '(-__builtin_inf())' : '__builtin_inf()';
  const text = Object.is(value, -0) ? '-0' : `${value}`;
  const typed = /[.e]/.test(text) ? text : `${text}.0`;
  return text.startsWith('-') ? `(${typed})` : typed;
}

/** An elementwise operation on scalars. */
export function scalarOperation({ op, mask }: Node, [a, b, c]: readonly string[]): string {
  switch (op) {
    case 'add':
      return `${a} + ${b}`;
    case 'subtract':
      return `${a} - ${b}`;
    case 'multiply':
      return `${a} * ${b}`;
    case 'divide':
      return `${a} / ${b}`;
    case 'negate':
      return `-${a}`;
    case 'absolute':
      return `__builtin_fabs(${a})`;
    case 'squareRoot':
      return `__builtin_sqrt(${a})`;
    case 'floor':
      return `__builtin_floor(${a})`;
    case 'less':
      return `${a} < ${b}`;
    case 'lessEqual':
      return `${a} <= ${b}`;
    case 'equal':
      return `${a} == ${b}`;
    case 'and':
      return `${a} & ${b}`;
    case 'or':
      return `${a} | ${b}`;
    case 'not':
      return `!${a}`;
    case 'select':
      return `${a} ? ${b} : ${c}`;
    case 'exponent':
      return `exponentOf(${a})`;
    case 'mantissa':
      return `mantissaOf(${a})`;
    case 'powerOfTwo':
      return `powerOfTwo(${a})`;
    default:
      throw new TypeError(`${op} is not elementwise${mask ? ' (a truth value)' : ''}`);
  }
}

/** The same on vectors of lanes; what is not listed is written as on scalars. */
export function vectorOperation(node: Node, inputs: readonly string[]): string {
  const name = VECTOR[node.op];
  if (node.op === 'not') return `~${inputs[0]}`;
  if (node.op === 'select' && node.mask) return `vSelectMask(${inputs.join(', ')})`;
  return name === undefined ? scalarOperation(node, inputs) : `${name}(${inputs.join(', ')})`;
}

const VECTOR: Readonly<Record<string, string>> = {
  absolute: 'vAbsolute',
  squareRoot: 'vRoot',
  floor: 'vFloor',
  select: 'vSelect',
  exponent: 'vExponent',
  mantissa: 'vMantissa',
  powerOfTwo: 'vPowerOfTwo',
};
