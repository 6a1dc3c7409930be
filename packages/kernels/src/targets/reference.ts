/**
 * The reference target: a lane program written out as scalar JavaScript, one lane after another. It defines the bits.
 *
 * JavaScript's arithmetic is IEEE-754 binary64 without contraction, so the printed text has one meaning on every machine. What all lanes share is
 * computed once per call, before the loop over lanes; scalars live in local variables, so the time loop inside runs in registers.
 */
import type { Node } from '../graph.ts';
import type { Call } from '../kernel.ts';
import type { Program } from '../program.ts';
import { fillNormals } from './fillNormals.ts';
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
  const constants: (Float64Array | Int32Array)[] = [];
  const printer = nodePrinter(program, constants);
  const shared = program.nodes.filter((node) => node.scope === 'constant' || node.scope === 'uniform');
  const own = program.nodes.filter((node) => node.scope === 'step' || node.scope === 'lane');
  const results = new Set(program.states.flatMap(({ next }) => (next === null ? [] : [next.id])));
  const lines = [
    'return function (lanes, firstStep, lastStep, uniforms, states, words, streams) {',
    ...printer.print(shared, results),
    ...program.states.flatMap(({ width }, k) => (width === 1 ? [] : [`const s${k} = new Float64Array(${width});`])),
    ...program.streams.map(({ width }, k) => `const z${k} = new Float64Array(${width * STEPS_PER_FILL});`),
    ...printer.scratch(own, results),
    'for (let lane = 0; lane < lanes; lane++) {',
    ...program.states.map(({ width }, k) =>
      width === 1 ? `let s${k} = states[${k}][lane];` : `for (let j = 0; j < ${width}; j++) s${k}[j] = states[${k}][j * lanes + lane];`,
    ),
    ...program.streams.map((_, k) => `let hasSpare${k} = streams[${k}].hasSpare;`),
    `for (let fill = firstStep; fill < lastStep; fill += ${STEPS_PER_FILL}) {`,
    `const end = Math.min(fill + ${STEPS_PER_FILL}, lastStep);`,
    ...program.streams.map(
      ({ width }, k) => `hasSpare${k} = fillNormals(z${k}, (end - fill) * ${width}, words[${k}], streams[${k}].spare, hasSpare${k}, lane, lanes);`,
    ),
    'for (let step = fill; step < end; step++) {',
    ...printer.print(own, results),
    ...printAssignments(program, printer.element),
    '}',
    '}',
    ...program.states.flatMap(({ width, next }, k) =>
      next === null
        ? []
        : width === 1
          ? [`states[${k}][lane] = s${k};`]
          : [`for (let j = 0; j < ${width}; j++) states[${k}][j * lanes + lane] = s${k}[j];`],
    ),
    '}',
    ...program.streams.map(({ width }, k) => `if (((lastStep - firstStep) * ${width}) % 2 === 1) streams[${k}].hasSpare = !streams[${k}].hasSpare;`),
    '};',
  ];
  return { text: lines.join('\n'), constants };
}

/** The next values are all computed before the first is assigned. */
function printAssignments(program: Program, element: (node: Node, j: string) => string): string[] {
  const first: string[] = [];
  const then: string[] = [];
  for (const [k, { width, next }] of program.states.entries()) {
    if (next === null) continue;
    if (next.width === 1) {
      first.push(`const next${k} = ${element(next, '0')};`);
      then.push(width === 1 ? `s${k} = next${k};` : `s${k}.fill(next${k});`);
    } else if (next.op === 'state') {
      first.push(`const next${k} = ${element(next, '').slice(0, -2)}.slice();`);
      then.push(`s${k}.set(next${k});`);
    } else {
      then.push(`for (let j = 0; j < ${width}; j++) s${k}[j] = ${element(next, 'j')};`);
    }
  }
  return [...first, ...then];
}

/** Normals are drawn for this many steps of one lane at a time, so that a generator's state stays in registers and the buffer in the nearest cache. */
const STEPS_PER_FILL = 128;

const isElementwise = (node: Node): boolean => !['constant', 'uniform', 'state', 'step', 'normal', 'sum', 'concatenate'].includes(node.op);
const isLeaf = (node: Node): boolean => ['constant', 'uniform', 'state', 'step', 'normal'].includes(node.op);

/** A run of nodes that is printed together: one loop over elements, or one node that is not such a loop. */
interface Segment {
  readonly width: number;
  readonly nodes: Node[];
}

/** Consecutive elementwise nodes of one width share a loop, unless one needs another's elements in a different order. */
function segmentsOf(nodes: readonly Node[]): Segment[] {
  const segments: Segment[] = [];
  let open: Segment | null = null;
  const close = (): void => {
    if (open !== null) segments.push(open);
    open = null;
  };
  for (const node of nodes) {
    if (isLeaf(node)) continue;
    const needsOpen = open !== null && node.inputs.some((input) => (open as Segment).nodes.includes(input));
    // A gather or a lookup reads other elements than its own of its first input.
    const readsAcross = (node.op === 'gather' || node.op === 'lookup') && open !== null && (open as Segment).nodes.includes(node.inputs[0]);
    if (node.width > 1 && isElementwise(node)) {
      if (open !== null && (open.width !== node.width || readsAcross)) close();
      open ??= { width: node.width, nodes: [] };
      open.nodes.push(node);
    } else {
      if (needsOpen) close();
      segments.push({ width: 1, nodes: [node] });
    }
  }
  close();
  return segments;
}

