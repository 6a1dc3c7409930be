/**
 * A lane program as C: blocks of lanes side by side in vector registers, the time loop and the generator of normals inside.
 *
 * A block is U vectors of W lanes. Every statement about lanes is written U times (`@` in a name stands for the copy), so that the processor has
 * independent work while one result is waited for. One lane alone is plain scalar C, but its normals are still made W at a time.
 */
import { graphBuilder, type Node, reachable } from '../../graph.ts';
import { normalPairOf } from '../../normal.ts';
import type { Program } from '../../program.ts';
import { type Emitter, emitItems, endOfStep, type Index } from '../emit.ts';
import { type Place, type Plan, planOf } from '../plan.ts';
import { type Lanes, prelude } from './prelude.ts';

/** The function of a kernel; `p` holds the addresses of uniforms, states, words and spares, in the program's order, then whether spares are held, then of the scratch memory. */
export const SIGNATURE = 'void ergoflow_run(int64_t lanes, int64_t steps, double firstStep, uint64_t *p)';

/** The function that gives the scratch memory needed, in float64. */
export const SCRATCH = 'int64_t ergoflow_scratch()';

/** Writes the C of a program. */
export function printC(program: Program, lanes: Lanes): string {
  const plan = planOf(program);
  const copies = lanes === 'single' ? 1 : copiesOf(plan);
  const main = block(plan, lanes, copies);
  const tail = copies > 1 ? block(plan, lanes, 1) : '';
  const call = (name: string, from: string, to: string): string => `  ${name}(${from}, ${to}, lanes, steps, firstStep, p);`;
  const body =
    lanes === 'single'
      ? [call('block1', '0', 'lanes')]
      : copies === 1
        ? [call('block1', '0', 'lanes')]
        : [`  const i64 whole = lanes - lanes % (${copies} * W);`, call(`block${copies}`, '0', 'whole'), call('block1', 'whole', 'lanes')];
  return [
    prelude(),
    lanes === 'single' ? fillSingle() : '',
    main,
    tail,
    'void ergoflow_run(i64 lanes, i64 steps, double firstStep, u64 *p) {',
    ...body,
    '}',
    `i64 ergoflow_scratch(void) { return ${scratchSize(plan, lanes, copies)}; }`,
    '',
  ].join('\n');
}

/**
 * How many vectors of lanes a block has. Two, so that short programs do not wait for their own results; one where a step's vectors would leave the
 * nearest cache, or where a long program has independent work enough and would take twice as long to compile.
 */
function copiesOf(plan: Plan): number {
  const widest = Math.max(1, ...plan.perLane.map(({ width }) => width));
  return widest > 500 || plan.program.nodes.length > 500 ? 1 : 2;
}

/** Normals that are made at a time, all streams together: they stay in the nearest cache. */
const NORMALS_PER_FILL = 64;

function stepsPerFill(plan: Plan): number {
  const perStep = plan.program.streams.reduce((total, { width }) => total + width, 0);
  return perStep === 0 ? 128 : Math.max(1, Math.min(128, Math.floor(NORMALS_PER_FILL / perStep)));
}

/** Elements per lane, and shared by lanes. */
function regions(plan: Plan): { readonly perLane: readonly [string, string, number][]; readonly shared: readonly [string, string, number][] } {
  const fill = stepsPerFill(plan);
  const perLane: [string, string, number][] = [];
  const shared: [string, string, number][] = [];
  for (const [k, { width }] of plan.program.states.entries()) if (width > 1) perLane.push(['V', `S${k}`, width]);
  for (const [k, node] of plan.arrays.entries()) {
    if (node.scope === 'lane') perLane.push([node.mask ? 'M' : 'V', `A${k}`, node.width]);
    else shared.push([node.mask ? 'i64' : 'double', `A${k}`, node.width]);
  }
  for (const [k, { width }] of plan.program.streams.entries()) perLane.push(['V', `Z${k}`, fill * width], ['Q', `G${k}`, 4], ['V', `Y${k}`, 1]);
  return { perLane, shared };
}

function scratchSize(plan: Plan, lanes: Lanes, copies: number): string {
  const { perLane, shared } = regions(plan);
  const count = (list: readonly [string, string, number][]): number => list.reduce((total, [, , width]) => total + width, 0);
  // Each region begins at a multiple of 8.
  return `${count(shared) + 8 * (shared.length + perLane.length + 1)} + ${count(perLane)}LL * ${lanes === 'single' ? 1 : `${copies} * W`}`;
}

