import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, TARGETS, type TargetName } from '../compile.ts';
import { power } from '../functions/power.ts';
import { FUNCTIONS } from '../functions/table.ts';
import { graphBuilder, type Node } from '../graph.ts';
import { type Program, program } from '../program.ts';
import { openStream, type Stream } from '../streams.ts';

const OTHERS = (Object.keys(TARGETS) as TargetName[]).filter((name) => name !== 'reference');

/** All that a run leaves behind: states, generators, spares. */
interface Trace {
  readonly states: Record<string, Float64Array>;
  readonly words: Record<string, Uint32Array>;
  readonly spares: Record<string, Float64Array | boolean>;
}

/** Numbers where arithmetic changes its ways, for the first lanes and elements; then ordinary ones. */
const CORNERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  2 ** -1074,
  -(2 ** -1022),
  2 ** 1023,
  -(2 ** 53) - 1,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  709.9,
  1e-300,
];

function run(made: Program, target: TargetName, lanes: number, cuts: readonly number[], corners: boolean): Trace {
  const kernel = compile(made, target);
  const value = (k: number): number => (corners && k % 3 === 0 ? CORNERS[(k / 3) % CORNERS.length] : Math.fround(Math.sin(k + 1) * 3));
  const states = Object.fromEntries(
    made.states.map(({ name, width }, n) => [name, Float64Array.from({ length: width * lanes }, (_, k) => value(k + 7 * n))]),
  );
  const uniforms = Object.fromEntries(
    made.uniforms.map(({ name, width }, n) => [name, Float64Array.from({ length: width }, (_, k) => Math.cos(k + n))]),
  );
  const streams: Record<string, Stream> = Object.fromEntries(made.streams.map(({ name }) => [name, openStream([1, name], 5, lanes)]));
  let firstStep = 0;
  for (const steps of cuts) {
    kernel.run({ lanes, steps, firstStep, uniforms, states, streams });
    firstStep += steps;
  }
  return {
    states,
    words: Object.fromEntries(Object.entries(streams).map(([name, { words }]) => [name, words])),
    spares: Object.fromEntries(
      Object.entries(streams).flatMap(([name, { spare, hasSpare }]) => [
        [name, hasSpare ? spare : new Float64Array(0)],
        [`${name}?`, hasSpare],
      ]),
    ),
  };
}

/** Bits of a float64; all NaN are one. */
function bits(x: number): string {
  return Number.isNaN(x) ? 'NaN' : Buffer.from(Float64Array.of(x).buffer).toString('hex');
}

function expectSame(made: Program, target: TargetName, lanes: number, cuts: readonly number[], corners = true): void {
  const [expected, got] = [run(made, 'reference', lanes, cuts, corners), run(made, target, lanes, cuts, corners)];
  expect(got.words).toEqual(expected.words);
  expect(got.spares).toEqual(expected.spares);
  for (const { name, width } of made.states) {
    for (let k = 0; k < width * lanes; k++) {
      const [a, b] = [bits(expected.states[name][k]), bits(got.states[name][k])];
      if (a !== b)
        expect(`${name}[${Math.floor(k / lanes)}] of lane ${k % lanes}: ${got.states[name][k]} ${b}`).toBe(
          `${name}[${Math.floor(k / lanes)}] of lane ${k % lanes}: ${expected.states[name][k]} ${a}`,
        );
    }
  }
}

const WIDTHS = [1, 2, 3, 12];

/** A random program over all primitives: each instruction takes earlier values by position. */
function randomProgram(instructions: readonly (readonly [number, number, number, number])[]): Program {
  const g = graphBuilder();
  const numbers: Node[] = [];
  const masks: Node[] = [];
  for (const [k, width] of WIDTHS.entries()) {
    numbers.push(g.state(`x${k}`, width), g.uniform(`u${k}`, width), g.normal(`W${k}`, width));
    numbers.push(g.constant(width === 1 ? -0.75 : Array.from({ length: width }, (_, j) => j / 2 - 1)));
  }
  numbers.push(g.step());
  masks.push(g.less(numbers[0], g.constant(0.25)));
  for (const [op, a, b, c] of instructions) {
    const x = numbers[a % numbers.length];
    const fitting = (list: readonly Node[], width: number, k: number): Node => {
      const found = list.filter((node) => node.width === 1 || node.width === width || width === 1);
      return found[k % found.length];
    };
    const y = fitting(numbers, x.width, b);
    const width = Math.max(x.width, y.width);
    const m = fitting(masks, width, c);
    const finite = (node: Node): Node => g.select(g.less(g.absolute(node), g.constant(1000)), node, g.constant(3.5));
    const normal = (node: Node): Node => g.select(g.lessEqual(g.constant(2 ** -1022), g.absolute(finite(node))), finite(node), g.constant(1.25));
    const wider = (): Node[] => [x, y, m].filter((node) => node.width !== 1);
    const makers: (() => Node | null)[] = [
      () => g.add(x, y),
      () => g.subtract(x, y),
      () => g.multiply(x, y),
      () => g.divide(x, y),
      () => g.negate(x),
      () => g.absolute(x),
      () => g.squareRoot(x),
      () => g.floor(x),
      () => g.less(x, y),
      () => g.lessEqual(x, y),
      () => g.equal(x, y),
      () => g.and(m, fitting(masks, m.width, a)),
      () => g.or(m, fitting(masks, m.width, a)),
      () => g.not(m),
      () => (new Set(wider().map((node) => node.width)).size > 1 ? null : g.select(m, x, y)),
      () => (g.select(m, fitting(masks, m.width, a), fitting(masks, m.width, b)).width === 0 ? null : g.not(m)),
      () => g.exponent(normal(x)),
      () => g.mantissa(normal(x)),
      () => g.powerOfTwo(g.floor(finite(x))),
      () =>
        g.gather(
          x,
          Array.from({ length: WIDTHS[c % WIDTHS.length] }, (_, j) => (j * (1 + (b % 3)) + c) % x.width),
        ),
      () => (x.width > 1 ? g.sum(x, x.width % 3 === 0 && c % 2 === 0 ? 3 : 1) : null),
      () => (x.width + y.width === 3 ? g.concatenate([x, y]) : null),
      () => {
        const table = numbers.filter((node) => node.op === 'uniform' || node.op === 'constant' || node.scope === 'uniform');
        return g.lookup(table[b % table.length], c % 3 === 0 ? x : g.floor(x));
      },
      () => g.select(m, fitting(masks, m.width, a), fitting(masks, m.width, b)),
    ];
    const maker = makers[op % makers.length];
    let made: Node | null = null;
    try {
      made = maker();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    if (made !== null && made.width <= 12) (made.mask ? masks : numbers).push(made);
  }
  const last = (width: number, from: number): Node => {
    const found = numbers.filter((node) => node.width === width || node.width === 1);
    return found[Math.max(0, found.length - 1 - from)];
  };
  return program([
    ...WIDTHS.map((width, k) => ({ name: `x${k}`, width, next: last(width, k % 2) })),
    { name: 'mask', width: 1, next: g.select(fittingOne(masks), g.constant(1), g.constant(0)) },
  ]);
}

const fittingOne = (masks: readonly Node[]): Node => masks.findLast((node) => node.width === 1) as Node;

const instructions = (size: number) =>
  fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000), fc.nat(1000)), { minLength: size, maxLength: size });

