import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from './compile.ts';
import { type GraphBuilder, graphBuilder, type Node, reachable } from './graph.ts';
import { program } from './program.ts';
import { scalarOf } from './scalar.ts';

describe('equal nodes are one node', () => {
  test('for the same call', () => {
    const g = graphBuilder();
    const x = g.state('x', 3);
    const build = (): Node => g.sum(g.select(g.less(x, g.constant(0)), g.gather(x, [2, 1, 0]), g.multiply(x, g.uniform('a'))));
    const first = build();
    const count = g.nodes.length;
    expect(build()).toBe(first);
    expect(g.nodes.length).toBe(count);
  });

  test('for NaN, but not for zeros of different sign', () => {
    const g = graphBuilder();
    expect(g.constant(Number.NaN)).toBe(g.constant(Number.NaN));
    expect(g.constant(-0)).not.toBe(g.constant(0));
    expect(g.constant([1, -0])).not.toBe(g.constant([1, 0]));
  });

  test('but not for different names, widths, indices, groups or orders of inputs', () => {
    const g = graphBuilder();
    const [x, y] = [g.state('x', 4), g.state('y', 4)];
    const different = [
      x,
      y,
      g.state('x', 2),
      g.uniform('x', 4),
      g.normal('x', 4),
      g.subtract(x, y),
      g.subtract(y, x),
      g.gather(x, [0, 1]),
      g.gather(x, [1, 0]),
      g.sum(x),
      g.sum(x, 2),
      g.constant([1, 12]),
      g.constant([11, 2]),
    ];
    expect(new Set(different.map(({ id }) => id)).size).toBe(different.length);
  });
});

/** A tree over leaves; every operation gives width 1 or 3. */
type Tree = { readonly leaf: number } | { readonly op: keyof typeof OPERATIONS; readonly inputs: readonly Tree[] };
type Values = readonly number[];

const elementwise =
  (f: (...x: number[]) => number) =>
  (...inputs: Values[]): Values =>
    Array.from({ length: Math.max(...inputs.map((input) => input.length)) }, (_, k) =>
      f(...inputs.map((input) => input[input.length === 1 ? 0 : k])),
    );

/** By name: the number of inputs, what the builder makes, and what it should mean. */
const OPERATIONS = {
  add: { arity: 2, build: (g, a, b) => g.add(a, b), meaning: elementwise((a, b) => a + b) },
  subtract: { arity: 2, build: (g, a, b) => g.subtract(a, b), meaning: elementwise((a, b) => a - b) },
  multiply: { arity: 2, build: (g, a, b) => g.multiply(a, b), meaning: elementwise((a, b) => a * b) },
  divide: { arity: 2, build: (g, a, b) => g.divide(a, b), meaning: elementwise((a, b) => a / b) },
  negate: { arity: 1, build: (g, a) => g.negate(a), meaning: elementwise((a) => -a) },
  absolute: { arity: 1, build: (g, a) => g.absolute(a), meaning: elementwise((a) => Math.abs(a)) },
  squareRoot: { arity: 1, build: (g, a) => g.squareRoot(a), meaning: elementwise((a) => Math.sqrt(a)) },
  floor: { arity: 1, build: (g, a) => g.floor(a), meaning: elementwise((a) => Math.floor(a)) },
  timesOne: { arity: 1, build: (g, a) => g.multiply(g.constant(1), a), meaning: elementwise((a) => a) },
  overOne: { arity: 1, build: (g, a) => g.divide(a, g.constant(1)), meaning: elementwise((a) => a) },
  chooseLess: { arity: 4, build: (g, a, b, c, d) => g.select(g.less(a, b), c, d), meaning: elementwise((a, b, c, d) => (a < b ? c : d)) },
  chooseLessEqual: {
    arity: 3,
    build: (g, a, b, c) => g.select(g.not(g.lessEqual(a, b)), c, a),
    meaning: elementwise((a, b, c) => (a <= b ? a : c)),
  },
  chooseSame: { arity: 2, build: (g, a, b) => g.select(g.less(a, b), b, b), meaning: elementwise((_, b) => b) },
  chooseBoth: {
    arity: 3,
    build: (g, a, b, c) => g.select(g.and(g.equal(a, b), g.or(g.less(b, c), g.equal(b, c))), a, c),
    meaning: elementwise((a, b, c) => (a === b && (b < c || b === c) ? a : c)),
  },
  sum: { arity: 1, build: (g, a) => g.sum(a), meaning: (a) => [a.reduce((total, x) => total + x)] },
  turn: {
    arity: 1,
    build: (g, a) => g.gather(a, a.width === 1 ? [0, 0, 0] : [2, 0, 1]),
    meaning: (a) => (a.length === 1 ? [a[0], a[0], a[0]] : [a[2], a[0], a[1]]),
  },
  join: {
    arity: 2,
    build: (g, a, b) => g.concatenate([g.sum(a), g.gather(b, [b.width - 1]), g.sum(b)]),
    meaning: (a, b) => [a.reduce((total, x) => total + x), b[b.length - 1], b.reduce((total, x) => total + x)],
  },
} satisfies Record<string, { arity: number; build: (g: GraphBuilder, ...inputs: Node[]) => Node; meaning: (...inputs: Values[]) => Values }>;