/** Writes statements with `@` (a copy's suffix) and `#` (its number) once for each copy. */
function replicate(lines: readonly string[], copies: number): string[] {
  return lines.flatMap((line) =>
    line.includes('@') || line.includes('#')
      ? Array.from({ length: copies }, (_, k) => line.replaceAll('@', `_${k}`).replaceAll('#', `${k}`))
      : [line],
  );
}

/** The function that runs lanes [from, to). */
function block(plan: Plan, lanes: Lanes, copies: number): string {
  const { program } = plan;
  const { scalars, swaps } = endOfStep(plan);
  const { perLane, shared } = regions(plan);
  const single = lanes === 'single';
  const lines: string[] = [];
  const head: string[] = [];
  const emitter = c(plan, head, lines, single);
  const [uniforms, states, streams] = [program.uniforms.length, program.states.length, program.streams.length];
  const fill = stepsPerFill(plan);
  const load = (p: string): string => (single ? `*(${p})` : `vLoad(${p}, to - lane - # * W)`);
  const store = (p: string, x: string): string => (single ? `*(${p}) = ${x};` : `vStore(${p}, to - lane - # * W, ${x});`);
  lines.push(
    ...program.uniforms.map(({ width }, k) =>
      width === 1 ? `const double u${k} = *(const double *)p[${k}];` : `const double *const u${k} = (const double *)p[${k}];`,
    ),
    ...program.states.map((_, k) => `double *const x${k} = (double *)p[${uniforms + k}];`),
    ...program.streams.map((_, k) => `u32 *const w${k} = (u32 *)p[${uniforms + states + k}];`),
    ...program.streams.map((_, k) => `double *const y${k} = (double *)p[${uniforms + states + streams + k}];`),
    `double *scratch = (double *)((p[${uniforms + states + 3 * streams}] + 63) & ~63ULL);`,
    ...plan.constants.map(({ numbers }, k) => `static const double C${k}[] = {${numbers.map(number).join(', ')}};`),
    ...shared.flatMap(([type, name, width]) => [`${type} *const ${name} = (${type} *)scratch;`, `scratch += ${Math.ceil(width / 8) * 8};`]),
    ...perLane.flatMap(([type, name, width]) => [
      `${type} *${name} = (${type} *)scratch;`,
      `scratch += ${single ? Math.ceil(width / 8) * 8 : `${width * copies} * W`};`,
    ]),
  );
  emitItems(plan, plan.shared, emitter);
  emitter.intoLanes();
  const lane = single ? 'lane' : 'lane + # * W';
  lines.push(
    `for (i64 lane = from; lane < to; lane += ${single ? '1' : `${copies} * W`}) {`,
    ...program.states.flatMap(({ width }, k) =>
      width === 1
        ? [`V s${k}@ = ${load(`x${k} + ${lane}`)};`]
        : [`for (i64 j = 0; j < ${width}; j++) {`, `S${k}[j * ${copies} + #] = ${load(`x${k} + j * lanes + ${lane}`)};`, '}'],
    ),
    ...program.streams.flatMap((_, k) => [
      'for (int i = 0; i < 4; i++) {',
      single
        ? `G${k}[i] = w${k}[2 * i * lanes + lane] | ((u64)w${k}[(2 * i + 1) * lanes + lane] << 32);`
        : `G${k}[i * ${copies} + #] = vLoadWords(w${k} + 2 * i * lanes + ${lane}, w${k} + (2 * i + 1) * lanes + ${lane}, to - lane - # * W);`,
      '}',
      `Y${k}[#] = ${load(`y${k} + ${lane}`)};`,
      `i64 has${k} = p[${uniforms + states + 2 * streams + k}];`,
    ]),
    'for (i64 done = 0; done < steps;) {',
    `const i64 count = steps - done < ${fill} ? steps - done : ${fill};`,
    ...program.streams.map(({ width }, k) => `has${k} = fill${copies}(Z${k}, count * ${width}, G${k}, Y${k}, has${k});`),
    'for (i64 t = 0; t < count; t++) {',
    'const double step = firstStep + (double)(done + t);',
  );
  emitter.outOfLanes();
  emitItems(plan, plan.perStep, emitter);
  emitter.intoLanes();
  emitItems(plan, plan.perLane, emitter);
  lines.push(
    ...scalars.map(({ state, next }) => `const V x${state}@ = ${emitter.scalar(next)};`),
    ...scalars.map(({ state }) => `s${state}@ = x${state}@;`),
    ...swaps.map(({ state, next }) => `{ V *const swap = S${state}; S${state} = A${plan.place(next)?.index}; A${plan.place(next)?.index} = swap; }`),
    '}',
    'done += count;',
    '}',
    ...program.states.flatMap(({ width, next }, k) =>
      next === null
        ? []
        : width === 1
          ? [store(`x${k} + ${lane}`, `s${k}@`)]
          : [`for (i64 j = 0; j < ${width}; j++) {`, store(`x${k} + j * lanes + ${lane}`, `S${k}[j * ${copies} + #]`), '}'],
    ),
    ...program.streams.flatMap((_, k) => [
      'for (int i = 0; i < 4; i++) {',
      single
        ? `w${k}[2 * i * lanes + lane] = (u32)G${k}[i]; w${k}[(2 * i + 1) * lanes + lane] = (u32)(G${k}[i] >> 32);`
        : `vStoreWords(w${k} + 2 * i * lanes + ${lane}, w${k} + (2 * i + 1) * lanes + ${lane}, to - lane - # * W, G${k}[i * ${copies} + #]);`,
      '}',
      store(`y${k} + ${lane}`, `Y${k}[#]`),
    ]),
    '}',
  );
  const types = single ? ['#define V double', '#define Q u64', '#define M i64'] : ['#define M I'];
  const untypes = types.map((line) => `#undef ${line.split(' ')[1]}`);
  return [
    ...(single ? [] : [fillOf(copies)]),
    ...types,
    `static void block${copies}(i64 from, i64 to, i64 lanes, i64 steps, double firstStep, const u64 *p) {`,
    ...head,
    ...replicate(lines, copies),
    '}',
    ...untypes,
  ].join('\n');
}

