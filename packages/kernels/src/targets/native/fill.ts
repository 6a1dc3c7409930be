/** The C that makes normals: xoshiro256++ (Blackman & Vigna 2021) on each lane, a pair of normals from each 64 bits. */
import { graphBuilder, type Node, reachable } from '../../graph.ts';
import { leastUpperMantissa, normalPairOf } from '../../normal.ts';
import { replicate } from './emitter.ts';
import { number, vectorOperation } from './operations.ts';

/** The arithmetic of a pair of normals, on vectors. */
function pairLines(): { readonly lines: readonly string[]; readonly first: string; readonly second: string } {
  const g = graphBuilder();
  const [first, second] = normalPairOf(g, g.state('k'), g.state('f'), g.state('centred'));
  const lines = reachable([first, second]).flatMap((node) => {
    const input = (of: Node): string => (of.op === 'constant' ? `B(${number(of.numbers[0])})` : of.op === 'state' ? of.name : `n${of.id}`);
    if (node.op === 'constant' || node.op === 'state') return [];
    return [`  const V n${node.id} = ${vectorOperation(node, node.inputs.map(input))};`];
  });
  return { lines, first: `n${first.id}`, second: `n${second.id}` };
}

/**
 * Two normals a lane from 64 bits a lane. The bits are put under the exponent of 1, where subtracting 1 leaves u = (k + 1/2) 2^-40 exactly, and 1.5 the
 * angle less 1/2. Adding what the least upper mantissa lacks to 2 makes u's exponent the k of u = 2^k (1 + f).
 */
function pairFunction(): string {
  const { lines, first, second } = pairLines();
  return [
    'IN void pair(Q bits, V *first, V *second) {',
    '  const Q u = (Q)((V)(((bits >> 12) & 0x000ffffffffff000ULL) | 0x3ff0000000000800ULL) - 1.0);',
    `  const Q carried = u + ${(1n << 52n) - leastUpperMantissa()}ULL;`,
    '  const V k = (V)((carried >> 52) | 0x4330000000000000ULL) - (4503599627370496.0 + 1023.0);',
    '  const V f = (V)(u + 0x3ff0000000000000ULL - (carried & 0xfff0000000000000ULL)) - 1.0;',
    '  const V centred = (V)(((bits & 0xffffffULL) << 28) | 0x3ff0000008000000ULL) - 1.5;',
    ...lines,
    `  *first = ${first};`,
    `  *second = ${second};`,
    '}',
  ].join('\n');
}

/** xoshiro256++ (Blackman & Vigna 2021) on the four words of a generator. */
const NEXT = [
  'const Q sum@ = a@ + d@;',
  'const Q bits@ = ((sum@ << 23) | (sum@ >> 41)) + a@;',
  'const Q shifted@ = b@ << 17;',
  'c@ ^= a@; d@ ^= b@; b@ ^= c@; a@ ^= d@; c@ ^= shifted@; d@ = (d@ << 45) | (d@ >> 19);',
];

/** The function that makes the next normals of a block's lanes. */
export function fillOf(copies: number): string {
  const words = ['a', 'b', 'c', 'd'];
  return [
    copies === 1 ? '#ifndef PAIR\n#define PAIR' : '#define PAIR',
    pairFunction(),
    ...(copies === 1 ? ['#endif'] : []),
    '#undef U',
    `#define U ${copies}`,
    `static i64 fill${copies}(V *out, i64 count, Q *G, V *spare, i64 has) {`,
    ...replicate(
      [
        'if (count == 0) return has;',
        'if (has) {',
        'out[#] = spare[#];',
        'out += U; count--;',
        '}',
        ...words.map((word, k) => `Q ${word}@ = G[${k} * U + #];`),
        'for (; count > 1; count -= 2, out += 2 * U) {',
        ...NEXT,
        'pair(bits@, out + #, out + U + #);',
        '}',
        'if (count == 1) {',
        ...NEXT,
        'pair(bits@, out + #, spare + #);',
        '}',
        ...words.map((word, k) => `G[${k} * U + #] = ${word}@;`),
        'return count;',
      ],
      copies,
    ),
    '}',
  ].join('\n');
}

/** One lane's normals: the bits one after the other, the arithmetic W pairs at a time. */
export function fillSingle(): string {
  return [
    pairFunction(),
    '#define U 1',
    'static i64 fill1(double *out, i64 count, u64 *G, double *spare, i64 has) {',
    'if (count == 0) return has;',
    'if (has) { *out++ = *spare; count--; has = 0; }',
    'u64 a = G[0], b = G[1], c = G[2], d = G[3];',
    'for (i64 left = (count + 1) / 2; left > 0; left -= W) {',
    'const i64 pairs = left < W ? left : W;',
    'Q words = {0};',
    'for (i64 k = 0; k < pairs; k++) {',
    ...NEXT.map((line) => line.replaceAll('@', '').replaceAll('const Q', 'const u64')),
    'words[k] = bits;',
    '}',
    'V first, second;',
    'pair(words, &first, &second);',
    'for (i64 k = 0; k < pairs; k++) {',
    '*out++ = first[k];',
    'if (--count == 0) { *spare = second[k]; has = 1; break; }',
    '*out++ = second[k];',
    'if (--count == 0) has = 0;',
    '}',
    '}',
    'G[0] = a; G[1] = b; G[2] = c; G[3] = d;',
    'return has;',
    '}',
  ].join('\n');
}
