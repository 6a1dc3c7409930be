/**
 * Nodes as JavaScript text: the scalar arithmetic that the reference target and the scalar functions are made of.
 *
 * The text holds only numbers and names made here, never anything a user wrote.
 */
import type { Node } from '../graph.ts';

/** The support functions that printed text calls by these names; pass them to `new Function` in this order. */
export const SUPPORT: Readonly<Record<string, unknown>> = support();

/** Writes a float64 so that reading it gives the same bits. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Object.is(value, -0)) return '-0';
  return value < 0 ? `(${value})` : `${value}`;
}

/**
 * Writes what one element of an elementwise node is.
 *
 * @param node An arithmetic node, comparison, choice or lookup; not a leaf.
 * @param input Writes the matching element of the k-th input.
 */
export function printElement(node: Node, input: (k: number) => string): string {
  switch (node.op) {
    case 'add':
      return `${input(0)} + ${input(1)}`;
    case 'subtract':
      return `${input(0)} - ${input(1)}`;
    case 'multiply':
      return `${input(0)} * ${input(1)}`;
    case 'divide':
      return `${input(0)} / ${input(1)}`;
    case 'negate':
      return `-${input(0)}`;
    case 'absolute':
      return `Math.abs(${input(0)})`;
    case 'squareRoot':
      return `Math.sqrt(${input(0)})`;
    case 'floor':
      return `Math.floor(${input(0)})`;
    case 'less':
      return `${input(0)} < ${input(1)}`;
    case 'lessEqual':
      return `${input(0)} <= ${input(1)}`;
    case 'equal':
      return `${input(0)} === ${input(1)}`;
    case 'and':
      return `${input(0)} && ${input(1)}`;
    case 'or':
      return `${input(0)} || ${input(1)}`;
    case 'not':
      return `!${input(0)}`;
    case 'select':
      return `${input(0)} ? ${input(1)} : ${input(2)}`;
    case 'exponent':
      return `exponent(${input(0)})`;
    case 'mantissa':
      return `mantissa(${input(0)})`;
    case 'powerOfTwo':
      return `powerOfTwo(${input(0)})`;
    default:
      throw new TypeError(`${node.op} is not elementwise`);
  }
}

/** Writes scalar nodes as constants `<prefix><id>`; states are taken to be in scope under their names. */
export function printScalars(nodes: readonly Node[], prefix: string): string[] {
  return nodes.map((node) => {
    const value =
      node.op === 'constant'
        ? printNumber(node.numbers[0])
        : node.op === 'state'
          ? node.name
          : printElement(node, (k) => `${prefix}${node.inputs[k].id}`);
    return `const ${prefix}${node.id} = ${value};`;
  });
}

function support(): Record<string, unknown> {
  // One float64 seen as two 32-bit words; typed arrays are little-endian on every platform Node runs on.
  const float = new Float64Array(1);
  const words = new Int32Array(float.buffer);
  return {
    exponent: (x: number): number => {
      float[0] = x;
      return ((words[1] >>> 20) & 2047) - 1023;
    },
    mantissa: (x: number): number => {
      float[0] = x;
      words[1] = (words[1] & 0x800fffff) | 0x3ff00000;
      return float[0];
    },
    powerOfTwo: (n: number): number => {
      words[0] = 0;
      words[1] = (n + 1023) << 20;
      return float[0];
    },
  };
}