/** Writes a float64 so that C reads the same bits. */
export function number(value: number): string {
  if (Number.isNaN(value)) return '__builtin_nan("")';
  if (!Number.isFinite(value)) return value < 0 ? '(-__builtin_inf())' : '__builtin_inf()';
  const text = Object.is(value, -0) ? '-0' : `${value}`;
  const typed = /[.e]/.test(text) ? text : `${text}.0`;
  return text.startsWith('-') ? `(${typed})` : typed;
}

/** An elementwise operation on scalars. */
function scalarOperation({ op, mask }: Node, [a, b, c]: readonly string[]): string {
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
function vectorOperation(node: Node, inputs: readonly string[]): string {
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

interface CEmitter extends Emitter<string> {
  intoLanes(): void;
  outOfLanes(): void;
}

/** Writes C: `n` a value, `e` an element inside a loop, `s` a state, `u` a uniform, `t` a running sum; vectors in capitals. */
function c(plan: Plan, head: string[], lines: string[], single: boolean): CEmitter {
  let inLanes = false;
  const isLane = (node: Node): boolean => node.scope === 'lane';
  /** A shared value, as lanes need it. */
  const spread = (text: string, mask: boolean): string => (!inLanes || single ? text : mask ? `((I){} - (i64)(${text}))` : `B(${text})`);
  const typeOf = (mask: boolean, lane: boolean): string => (lane ? (mask ? 'M' : 'V') : mask ? 'int' : 'double');
  const tables = new Map<string, string>();

  function position(index: Index): string {
    if (index.kind === 'group') return 'group';
    if (index.kind === 'table') {
      const text = index.values.join(', ');
      const name = tables.get(text) ?? `I${tables.size}`;
      if (!tables.has(text)) head.push(`static const int ${name}[] = {${text}};`);
      tables.set(text, name);
      return `${name}[j]`;
    }
    if (index.scale === 0) return `${index.offset}`;
    const scaled = index.scale === 1 ? 'j' : `${index.scale} * j`;
    return index.offset === 0 ? scaled : `(${scaled} + ${index.offset})`;
  }

  function at({ kind, index: k, width, perLane }: Place, index: Index): string {
    const j = position(index);
    const element = perLane ? `${j} * U + #` : j;
    switch (kind) {
      case 'constant':
        return `C${k}[${element}]`;
      case 'uniform':
        return `u${k}[${element}]`;
      case 'state':
        return `S${k}[${element}]`;
      case 'normal':
        return `Z${k}[(t * ${width} + ${j}) * U + #]`;
      case 'array':
        return `A${k}[${element}]`;
    }
  }

  function scalar(node: Node): string {
    switch (node.op) {
      case 'constant':
        return spread(number(node.numbers[0]), false);
      case 'uniform':
        return spread(`u${plan.indexOf(node)}`, false);
      case 'state':
        return `s${plan.indexOf(node)}@`;
      case 'normal':
        return `Z${plan.indexOf(node)}[t * U + #]`;
      case 'step':
        return spread('step', false);
      default:
        return isLane(node) ? `n${node.id}@` : spread(`n${node.id}`, node.mask);
    }
  }

  function define(prefix: string, node: Node, text: string, lane: boolean): string {
    const name = `${prefix}${node.id}${lane ? '@' : ''}`;
    lines.push(`const ${typeOf(node.mask, lane)} ${name} = ${text};`);
    return lane ? name : spread(name, node.mask);
  }

  return {
    intoLanes: () => {
      inLanes = true;
    },
    outOfLanes: () => {
      inLanes = false;
    },
    scalar,
    keep: (node, value) => lines.push(`const ${typeOf(node.mask, isLane(node))} n${node.id}${isLane(node) ? '@' : ''} = ${value};`),
    load: (node, place, index) => define('e', node, at(place, index), place.perLane),
    store: (_, place, index, value) => lines.push(`${at(place, index)} = ${value};`),
    apply: (node, inputs) => define('e', node, inLanes && !single ? vectorOperation(node, inputs) : scalarOperation(node, inputs), inLanes),
    lookup: (node, table, index) => {
      const place = plan.place(table);
      if (table.width === 1 || place === undefined) return scalar(table);
      const start = `&${at(place, { kind: 'affine', scale: 0, offset: 0 })}`;
      return define('e', node, `${inLanes && !single ? 'vLookup' : 'lookup'}(${start}, ${table.width - 1}, ${index})`, inLanes);
    },
    loop: (width, groups, sums, body, finish) => {
      const size = width / groups;
      const start = sums.map((sum) => `${typeOf(false, inLanes)} t${sum.id}${inLanes ? '@' : ''} = ${spread('-0.0', false)};`);
      if (groups === 1) lines.push(...start, `for (i64 j = 0; j < ${width}; j++) {`);
      else
        lines.push(`for (i64 group = 0; group < ${groups}; group++) {`, ...start, `for (i64 j = group * ${size}; j < (group + 1) * ${size}; j++) {`);
      body();
      lines.push('}');
      finish();
      if (groups > 1) lines.push('}');
    },
    add: (sum, value) => lines.push(`t${sum.id}${inLanes ? '@' : ''} += ${value};`),
    total: (sum) => `t${sum.id}${inLanes ? '@' : ''}`,
  };
}

/** The arithmetic of a pair of normals, on vectors. */
function pairLines(): { readonly lines: readonly string[]; readonly first: string; readonly second: string } {
  const g = graphBuilder();
  const [first, second] = normalPairOf(g, g.state('u'), g.state('centred'));
  const lines = reachable([first, second]).flatMap((node) => {
    const input = (of: Node): string => (of.op === 'constant' ? `B(${number(of.numbers[0])})` : of.op === 'state' ? of.name : `n${of.id}`);
    if (node.op === 'constant' || node.op === 'state') return [];
    const inputs = node.inputs.map(input);
    // u is positive: there is no sign to take off.
    const text = node.op === 'exponent' ? `vExponentOfPositive(${inputs[0]})` : vectorOperation(node, inputs);
    return [`  const V n${node.id} = ${text};`];
  });
  return { lines, first: `n${first.id}`, second: `n${second.id}` };
}

/** Two normals a lane from 64 bits a lane. The bits are put under the exponent of 1, where subtracting 1 leaves (k + 1/2) 2^-40 exactly, and 1.5 the angle less 1/2. */
function pairFunction(): string {
  const { lines, first, second } = pairLines();
  return [
    'IN void pair(Q bits, V *first, V *second) {',
    '  const V u = (V)(((bits >> 12) & 0x000ffffffffff000ULL) | 0x3ff0000000000800ULL) - 1.0;',
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
function fillOf(copies: number): string {
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
function fillSingle(): string {
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
