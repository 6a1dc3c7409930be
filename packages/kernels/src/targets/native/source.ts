/**
 * A lane program as C: blocks of lanes side by side in vector registers, the time loop and the generator of normals inside.
 *
 * A block is U vectors of W lanes. Every statement about lanes is written U times (`@` in a name stands for the copy), so that the processor has
 * independent work while one result is waited for. One lane alone is plain scalar C, but its normals are still made W at a time.
 */
import type { Program } from '../../program.ts';
import { emitHalos, emitItems, endOfStep } from '../emit.ts';
import { type Halo, type Place, type Plan, planOf } from '../plan.ts';
import { cEmitter, replicate } from './emitter.ts';
import { fillOf, fillSingle, OVERRUN } from './fill.ts';
import { number } from './operations.ts';
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

/**
 * Normals that are made at a time, all streams together. For lanes few, so that the processor still works at them while the steps wait for their own
 * results; for one lane many, as they fill the registers.
 */
const NORMALS_PER_FILL: Readonly<Record<Lanes, number>> = { vector: 40, single: 64 };

function stepsPerFill(plan: Plan, lanes: Lanes): number {
  const perStep = plan.program.streams.reduce((total, { width }) => total + width, 0);
  // Two steps of up to 128 normals still stay in the nearest cache.
  const least = perStep > 128 ? 1 : 2;
  return perStep === 0 ? 128 : Math.max(least, Math.min(128, Math.floor(NORMALS_PER_FILL[lanes] / perStep)));
}

/** Memory: type, name, number of elements, and which of them is the first that counts. */
type Region = readonly [type: string, name: string, width: number, before: number];

/** Elements per lane, and shared by lanes. */
function regions(plan: Plan, lanes: Lanes): { readonly perLane: readonly Region[]; readonly shared: readonly Region[] } {
  const fill = stepsPerFill(plan, lanes);
  const perLane: Region[] = [];
  const shared: Region[] = [];
  const withHalo = (type: string, name: string, width: number, { before, after }: Halo): Region => [type, name, width + before + after, before];
  for (const [k, { width }] of plan.program.states.entries()) if (width > 1) perLane.push(withHalo('V', `S${k}`, width, plan.haloOf(k)));
  for (const [k, node] of plan.arrays.entries()) {
    if (node.scope === 'lane') perLane.push(withHalo(node.mask ? 'M' : 'V', `A${k}`, node.width, (plan.place(node) as Place).halo));
    else shared.push([node.mask ? 'i64' : 'double', `A${k}`, node.width, 0]);
  }
  for (const [k, { width }] of plan.program.streams.entries()) {
    // A normal takes half the place of a float64.
    perLane.push(['float', `Z${k}`, Math.ceil((fill * width + OVERRUN[lanes]) / 2), 0], ['Q', `G${k}`, 4, 0], ['V', `Y${k}`, 1, 0]);
  }
  return { perLane, shared };
}

function scratchSize(plan: Plan, lanes: Lanes, copies: number): string {
  const { perLane, shared } = regions(plan, lanes);
  const count = (list: readonly Region[]): number => list.reduce((total, [, , width]) => total + width, 0);
  // Each region begins at a multiple of 8.
  return `${count(shared) + 8 * (shared.length + perLane.length + 1)} + ${count(perLane)}LL * ${lanes === 'single' ? 1 : `${copies} * W`}`;
}

/** The function that runs lanes [from, to). */
function block(plan: Plan, lanes: Lanes, copies: number): string {
  const { program } = plan;
  const { scalars, swaps } = endOfStep(plan);
  const { perLane, shared } = regions(plan, lanes);
  const single = lanes === 'single';
  const lines: string[] = [];
  const head: string[] = [];
  const emitter = cEmitter(plan, head, lines, single);
  const [uniforms, states, streams] = [program.uniforms.length, program.states.length, program.streams.length];
  const fill = stepsPerFill(plan, lanes);
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
    ...perLane.flatMap(([type, name, width, before]) => [
      `${type} *${name} = (${type} *)scratch${before === 0 ? '' : ` + ${before * copies}`};`,
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
  emitHalos(plan, emitter);
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
