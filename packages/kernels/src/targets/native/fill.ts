/** The C that makes normals: xoshiro256++ (Blackman & Vigna 2021) on each lane, a pair of normals from each 64 bits. */
import { type Float32Arithmetic, normalPair } from '../../normal.ts';
import { replicate } from './emitter.ts';
import { number } from './operations.ts';
import type { Lanes } from './prelude.ts';

/** How many vectors of draws one turn of the loop makes: their statements stand side by side, so that none waits for another's result. */
const TOGETHER: Readonly<Record<Lanes, number>> = { vector: 4, single: 2 };

/** Writes each operation as a statement on a vector F of float32, `@` in its name for the copies. */
function float32(lines: string[]): Float32Arithmetic<string> {
  const keep = (value: string): string => {
    const name = `f${lines.length}@`;
    lines.push(`const F ${name} = ${value};`);
    return name;
  };
  const onBits = (a: string, operator: string, b: string): string => keep(`(F)((N)${a} ${operator} (N)${b})`);
  return {
    float: (value) => `FB((float)${number(value)})`,
    bits: (value) => `NB(${value}u)`,
    add: (a, b) => keep(`${a} + ${b}`),
    subtract: (a, b) => keep(`${a} - ${b}`),
    multiply: (a, b) => keep(`${a} * ${b}`),
    divide: (a, b) => keep(`${a} / ${b}`),
    squareRoot: (a) => keep(`fRoot(${a})`),
    addBits: (a, b) => onBits(a, '+', b),
    subtractBits: (a, b) => onBits(a, '-', b),
    and: (a, b) => onBits(a, '&', b),
    or: (a, b) => onBits(a, '|', b),
    xor: (a, b) => onBits(a, '^', b),
    bitsOf: (a) => a,
    floatOf: (a) => a,
    nearest: (a) => keep(`__builtin_convertvector((J)${a}, F)`),
  };
}

/** xoshiro256++ (Blackman & Vigna 2021) on the four words of a generator; the bits go to `into`. */
const next = (into: string, copy: string): string[] => [
  `{ const Q sum = a${copy} + d${copy}, shifted = b${copy} << 17;`,
  `${into} = ((sum << 23) | (sum >> 41)) + a${copy};`,
  `c${copy} ^= a${copy}; d${copy} ^= b${copy}; b${copy} ^= c${copy}; a${copy} ^= d${copy}; c${copy} ^= shifted; d${copy} = (d${copy} << 45) | (d${copy} >> 19); }`,
];

/** Two vectors of 64 bits make two of normals, which go to `out` as `places` arranges their lanes. */
function groups(count: number, bits: (group: number) => readonly string[], places: string): string[] {
  const arithmetic: string[] = ['const F high@ = (F)ODD(x@, y@), low@ = (F)EVEN(x@, y@);'];
  const [first, second] = normalPair(float32(arithmetic), 'high@', 'low@');
  return [
    ...Array.from({ length: count }, (_, group) => [`Q x_${group}, y_${group};`, ...bits(group)]).flat(),
    ...replicate(arithmetic, count),
    ...replicate([`${places}((FU *)out + 2 * #, ${first}, ${second});`], count),
    `out += ${count} * 4 * W;`,
  ];
}

/**
 * The function that makes the next normals of a block's lanes: with two vectors of lanes, a draw of both at a time; with one, two draws. It may write
 * normals behind those that are asked for, {@link OVERRUN} at most.
 */
export function fillOf(copies: number): string {
  const copiesOf = copies === 1 ? ['_0', '_0'] : ['_0', '_1'];
  const drawsPerGroup = 2 / copies;
  const both = (group: number): string[] => [...next(`x_${group}`, copiesOf[0]), ...next(`y_${group}`, copiesOf[1])];
  // The last of an odd number of draws stands alone.
  const last = copies === 1 ? [...next('x_0', '_0'), 'if (draws > 1) {', ...next('y_0', '_0'), '}', 'else y_0 = x_0;'] : both(0);
  const words = ['a', 'b', 'c', 'd'].flatMap((word, k) =>
    Array.from({ length: copies }, (_, u) => [`${word}_${u}`, `G[${k * copies + u}]`] as const),
  );
  return [
    '#undef U',
    `#define U ${copies}`,
    `static i64 fill${copies}(float *out, i64 count, Q *G, V *spare, i64 has) {`,
    'if (count == 0) return has;',
    `if (has) { for (int u = 0; u < U; u++) vNarrow(out + u * W, spare[u]); out += U * W; count--; }`,
    'float *const end = out + count * U * W;',
    ...words.map(([word, place]) => `Q ${word} = ${place};`),
    'i64 draws = (count + 1) / 2;',
    `for (; draws >= ${TOGETHER.vector * drawsPerGroup}; draws -= ${TOGETHER.vector * drawsPerGroup}) {`,
    ...groups(TOGETHER.vector, both, `PUT${copies}`),
    '}',
    `for (; draws > 0; draws -= ${drawsPerGroup}) {`,
    ...groups(1, () => last, `PUT${copies}`),
    '}',
    ...words.map(([word, place]) => `${place} = ${word};`),
    'if (count & 1) for (int u = 0; u < U; u++) spare[u] = vWide(end + u * W);',
    'return count & 1;',
    '}',
  ].join('\n');
}

/** One lane's normals: the bits of many draws one after the other, then the arithmetic on 2W draws and more at a time. */
export function fillSingle(): string {
  const bits = (group: number): string[] => [
    `x_${group} = *(Q *)(words + at + ${2 * group} * W); y_${group} = *(Q *)(words + at + ${2 * group + 1} * W);`,
  ];
  return [
    '#define U 1',
    'static i64 fill1(float *out, i64 count, u64 *G, double *spare, i64 has) {',
    'if (count == 0) return has;',
    'if (has) { *out++ = (float)*spare; count--; }',
    'float *const end = out + count;',
    'u64 a = G[0], b = G[1], c = G[2], d = G[3];',
    `u64 words[${DRAWS_AT_ONCE}] __attribute__((aligned(8 * W)));`,
    `for (i64 draws = (count + 1) / 2; draws > 0; draws -= ${DRAWS_AT_ONCE}) {`,
    `const i64 filled = draws < ${DRAWS_AT_ONCE} ? draws : ${DRAWS_AT_ONCE};`,
    'for (i64 k = 0; k < filled; k++)',
    ...next('words[k]', '').map((line) => line.replace('const Q', 'const u64')),
    // What is not drawn is computed with, too, and must not be slower than numbers are.
    `for (i64 k = filled; k % (${2 * TOGETHER.single} * W) != 0; k++) words[k] = words[0];`,
    `for (i64 at = 0; at < filled; at += ${2 * TOGETHER.single} * W) {`,
    ...groups(TOGETHER.single, bits, 'PUTSINGLE'),
    '}',
    '}',
    'G[0] = a; G[1] = b; G[2] = c; G[3] = d;',
    'if (count & 1) *spare = *end;',
    'return count & 1;',
    '}',
  ].join('\n');
}

/** A vector that is loaded right after its parts were stored waits for all of them, so many draws lie between. A multiple of 4W for each W. */
const DRAWS_AT_ONCE = 128;

/** Normals of a lane that are written behind those that are asked for, at most: an odd one's partner and a draw too many; all lanes of a register's draws. */
export const OVERRUN: Readonly<Record<Lanes, number>> = { vector: 4, single: 66 };
