/**
 * The reference target's source of normals: xoshiro256++ (Blackman & Vigna 2021) in 32-bit halves, a pair of normals from each 64 bits.
 *
 * The arithmetic of normal.ts is printed into the loop, so that it stands in one place for all targets.
 */
import { normalPair } from '../normal.ts';
import { FLOAT32_SUPPORT, printFloat32 } from './float32.ts';

/**
 * Fills `out[0 … count)` with the next normals of one lane's stream.
 *
 * @returns Whether the last pair's second normal now waits in `spare`.
 */
export type FillNormals = (
  out: Float64Array,
  count: number,
  words: Int32Array,
  spare: Float64Array,
  hasSpare: boolean,
  lane: number,
  lanes: number,
) => boolean;

let made: FillNormals | null = null;

/** Gives the function, made at its first use. */
export function fillNormals(): FillNormals {
  made ??= new Function(...Object.keys(FLOAT32_SUPPORT), print())(...Object.values(FLOAT32_SUPPORT)) as FillNormals;
  return made;
}

/** The names of a state's halves in {@link NEXT_BITS}. */
export const WORDS = ['w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7'] as const;

function print(): string {
  const pair: string[] = [];
  const [first, second] = normalPair(printFloat32(pair), 'resultHigh', 'resultLow');
  return [
    'return function (out, count, words, spare, hasSpare, lane, lanes) {',
    'let k = 0;',
    'if (hasSpare && count > 0) out[k++] = spare[lane];',
    'if (k === count) return hasSpare && count === 0;',
    ...WORDS.map((word, k) => `let ${word} = words[${k} * lanes + lane];`),
    'for (;;) {',
    ...NEXT_BITS,
    ...pair,
    `out[k++] = ${first};`,
    `if (k === count) { spare[lane] = ${second}; hasSpare = true; break; }`,
    `out[k++] = ${second};`,
    'if (k === count) { hasSpare = false; break; }',
    '}',
    ...WORDS.map((word, k) => `words[${k} * lanes + lane] = ${word};`),
    'return hasSpare;',
    '};',
  ].join('\n');
}

/** (name) = (a) + (b) of 64 bits in two halves; the carry is the one out of the top bit of the lower halves. */
function add64(name: string, aLow: string, aHigh: string, bLow: string, bHigh: string): string[] {
  return [
    `const ${name}Low = (${aLow} + ${bLow}) | 0;`,
    `const ${name}High = (${aHigh} + ${bHigh} + (((${aLow} & ${bLow}) | ((${aLow} | ${bLow}) & ~${name}Low)) >>> 31)) | 0;`,
  ];
}

/** The generator's step. Words are the halves of s0 … s3, the lower one first: result = rotl(s0 + s3, 23) + s0; it leaves `resultLow` and `resultHigh`. */
export const NEXT_BITS: readonly string[] = [
  ...add64('sum', 'w0', 'w1', 'w6', 'w7'),
  'const rotatedLow = (sumLow << 23) | (sumHigh >>> 9);',
  'const rotatedHigh = (sumHigh << 23) | (sumLow >>> 9);',
  ...add64('result', 'rotatedLow', 'rotatedHigh', 'w0', 'w1'),
  // t = s1 << 17
  'const shiftedLow = w2 << 17;',
  'const shiftedHigh = (w3 << 17) | (w2 >>> 15);',
  // s2 ^= s0; s3 ^= s1; s1 ^= s2; s0 ^= s3; s2 ^= t
  'w4 ^= w0; w5 ^= w1; w6 ^= w2; w7 ^= w3; w2 ^= w4; w3 ^= w5; w0 ^= w6; w1 ^= w7; w4 ^= shiftedLow; w5 ^= shiftedHigh;',
  // s3 = rotl(s3, 45): the halves change places (32), then 13
  'const oldLow = w6;',
  'w6 = (w7 << 13) | (oldLow >>> 19);',
  'w7 = (oldLow << 13) | (w7 >>> 19);',
];
