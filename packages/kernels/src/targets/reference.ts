/**
 * The reference target: a lane program written out as scalar JavaScript, one lane after another. It defines the bits.
 *
 * JavaScript's arithmetic is IEEE-754 binary64 without contraction, so the printed text has one meaning on every machine. What all lanes share is
 * computed once per call, before the loop over lanes; scalars live in local variables, so the time loop inside runs in registers.
 */
import type { Node } from '../graph.ts';
import type { Call } from '../kernel.ts';
import type { Program } from '../program.ts';
import { type Emitter, emitHalos, emitItems, endOfStep, fixed, type Index } from './emit.ts';
import { fillNormals } from './fillNormals.ts';
import { type Halo, type Place, type Plan, planOf } from './plan.ts';
import { printElement, printNumber, SUPPORT } from './print.ts';

/** Makes the function that runs a program. */
export function referenceTarget(program: Program): (call: Call) => void {
  const { text, constants } = printProgram(program);
  const inScope = { ...SUPPORT, fillNormals: fillNormals() };
  const run = new Function('constants', ...Object.keys(inScope), text)(constants, ...Object.values(inScope)) as (...parts: unknown[]) => void;
  return (call) => {
    const streams = program.streams.map(({ name }) => call.streams[name]);
    run(
      call.lanes,
      call.firstStep,
      call.firstStep + call.steps,
      program.uniforms.map(({ name }) => call.uniforms[name]),
      program.states.map(({ name }) => call.states[name]),
      streams.map(({ words }) => new Int32Array(words.buffer, words.byteOffset, words.length)),
      streams,
    );
  };
}

/** The text of a program's function, and the arrays of constants that it refers to. */
export interface PrintedProgram {
  readonly text: string;
  readonly constants: readonly (Float64Array | Int32Array)[];
}

/** Writes a program as the body of a function that returns the function to run. */
export function printProgram(program: Program): PrintedProgram {
  const plan = planOf(program);
  const constants: (Float64Array | Int32Array)[] = plan.constants.map(({ numbers }) => Float64Array.from(numbers));
  const lines: string[] = [];
  const emitter = javascript(plan, lines, constants);
  const { scalars, swaps } = endOfStep(plan);
  lines.push('return function (lanes, firstStep, lastStep, uniforms, states, words, streams) {');
  for (const [k, { width }] of program.uniforms.entries()) lines.push(`const u${k} = uniforms[${k}]${width === 1 ? '[0]' : ''};`);
  for (const [k, { width }] of program.states.entries())
    if (width > 1) lines.push(`let s${k} = new Float64Array(${lengthOf(width, plan.haloOf(k))});`);
  for (const [k, { width }] of program.streams.entries()) lines.push(`const z${k} = new Float64Array(${width * STEPS_PER_FILL});`);
  for (const [k, node] of plan.arrays.entries())
    lines.push(`let a${k} = new ${node.mask ? 'Uint8Array' : 'Float64Array'}(${lengthOf(node.width, plan.place(node)?.halo)});`);
  emitItems(plan, plan.shared, emitter);
  lines.push(
    'for (let lane = 0; lane < lanes; lane++) {',
    ...program.states.map(({ width }, k) =>
      width === 1
        ? `let s${k} = states[${k}][lane];`
        : `for (let j = 0; j < ${width}; j++) s${k}[j + ${plan.haloOf(k).before}] = states[${k}][j * lanes + lane];`,
    ),
    ...program.streams.map((_, k) => `let hasSpare${k} = streams[${k}].hasSpare;`),
    `for (let fill = firstStep; fill < lastStep; fill += ${STEPS_PER_FILL}) {`,
    `const end = Math.min(fill + ${STEPS_PER_FILL}, lastStep);`,
    ...program.streams.map(
      ({ width }, k) => `hasSpare${k} = fillNormals(z${k}, (end - fill) * ${width}, words[${k}], streams[${k}].spare, hasSpare${k}, lane, lanes);`,
    ),
    'for (let step = fill; step < end; step++) {',
  );
  emitItems(plan, plan.perStep, emitter);
  emitHalos(plan, emitter);
  emitItems(plan, plan.perLane, emitter);
  lines.push(
    ...scalars.map(({ state, next }) => `const next${state} = ${emitter.scalar(next)};`),
    ...scalars.map(({ state }) => `s${state} = next${state};`),
    ...swaps.flatMap(({ state, next }) => {
      const array = `a${plan.place(next)?.index}`;
      return [`const swap${state} = s${state};`, `s${state} = ${array};`, `${array} = swap${state};`];
    }),
    '}',
    '}',
    ...program.states.flatMap(({ width, next }, k) =>
      next === null
        ? []
        : width === 1
          ? [`states[${k}][lane] = s${k};`]
          : [`for (let j = 0; j < ${width}; j++) states[${k}][j * lanes + lane] = s${k}[j + ${plan.haloOf(k).before}];`],
    ),
    '}',
    ...program.streams.map(({ width }, k) => `if (((lastStep - firstStep) * ${width}) % 2 === 1) streams[${k}].hasSpare = !streams[${k}].hasSpare;`),
    '};',
  );
  const head = constants.map((_, k) => `const c${k} = constants[${k}];`);
  return { text: [...head, ...lines].join('\n'), constants };
}