const LEAVES = 4;
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.nat(LEAVES - 1).map((leaf) => ({ leaf })),
    fc
      .constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]))
      .chain((op) => fc.tuple(...Array.from({ length: OPERATIONS[op].arity }, () => tie('tree'))).map((inputs) => ({ op, inputs }))),
  ),
}));
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -1, nan, inf, -inf, 5e-324, -5e-324, Number.MAX_VALUE, 2 ** -1022));
const leafValues = fc.array(fc.oneof(fc.tuple(number), fc.tuple(number, number, number)), { minLength: LEAVES, maxLength: LEAVES });

function build(g: GraphBuilder, part: Tree, leaf: (k: number) => Node): Node {
  if ('leaf' in part) return leaf(part.leaf);
  const make = OPERATIONS[part.op].build as (g: GraphBuilder, ...inputs: Node[]) => Node;
  return make(g, ...part.inputs.map((input) => build(g, input, leaf)));
}

function meaning(part: Tree, leaves: readonly Values[]): Values {
  if ('leaf' in part) return leaves[part.leaf];
  return (OPERATIONS[part.op].meaning as (...inputs: Values[]) => Values)(...part.inputs.map((input) => meaning(input, leaves)));
}

/** What a kernel computes with the leaves given as constants, as uniforms, or as states of the second of two lanes. */
function compute(part: Tree, leaves: readonly Values[], as: 'constants' | 'uniforms' | 'states'): number[] {
  const g = graphBuilder();
  const widths = leaves.map((values) => values.length);
  const result = build(g, part, (k) =>
    as === 'constants' ? g.constant(leaves[k]) : as === 'uniforms' ? g.uniform(`x${k}`, widths[k]) : g.state(`x${k}`, widths[k]),
  );
  const inputs = widths.map((width, k) => ({ name: `x${k}`, width, next: null }));
  const kernel = compile(program([...(as === 'states' ? inputs : []), { name: 'out', width: result.width, next: result }]));
  const out = new Float64Array(2 * result.width);
  const uniforms = Object.fromEntries(leaves.map((values, k) => [`x${k}`, Float64Array.from(values)]));
  const states = Object.fromEntries(leaves.map((values, k) => [`x${k}`, Float64Array.from(values.flatMap((x) => [1 - x, x]))]));
  kernel.run({ lanes: 2, steps: 1, firstStep: 0, uniforms, states: { ...(as === 'states' ? states : {}), out }, streams: {} });
  return Array.from({ length: result.width }, (_, k) => out[2 * k + 1]);
}

for (const as of ['constants', 'uniforms', 'states'] as const) {
  test(`${as} give the bits of plain arithmetic, with NaN, infinities and zeros of both signs`, () => {
    fc.assert(
      fc.property(tree, leafValues, (part, leaves) => {
        expect(compute(part, leaves, as)).toEqual([...meaning(part, leaves)]);
      }),
      { numRuns: 400 },
    );
  });
}

test('arithmetic of constants leaves a constant', () => {
  const g = graphBuilder();
  const value = g.squareRoot(g.add(g.multiply(g.constant(3), g.constant(3)), g.constant([16, 0])));
  expect([value.op, [...value.numbers]]).toEqual(['constant', [5, 3]]);
});

test('what may change a value is not simplified: 0·x, x + 0, x - x, x/x', () => {
  const g = graphBuilder();
  const x = g.state('x');
  const zero = g.constant(0);
  for (const node of [g.multiply(zero, x), g.add(x, zero), g.subtract(x, x), g.divide(x, x)]) expect(node.inputs).toContain(x);
});

