/** The wasm target's source of normals: xoshiro256++ (Blackman & Vigna 2021) on two lanes a vector, a pair of normals from each 64 bits. */
import { type Float32Arithmetic, normalPair } from '../../normal.ts';
import { fourLanes, fourLanesOf, type Instruction, type ValueType, type WasmFunction } from './encode.ts';

/** Parameters of `fill`, by number: where the normals go, how many a lane, the generators, the spares, whether spares are held. */
const [OUT, COUNT, WORDS, SPARE, HAS] = [0, 1, 2, 3, 4];

/** Where the constants of `fill` stand in memory: first of all. */
export const CONSTANTS_AT = 16;

/** The function, and the constants that it reads at {@link CONSTANTS_AT}. */
export interface Fill {
  readonly function: WasmFunction;
  readonly constants: Uint8Array;
}

/**
 * Draws that are worked on together. The engine keeps what it has no registers for on its stack; with three draws the processor has enough to do while
 * it waits for them.
 */
const TOGETHER = 3;

const made = new Map<number, Fill>();

/** Bytes of one normal of each of a block's lanes, as float32. */
export const normalStride = (copies: number): number => 8 * copies;

/** Bytes that `fill` may write behind the normals that are asked for: an odd one's partner, and half a vector. */
export const overrun = (copies: number): number => normalStride(copies) + 16;

/**
 * Gives the function `fill(out, count, words, spare, has) -> has`.
 *
 * @param copies Vectors of two lanes in a block, 1 or an even number; normals are stored [count × 2·copies × 4 bytes], words [4 × copies × 16 bytes],
 *   spares [2·copies × 4 bytes].
 */
export function fillFunction(copies: number): Fill {
  const known = made.get(copies) ?? writeFill(copies);
  made.set(copies, known);
  return known;
}

/** Two vectors of 64 bits make one of normals; a single one is taken twice. */
function writeFill(copies: number): Fill {
  const locals: ValueType[] = ['i32', 'i32'];
  const [at, left] = [5, 6];
  const local = (type: ValueType): number => 5 + locals.push(type) - 1;
  const stride = normalStride(copies);
  const groups = Math.max(1, copies / 2);
  const constants = constantPool(local);
  const copy = (from: readonly Instruction[], to: readonly Instruction[]): Instruction[] =>
    each(groups, (group): Instruction[] => [...to, ...from, ['v128.load', 16 * group], ['v128.store', 16 * group]]);
  const isOdd: readonly Instruction[] = [['local.get', COUNT], ['i32.const', 1], ['i32.and']];
  const body: Instruction[] = [
    ['local.get', COUNT],
    ['i32.eqz'],
    ['if'],
    ['local.get', HAS],
    ['return'],
    ['end'],
    ['local.get', HAS],
    ['if'],
    ...copy([['local.get', SPARE]], [['local.get', OUT]]),
    ...increase(OUT, stride),
    ...increase(COUNT, -1),
    ['end'],
  ];
  for (let group = 0; group < groups; group++) {
    const vectors = copies === 1 ? [0] : [2 * group, 2 * group + 1];
    const words = vectors.map(() => [0, 1, 2, 3].map(() => local('v128')));
    const eachWord = (write: (word: number, offset: number) => readonly Instruction[]): Instruction[] =>
      vectors.flatMap((u, k) => words[k].flatMap((word, i) => write(word, 16 * (i * copies + u))));
    // While more than `fewest` normals are left.
    const loop = (draws: number, fewest: number): Instruction[] => {
      const { instructions, normals } = drawInstructions(words, draws, constants, local);
      return [
        ['block'],
        ['loop'],
        ['local.get', left],
        ['i32.const', fewest + 1],
        ['i32.lt_s'],
        ['br_if', 1],
        ...instructions,
        ...normals.flatMap((own, k): Instruction[] => [
          ['local.get', at],
          ['local.get', own],
          ['v128.store', k * stride + 16 * group],
        ]),
        ...increase(at, 2 * draws * stride),
        ...increase(left, -2 * draws),
        ['br', 0],
        ['end'],
        ['end'],
      ];
    };
    body.push(
      ...eachWord((word, offset) => [
        ['local.get', WORDS],
        ['v128.load', offset],
        ['local.set', word],
      ]),
      ['local.get', OUT],
      ['local.set', at],
      ['local.get', COUNT],
      ['local.set', left],
      ...loop(TOGETHER, 2 * TOGETHER - 2),
      ...loop(1, 0),
      ...eachWord((word, offset) => [
        ['local.get', WORDS],
        ['local.get', word],
        ['v128.store', offset],
      ]),
    );
  }
  // The last one's partner stands where the next one would.
  body.push(
    ...isOdd,
    ['if'],
    ...copy([['local.get', OUT], ['local.get', COUNT], ['i32.const', stride], ['i32.mul'], ['i32.add']], [['local.get', SPARE]]),
    ['end'],
    ...isOdd,
  );
  const parameters: ValueType[] = ['i32', 'i32', 'i32', 'i32', 'i32'];
  return {
    function: { name: 'fill', parameters, results: ['i32'], locals, body: [...constants.load(), ...body] },
    constants: Uint8Array.from(constants.bytes.flat()),
  };
}