/** Prints nodes with the names of one program: `n` a value or array of values, `e` an element inside a loop, `s` a state, `z` normals, `c` constants. */
function nodePrinter(program: Program, constants: (Float64Array | Int32Array)[]) {
  const stateIndex = new Map(program.states.map(({ name }, k) => [name, k]));
  const uniformIndex = new Map(program.uniforms.map(({ name }, k) => [name, k]));
  const streamIndex = new Map(program.streams.map(({ name }, k) => [name, k]));

  function keep(values: Float64Array | Int32Array): string {
    constants.push(values);
    return `constants[${constants.length - 1}]`;
  }

  function element(node: Node, j: string): string {
    const at = node.width === 1 ? '' : `[${j}]`;
    switch (node.op) {
      case 'constant':
        return node.width === 1 ? printNumber(node.numbers[0]) : `n${node.id}${at}`;
      case 'uniform':
        return `n${node.id}${at}`;
      case 'state':
        return `s${stateIndex.get(node.name)}${at}`;
      case 'normal':
        return node.width === 1
          ? `z${streamIndex.get(node.name)}[step - fill]`
          : `z${streamIndex.get(node.name)}[(step - fill) * ${node.width} + ${j}]`;
      case 'step':
        return 'step';
      default:
        return `n${node.id}${at}`;
    }
  }

  function value(node: Node, input: (k: number) => string, j: string): string {
    if (node.op === 'gather') {
      const source = node.inputs[0];
      if (source.width === 1) return element(source, '0');
      return element(source, node.width === 1 ? `${node.numbers[0]}` : `${keep(Int32Array.from(node.numbers))}[${j}]`);
    }
    if (node.op === 'lookup') {
      const last = node.inputs[0].width - 1;
      const index = input(1);
      return element(node.inputs[0], `(${index} >= 0 ? (${index} <= ${last} ? ${index} : ${last}) : 0) | 0`);
    }
    return printElement(node, input);
  }

  /** Ids of the nodes of a loop that something outside it reads. */
  function storedOf(segment: Segment, all: readonly Node[], results: ReadonlySet<number>): Set<number> {
    const inside = new Set(segment.nodes.map((node) => node.id));
    const stored = new Set(segment.nodes.filter((node) => results.has(node.id)).map((node) => node.id));
    for (const node of all) {
      if (inside.has(node.id)) continue;
      for (const input of node.inputs) if (inside.has(input.id)) stored.add(input.id);
    }
    return stored;
  }

  const array = (node: Node): string => `const n${node.id} = new ${node.mask ? 'Uint8Array' : 'Float64Array'}(${node.width});`;

  /** The arrays that loops and concatenations write to, made once per call. */
  function scratch(nodes: readonly Node[], results: ReadonlySet<number>): string[] {
    return segmentsOf(nodes).flatMap((segment) => {
      if (segment.width === 1) return segment.nodes.filter((node) => node.width > 1).map(array);
      const stored = storedOf(segment, program.nodes, results);
      return segment.nodes.filter((node) => stored.has(node.id)).map(array);
    });
  }

  function print(nodes: readonly Node[], results: ReadonlySet<number>): string[] {
    const shared = nodes.every((node) => node.scope === 'constant' || node.scope === 'uniform');
    const lines: string[] = [];
    for (const node of nodes) {
      if (node.op === 'uniform') lines.push(`const n${node.id} = uniforms[${uniformIndex.get(node.name)}]${node.width === 1 ? '[0]' : ''};`);
      if (node.op === 'constant' && node.width > 1) lines.push(`const n${node.id} = ${keep(Float64Array.from(node.numbers))};`);
    }
    if (shared) lines.push(...scratch(nodes, results));
    for (const segment of segmentsOf(nodes)) {
      const [only] = segment.nodes;
      if (segment.width > 1) lines.push(...printLoop(segment, results));
      else if (only.op === 'sum') lines.push(...printSum(only));
      else if (only.op === 'concatenate') lines.push(...printConcatenate(only));
      else lines.push(`const n${only.id} = ${value(only, (k) => element(only.inputs[k], '0'), '0')};`);
    }
    return lines;
  }

  function printLoop(segment: Segment, results: ReadonlySet<number>): string[] {
    const inside = new Set(segment.nodes.map((node) => node.id));
    const stored = storedOf(segment, program.nodes, results);
    const lines = [`for (let j = 0; j < ${segment.width}; j++) {`];
    for (const node of segment.nodes) {
      const input = (k: number): string => (inside.has(node.inputs[k].id) ? `e${node.inputs[k].id}` : element(node.inputs[k], 'j'));
      lines.push(`const e${node.id} = ${value(node, input, 'j')};`);
      if (stored.has(node.id)) lines.push(`n${node.id}[j] = e${node.id};`);
    }
    lines.push('}');
    return lines;
  }

  function printSum(node: Node): string[] {
    const source = node.inputs[0];
    const [groups] = node.numbers;
    const size = source.width / groups;
    if (groups === 1) {
      return [`let n${node.id} = ${element(source, '0')};`, `for (let j = 1; j < ${size}; j++) n${node.id} += ${element(source, 'j')};`];
    }
    return [
      `for (let group = 0; group < ${groups}; group++) {`,
      `let total = ${element(source, `group * ${size}`)};`,
      `for (let j = group * ${size} + 1; j < (group + 1) * ${size}; j++) total += ${element(source, 'j')};`,
      `n${node.id}[group] = total;`,
      '}',
    ];
  }

  function printConcatenate(node: Node): string[] {
    let offset = 0;
    return node.inputs.map((part) => {
      const line =
        part.width === 1
          ? `n${node.id}[${offset}] = ${element(part, '0')};`
          : `for (let j = 0; j < ${part.width}; j++) n${node.id}[${offset} + j] = ${element(part, 'j')};`;
      offset += part.width;
      return line;
    });
  }

  return { print, scratch, element };
}