/** Normals are drawn for this many steps of one lane at a time, so that a generator's state stays in registers and the buffer in the nearest cache. */
const STEPS_PER_FILL = 128;

const lengthOf = (width: number, halo?: Halo): number => width + (halo?.before ?? 0) + (halo?.after ?? 0);

/** Writes JavaScript: `n` a value, `e` an element inside a loop, `s` a state, `u` a uniform, `z` normals, `a` a kept vector, `c` constants, `t` a running sum. */
function javascript(plan: Plan, lines: string[], constants: (Float64Array | Int32Array)[]): Emitter<string> {
  const tables = new Map<string, number>();

  function at(place: Place, index: Index): string {
    const j = place.halo.before === 0 ? position(index) : `${position(index)} + ${place.halo.before}`;
    switch (place.kind) {
      case 'constant':
        return `c${place.index}[${j}]`;
      case 'uniform':
        return `u${place.index}[${j}]`;
      case 'state':
        return `s${place.index}[${j}]`;
      case 'normal':
        return `z${place.index}[(step - fill) * ${place.width} + ${j}]`;
      case 'array':
        return `a${place.index}[${j}]`;
    }
  }

  function keep(values: Int32Array): string {
    const text = values.join();
    const known = tables.get(text) ?? constants.push(values) - 1;
    tables.set(text, known);
    return `c${known}`;
  }

  function position(index: Index): string {
    if (index.kind === 'group') return 'group';
    if (index.kind === 'table') {
      return `${keep(Int32Array.from(index.values))}[j]`;
    }
    return index.scale === 0 ? `${index.offset}` : `${index.scale} * j + ${index.offset}`;
  }

  function scalar(node: Node): string {
    switch (node.op) {
      case 'constant':
        return printNumber(node.numbers[0]);
      case 'uniform':
        return `u${plan.indexOf(node)}`;
      case 'state':
        return `s${plan.indexOf(node)}`;
      case 'normal':
        return `z${plan.indexOf(node)}[step - fill]`;
      case 'step':
        return 'step';
      default:
        return `n${node.id}`;
    }
  }

  const define = (node: Node, text: string): string => {
    lines.push(`const e${node.id} = ${text};`);
    return `e${node.id}`;
  };

  return {
    scalar,
    keep: (node, value) => lines.push(`const n${node.id} = ${value};`),
    load: (node, place, index) => define(node, at(place, index)),
    store: (_, place, index, value) => lines.push(`${at(place, index)} = ${value};`),
    copy: (place, from, to) => lines.push(`${at(place, fixed(to))} = ${at(place, fixed(from))};`),
    apply: (node, inputs) =>
      define(
        node,
        printElement(node, (k) => inputs[k]),
      ),
    lookup: (node, table, index) => {
      const last = table.width - 1;
      const place = plan.place(table);
      if (table.width === 1 || place === undefined) return scalar(table);
      const name = at(place, fixed(0)).slice(0, -3);
      return define(node, `${name}[(${index} >= 0 ? (${index} <= ${last} ? ${index} : ${last}) : 0) | 0]`);
    },
    loop: (width, groups, sums, body, finish) => {
      const size = width / groups;
      const start = sums.map((sum) => `let t${sum.id} = -0;`);
      if (groups === 1) lines.push(...start, `for (let j = 0; j < ${width}; j++) {`);
      else
        lines.push(`for (let group = 0; group < ${groups}; group++) {`, ...start, `for (let j = group * ${size}; j < (group + 1) * ${size}; j++) {`);
      body();
      lines.push('}');
      finish();
      if (groups > 1) lines.push('}');
    },
    add: (sum, value) => lines.push(`t${sum.id} += ${value};`),
    total: (sum) => `t${sum.id}`,
  };
}