const each = <T>(count: number, make: (k: number) => readonly T[]): T[] => Array.from({ length: count }, (_, k) => make(k)).flat();

/** Adds to an i32 local. */
export const increase = (local: number, by: number): readonly Instruction[] => [
  ['local.get', local],
  ['i32.const', by],
  ['i32.add'],
  ['local.set', local],
];

/** Constants in locals that are loaded from memory at the beginning: a `v128.const` is put together from two numbers at each use. */
interface ConstantPool {
  readonly bytes: readonly (readonly number[])[];
  local(bytes: readonly number[]): number;
  load(): readonly Instruction[];
}

function constantPool(local: (type: ValueType) => number): ConstantPool {
  const [bytes, locals]: [(readonly number[])[], number[]] = [[], []];
  return {
    bytes,
    local: (value) => {
      const known = bytes.findIndex((other) => other.every((byte, k) => byte === value[k]));
      if (known >= 0) return locals[known];
      bytes.push(value);
      locals.push(local('v128'));
      return locals[locals.length - 1];
    },
    load: () =>
      locals.flatMap((own, k): Instruction[] => [
        ['i32.const', 0],
        ['v128.load', CONSTANTS_AT + 16 * k],
        ['local.set', own],
      ]),
  };
}

/** A local for each of the vectors that are worked on together. */
type Value = readonly number[];

/** The next draws of a vector of four lanes, whose generators are two vectors of two (or one, taken twice): what pushes each normal, in order. */
function drawInstructions(
  words: readonly (readonly number[])[],
  draws: number,
  constants: ConstantPool,
  local: (type: ValueType) => number,
): { readonly instructions: readonly Instruction[]; readonly normals: readonly number[] } {
  const instructions: Instruction[] = [];
  const [high, low] = [0, 0].map(() => Array.from({ length: draws }, () => local('v128')));
  for (let draw = 0; draw < draws; draw++) {
    const bits = words.map((word) => {
      const own = local('v128');
      instructions.push(...nextBits(word, own, local('v128')));
      return own;
    });
    for (const [half, from] of [
      [high[draw], HIGH],
      [low[draw], LOW],
    ] as const) {
      instructions.push(['local.get', bits[0]], ['local.get', bits[bits.length - 1]], ['i8x16.shuffle', from], ['local.set', half]);
    }
  }
  const [first, second] = normalPair(float32(draws, instructions, constants, local), high, low);
  return { instructions, normals: first.flatMap((own, draw) => [own, second[draw]]) };
}

/** The bytes of the upper and of the lower halves of four numbers in two vectors. */
const [HIGH, LOW] = [4, 0].map((half) => [0, 8, 16, 24].flatMap((from) => [0, 1, 2, 3].map((byte) => from + half + byte)));

function float32(draws: number, instructions: Instruction[], constants: ConstantPool, local: (type: ValueType) => number): Float32Arithmetic<Value> {
  const locals = (): number[] => Array.from({ length: draws }, () => local('v128'));
  const operation =
    (name: string) =>
    (...inputs: readonly Value[]): Value => {
      const own = locals();
      for (const [k, target] of own.entries())
        instructions.push(...inputs.map((input): Instruction => ['local.get', input[k]]), [name], ['local.set', target]);
      return own;
    };
  const constant = (bytes: readonly number[]): Value => new Array<number>(draws).fill(constants.local(bytes));
  return {
    float: (value) => constant(fourLanes(value)),
    bits: (value) => constant(fourLanesOf(value)),
    add: operation('f32x4.add'),
    subtract: operation('f32x4.sub'),
    multiply: operation('f32x4.mul'),
    divide: operation('f32x4.div'),
    squareRoot: operation('f32x4.sqrt'),
    addBits: operation('i32x4.add'),
    subtractBits: operation('i32x4.sub'),
    and: operation('v128.and'),
    or: operation('v128.or'),
    xor: operation('v128.xor'),
    bitsOf: (value) => value,
    floatOf: (value) => value,
    nearest: operation('f32x4.convert_i32x4_s'),
  };
}

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