describe.each(OTHERS)('%s gives the bits of the reference', (target) => {
  test('for programs of all primitives, at odd numbers of lanes and cuts of the steps', () => {
    // One library per program: few large programs instead of many small ones.
    fc.assert(
      fc.property(instructions(120), fc.constantFrom(1, 2, 3, 17, 40), fc.boolean(), (list, lanes, corners) => {
        expectSame(randomProgram(list), target, lanes, [1, 0, 3, 70, 2], corners);
      }),
      { numRuns: 12 },
    );
  });

  test('for every function of equations, over its domain and beyond', () => {
    const g = graphBuilder();
    const x = g.state('x');
    const outputs = Object.entries(FUNCTIONS).map(([name, row]) => ({
      name,
      width: 1,
      next: row.build(g, ...(row.arity === 1 ? [x] : [x, g.state('y')])),
    }));
    const made = program([
      { name: 'x', width: 1, next: null },
      { name: 'y', width: 1, next: null },
      ...outputs,
      { name: 'power', width: 1, next: power(g, x, g.state('y')) },
    ]);
    const values = [
      ...CORNERS,
      ...Array.from({ length: 2000 }, (_, k) => (k % 2 === 0 ? 1 : -1) * 2 ** (((k * 37) % 500) / 10 - 25) * (1 + k / 4000)),
    ];
    const results = (name: TargetName): Record<string, Float64Array> => {
      const states = Object.fromEntries(made.states.map((state) => [state.name, new Float64Array(values.length)]));
      states.x.set(values);
      states.y.set(values.map((_, k) => values[(k * 7) % values.length]));
      compile(made, name).run({ lanes: values.length, steps: 1, firstStep: 0, uniforms: {}, states, streams: {} });
      return states;
    };
    const [expected, got] = [results('reference'), results(target)];
    for (const { name } of made.states) {
      const wrong = values.flatMap((value, k) =>
        bits(expected[name][k]) === bits(got[name][k]) ? [] : [`${name}(${value}) = ${got[name][k]}, not ${expected[name][k]}`],
      );
      expect(wrong).toEqual([]);
    }
  });

  test.each([1, 3, 17, 1000])('for normals and sums of %i lanes', (lanes) => {
    const g = graphBuilder();
    const [x, y] = [g.state('x'), g.state('y', 40)];
    const h = g.uniform('h');
    const drift = g.subtract(g.divide(g.sum(y), g.constant(40)), g.multiply(x, g.multiply(x, x)));
    const made = program([
      { name: 'x', width: 1, next: g.add(x, g.add(g.multiply(h, drift), g.normal('W', 1))) },
      { name: 'y', width: 40, next: g.add(y, g.add(g.multiply(h, g.subtract(x, y)), g.normal('B', 40))) },
      { name: 'z', width: 1, next: g.add(g.multiply(g.state('z'), h), g.normal('C', 1)) },
    ]);
    expectSame(made, target, lanes, [1, 2, 131], false);
  });

  test('wherever a lane stands and however the steps are cut', () => {
    const g = graphBuilder();
    const x = g.state('x', 3);
    const made = program([{ name: 'x', width: 3, next: g.add(g.multiply(x, g.constant(0.9)), g.normal('W', 3)) }]);
    const part = (first: number, lanes: number, cuts: readonly number[]): Float64Array[] => {
      const states = { x: new Float64Array(3 * lanes) };
      const streams = { W: openStream([5], first, lanes) };
      let firstStep = 0;
      for (const steps of cuts) {
        compile(made, target).run({ lanes, steps, firstStep, uniforms: {}, states, streams });
        firstStep += steps;
      }
      return [0, 1, 2].map((j) => states.x.slice(j * lanes, (j + 1) * lanes));
    };
    const whole = part(0, 50, [101]);
    for (const [first, lanes] of [
      [0, 1],
      [49, 1],
      [7, 2],
      [3, 33],
    ] as const) {
      expect(part(first, lanes, [1, 40, 60])).toEqual(whole.map((row) => row.slice(first, first + lanes)));
    }
  });
});
