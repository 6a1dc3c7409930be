/** The wasm target's source of normals: xoshiro256++ (Blackman & Vigna 2021) on two lanes a vector, a pair of normals from each 64 bits. */
import { graphBuilder, type Node, reachable } from '../../graph.ts';
import { leastUpperMantissa, normalPairOf } from '../../normal.ts';
import { bothLanes, bothLanesOf, type Instruction, type ValueType, type WasmFunction } from './encode.ts';
import { FROM_LOW_BITS, vectorOperation } from './operations.ts';

/** Parameters of `fill`, by number: where the normals go, how many a lane, the generators, the spares, whether spares are held. */
const [OUT, COUNT, WORDS, SPARE, HAS] = [0, 1, 2, 3, 4];

/**
 * Vectors of a block that are worked on together. The engine makes a vector constant anew at each use, from two numbers, and shares it among uses that
 * stand together: four copies are a third faster than one, though they do not fit the registers.
 */
const TOGETHER = 4;

const made = new Map<number, WasmFunction>();

/**
 * Gives the function `fill(out, count, words, spare, has) -> has`.
 *
 * @param copies Vectors of a block; normals are stored [count × copies], words [4 × copies], spares [copies], each 16 bytes.
 */
export function fillFunction(copies: number): WasmFunction {
  const known = made.get(copies) ?? writeFill(copies);
  made.set(copies, known);
  return known;
}

function writeFill(copies: number): WasmFunction {
  const locals: ValueType[] = ['i32', 'i32'];
  const [at, left] = [5, 6];
  const local = (type: ValueType): number => 5 + locals.push(type) - 1;
  const body: Instruction[] = [
    ['local.get', COUNT],
    ['i32.eqz'],
    ['if'],
    ['local.get', HAS],
    ['return'],
    ['end'],
    ['local.get', HAS],
    ['if'],
    ...each(copies, (u): Instruction[] => [
      ['local.get', OUT],
      ['local.get', SPARE],
      ['v128.load', 16 * u],
      ['v128.store', 16 * u],
    ]),
    ...increase(OUT, 16 * copies),
    ...increase(COUNT, -1),
    ['end'],
  ];
  for (let first = 0; first < copies; first += TOGETHER) {
    const here = Array.from({ length: Math.min(TOGETHER, copies - first) }, (_, k) => first + k);
    const words = here.map(() => [local('v128'), local('v128'), local('v128'), local('v128')]);
    const pair = pairInstructions(words, local);
    body.push(
      ...here.flatMap((u, k) =>
        words[k].flatMap((word, i): Instruction[] => [
          ['local.get', WORDS],
          ['v128.load', 16 * (i * copies + u)],
          ['local.set', word],
        ]),
      ),
      ['local.get', OUT],
      ['local.set', at],
      ['local.get', COUNT],
      ['local.set', left],
      ['block'],
      ['loop'],
      ['local.get', left],
      ['i32.const', 2],
      ['i32.lt_s'],
      ['br_if', 1],
      ...pair.instructions,
      ...here.flatMap((u, k): Instruction[] => [
        ['local.get', at],
        ['local.get', pair.first[k]],
        ['v128.store', 16 * u],
        ['local.get', at],
        ['local.get', pair.second[k]],
        ['v128.store', 16 * (copies + u)],
      ]),
      ...increase(at, 32 * copies),
      ...increase(left, -2),
      ['br', 0],
      ['end'],
      ['end'],
      ['local.get', left],
      ['if'],
      ...pair.instructions,
      ...here.flatMap((u, k): Instruction[] => [
        ['local.get', at],
        ['local.get', pair.first[k]],
        ['v128.store', 16 * u],
        ['local.get', SPARE],
        ['local.get', pair.second[k]],
        ['v128.store', 16 * u],
      ]),
      ['end'],
      ...here.flatMap((u, k) =>
        words[k].flatMap((word, i): Instruction[] => [
          ['local.get', WORDS],
          ['local.get', word],
          ['v128.store', 16 * (i * copies + u)],
        ]),
      ),
    );
  }
  body.push(['local.get', COUNT], ['i32.const', 1], ['i32.and']);
  return { name: 'fill', parameters: ['i32', 'i32', 'i32', 'i32', 'i32'], results: ['i32'], locals, body };
}

const each = <T>(count: number, make: (k: number) => readonly T[]): T[] => Array.from({ length: count }, (_, k) => make(k)).flat();

/** Adds to an i32 local. */
export const increase = (local: number, by: number): readonly Instruction[] => [
  ['local.get', local],
  ['i32.const', by],
  ['i32.add'],
  ['local.set', local],
];

interface Pair {
  readonly instructions: readonly Instruction[];
  readonly first: readonly number[];
  readonly second: readonly number[];
}