test('exponent and mantissa take a number apart, powerOfTwo makes it again', () => {
  const exponent = scalarOf((g, x) => g.exponent(x), 1);
  const mantissa = scalarOf((g, x) => g.mantissa(x), 1);
  const power = scalarOf((g, x) => g.powerOfTwo(x), 1);
  for (let n = -1022; n <= 1023; n++) expect(power(n)).toBe(2 ** n);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      fc.pre(Math.abs(x) >= 2 ** -1022);
      expect(Math.abs(mantissa(x))).toBeGreaterThanOrEqual(1);
      expect(Math.abs(mantissa(x))).toBeLessThan(2);
      expect(mantissa(x) * power(exponent(x))).toBe(x);
    }),
  );
});

describe('scopes say how often a node is computed', () => {
  test('the widest of its inputs', () => {
    const g = graphBuilder();
    const [c, u, s, x] = [g.constant(2), g.uniform('u'), g.step(), g.state('x')];
    expect([c, g.add(c, u), g.add(u, s), g.add(s, x), g.normal('W', 1)].map(({ scope }) => scope)).toEqual([
      'constant',
      'uniform',
      'step',
      'lane',
      'lane',
    ]);
  });
});

describe('what has no meaning is refused', () => {
  const g = graphBuilder();
  const [two, three, six] = [2, 3, 6].map((width) => g.state(`x${width}`, width));
  const ones = g.constant([1, 1, 1]);
  const mask = g.less(three, g.constant(0));

  test.each<readonly [string, () => Node, string]>([
    ['a sum of different widths', () => g.add(two, three), 'inputs of add must have width 1 or 3, got 2'],
    ['a product with ones of another width', () => g.multiply(ones, six), 'inputs of multiply must have width 1 or 6, got 3'],
    ['a quotient by ones of another width', () => g.divide(six, ones), 'inputs of divide must have width 1 or 6, got 3'],
    ['a choice of the same by a condition of another width', () => g.select(mask, six, six), 'inputs of select must have width 1 or 6, got 3'],
    ['a comparison of different widths', () => g.less(two, three), 'inputs of less must have width 1 or 3, got 2'],
    ['a truth value as a number', () => g.add(mask, three), 'inputs of add must be numbers, got a truth value'],
    ['a truth value times one', () => g.multiply(g.constant(1), mask), 'inputs of multiply must be numbers, got a truth value'],
    ['a truth value over one', () => g.divide(mask, g.constant(1)), 'inputs of divide must be numbers, got a truth value'],
    ['the exponent of a truth value', () => g.exponent(mask), 'inputs of exponent must be numbers, got a truth value'],
    ['the mantissa of a truth value', () => g.mantissa(mask), 'inputs of mantissa must be numbers, got a truth value'],
    ['a power with a truth value', () => g.powerOfTwo(mask), 'inputs of powerOfTwo must be numbers, got a truth value'],
    ['a comparison of truth values', () => g.equal(mask, mask), 'inputs of equal must be numbers, got a truth value'],
    ['a number as a truth value', () => g.and(mask, three), 'inputs of and must be truth values, got a number'],
    ['a number as a condition', () => g.select(three, three, three), 'the condition of select must be a truth value, got a number'],
    ['branches of two kinds', () => g.select(mask, mask, three), 'the branches of select must both be numbers or both truth values'],
    ['a sum of truth values', () => g.sum(mask), 'the input of sum must be numbers, got truth values'],
    ['groups that do not divide', () => g.sum(six, 4), 'the groups of sum must divide the width 6, got 4'],
    ['an index out of range', () => g.gather(three, [0, 3]), 'an index of gather must be a whole number from 0 to 2, got 3'],
    ['a fraction as an index', () => g.gather(three, [0.5]), 'an index of gather must be a whole number from 0 to 2, got 0.5'],
    ['truth values in a row', () => g.concatenate([three, mask]), 'the inputs of concatenate must be numbers, got truth values'],
    ['a table that lanes own', () => g.lookup(three, two), 'the table of lookup must be shared by all lanes'],
    ['truth values as an index', () => g.lookup(ones, mask), 'inputs of lookup must be numbers, got a truth value'],
    ['truth values as a table', () => g.lookup(g.less(g.uniform('t', 3), ones), two), 'inputs of lookup must be numbers, got a truth value'],
    ['a constant without elements', () => g.constant([]), 'constant must have at least one element'],
    ['nothing in a row', () => g.concatenate([]), 'constant must have at least one element'],
    ['a gather of nothing', () => g.gather(three, []), 'gather must have at least one element'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(new TypeError(message));
  });
});

test('reachable lists what results need, inputs first, and nothing else', () => {
  const g = graphBuilder();
  const [x, unused] = [g.state('x'), g.state('unused')];
  const a = g.add(x, g.constant(1));
  const b = g.multiply(a, a);
  g.add(unused, x);
  expect(reachable([b, a])).toEqual([x, a.inputs[1], a, b]);
});
