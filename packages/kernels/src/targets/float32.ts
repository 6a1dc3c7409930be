/** Float32 arithmetic as JavaScript: what normals are made of in the reference target. */
import type { Float32Arithmetic } from '../normal.ts';
import { printNumber } from './print.ts';

/** The support functions that printed text calls by these names; pass them to `new Function` in this order. */
export const FLOAT32_SUPPORT: Readonly<Record<string, unknown>> = support();

/**
 * Writes each operation as a statement `const f<number> = …;`. Bits are 32-bit signed whole numbers.
 *
 * A sum, difference, product, quotient or root of float32 numbers that is computed in float64 and rounded to float32 is the float32 result: 53 bits
 * are more than 2·24 + 2 (Figueroa 1995, "When is double rounding innocuous?").
 */
export function printFloat32(lines: string[]): Float32Arithmetic<string> {
  const keep = (value: string): string => {
    const name = `f${lines.length}`;
    lines.push(`const ${name} = ${value};`);
    return name;
  };
  return {
    float: printNumber,
    bits: (value) => printNumber(value | 0),
    add: (a, b) => keep(`fround(${a} + ${b})`),
    subtract: (a, b) => keep(`fround(${a} - ${b})`),
    multiply: (a, b) => keep(`fround(${a} * ${b})`),
    divide: (a, b) => keep(`fround(${a} / ${b})`),
    squareRoot: (a) => keep(`fround(Math.sqrt(${a}))`),
    addBits: (a, b) => keep(`(${a} + ${b}) | 0`),
    subtractBits: (a, b) => keep(`(${a} - ${b}) | 0`),
    and: (a, b) => keep(`${a} & ${b}`),
    or: (a, b) => keep(`${a} | ${b}`),
    xor: (a, b) => keep(`${a} ^ ${b}`),
    bitsOf: (a) => keep(`bitsOf(${a})`),
    floatOf: (a) => keep(`floatOf(${a})`),
    nearest: (a) => keep(`fround(${a})`),
  };
}

function support(): Record<string, unknown> {
  const float = new Float32Array(1);
  const bits = new Int32Array(float.buffer);
  return {
    fround: Math.fround,
    bitsOf: (x: number): number => {
      float[0] = x;
      return bits[0];
    },
    floatOf: (n: number): number => {
      bits[0] = n;
      return float[0];
    },
  };
}