/** Two normals from the next 64 bits of each generator. */
function pairInstructions(words: readonly (readonly number[])[], local: (type: ValueType) => number): Pair {
  const g = graphBuilder();
  const results = normalPairOf(g, g.state('k'), g.state('f'), g.state('centred'));
  const bits = words.map(() => local('v128'));
  const [units, carried] = [words.map(() => local('v128')), words.map(() => local('v128'))];
  const locals = new Map<Node, number[]>();
  const instructions: Instruction[] = words.flatMap((word, k) => nextBits(word, bits[k], local('v128')));
  for (const [k, of] of bits.entries()) instructions.push(...unit(of), ['local.tee', units[k]], ...CARRY, ['local.set', carried[k]]);
  for (const node of reachable(results)) {
    if (node.op === 'constant') continue;
    const own = words.map(() => local('v128'));
    locals.set(node, own);
    for (const [k, target] of own.entries()) {
      if (node.op === 'state') instructions.push(...LEAVES[node.name](bits[k], units[k], carried[k]));
      for (const input of node.inputs) {
        if (input.op === 'constant') instructions.push(['v128.const', bothLanes(input.numbers[0])]);
        else instructions.push(['local.get', (locals.get(input) as number[])[k]]);
      }
      if (node.op !== 'state') instructions.push(...vectorOperation(node));
      instructions.push(['local.set', target]);
    }
  }
  return { instructions, first: locals.get(results[0]) as number[], second: locals.get(results[1]) as number[] };
}

/** Bits put under the exponent of 1: subtracting 1 leaves u = (k + ½)·2^-40 for the upper 40. */
const unit = (bits: number): readonly Instruction[] => [
  ['local.get', bits],
  ['i32.const', 12],
  ['i64x2.shr_u'],
  ['v128.const', bothLanesOf(0x000ffffffffff000n)],
  ['v128.and'],
  ['v128.const', bothLanesOf(0x3ff0000000000800n)],
  ['v128.or'],
  ['v128.const', bothLanes(1)],
  ['f64x2.sub'],
];

/** Adding what the least upper mantissa lacks to 2 makes u's exponent the k of u = 2^k (1 + f). */
const CARRY: readonly Instruction[] = [['v128.const', bothLanesOf((1n << 52n) - leastUpperMantissa())], ['i64x2.add']];

/** What normalPairOf starts from. For the angle, subtracting 1.5 leaves (j + ½)·2^-24 - ½ for the lower 24 bits. */
const LEAVES: Readonly<Record<string, (bits: number, unit: number, carried: number) => readonly Instruction[]>> = {
  k: (_, __, carried) => [['local.get', carried], ['i32.const', 52], ['i64x2.shr_u'], ...FROM_LOW_BITS],
  f: (_, unit, carried) => [
    ['local.get', unit],
    ['v128.const', bothLanesOf(0x3ff0000000000000n)],
    ['i64x2.add'],
    ['local.get', carried],
    ['v128.const', bothLanesOf(0xfff0000000000000n)],
    ['v128.and'],
    ['i64x2.sub'],
    ['v128.const', bothLanes(1)],
    ['f64x2.sub'],
  ],
  centred: (bits) => [
    ['local.get', bits],
    ['v128.const', bothLanesOf(0xffffffn)],
    ['v128.and'],
    ['i32.const', 28],
    ['i64x2.shl'],
    ['v128.const', bothLanesOf(0x3ff0000008000000n)],
    ['v128.or'],
    ['v128.const', bothLanes(1.5)],
    ['f64x2.sub'],
  ],
};

const rotate = (local: number, by: number): readonly Instruction[] => [
  ['local.get', local],
  ['i32.const', by],
  ['i64x2.shl'],
  ['local.get', local],
  ['i32.const', 64 - by],
  ['i64x2.shr_u'],
  ['v128.or'],
];

/** The generator's step: result = rotl(s0 + s3, 23) + s0. */
function nextBits([a, b, c, d]: readonly number[], bits: number, scratch: number): readonly Instruction[] {
  const xor = (target: number, by: number): readonly Instruction[] => [['local.get', target], ['local.get', by], ['v128.xor'], ['local.set', target]];
  return [
    ['local.get', a],
    ['local.get', d],
    ['i64x2.add'],
    ['local.set', scratch],
    ...rotate(scratch, 23),
    ['local.get', a],
    ['i64x2.add'],
    ['local.set', bits],
    ['local.get', b],
    ['i32.const', 17],
    ['i64x2.shl'],
    ['local.set', scratch],
    ...xor(c, a),
    ...xor(d, b),
    ...xor(b, c),
    ...xor(a, d),
    ...xor(c, scratch),
    ...rotate(d, 45),
    ['local.set', d],
  ];
}
