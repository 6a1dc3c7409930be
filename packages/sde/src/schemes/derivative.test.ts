import { compile, FUNCTIONS, type GraphBuilder, graphBuilder, lower, type Node, parseExpression, program, scalarOf } from '@ergoflow/kernels';
import { expect, test } from 'vitest';
import { dependsOn, tangents } from './derivative.ts';

const derivativeOf = (build: (g: GraphBuilder, x: Node) => Node): ((x: number) => number) =>
  scalarOf((g, x) => tangents(g, new Map([['x', x]]), new Map([['x', g.constant(1)]]), [build(g, x)])[0] ?? g.constant(0), 1) as (
    x: number,
  ) => number;

// Each function, where to differentiate it, and its derivative.
const KNOWN: readonly [string, readonly number[], (x: number) => number][] = [
  ['exp', [-3, 0.1, 2, 20], Math.exp],
  ['log', [0.01, 0.9, 1.1, 50], (x) => 1 / x],
  ['sqrt', [0.04, 1, 9], (x) => 0.5 / Math.sqrt(x)],
  ['abs', [-2, 3], Math.sign],
  ['sin', [-7, 0.3, 100], Math.cos],
  ['cos', [-7, 0.3, 100], (x) => -Math.sin(x)],
  ['tan', [-1, 0.3, 1.4], (x) => 1 / Math.cos(x) ** 2],
  ['tanh', [-2, 0.01, 3], (x) => 1 / Math.cosh(x) ** 2],
  ['sinh', [-2, 0.01, 3], Math.cosh],
  ['cosh', [-2, 0.01, 3], Math.sinh],
  ['atan', [-5, -0.4, 0.1, 0.8, 3], (x) => 1 / (1 + x * x)],
  ['erf', [-2.5, -0.3, 0.2, 1, 2.2], (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)],
  ['sign', [-2, 3], () => 0],
  ['floor', [-2.5, 3.5], () => 0],
];

test('every function of one argument has its derivative through its own polynomial, to 1e-13', () => {
  for (const [name, points, expected] of KNOWN) {
    const found = derivativeOf((g, x) => FUNCTIONS[name].build(g, x));
    for (const x of points)
      expect(Math.abs(found(x) - expected(x)), `${name} at ${x}`).toBeLessThanOrEqual(1e-13 * Math.max(1, Math.abs(expected(x))));
  }
  const missing = Object.entries(FUNCTIONS).filter(([name, { arity }]) => arity === 1 && !KNOWN.some(([known]) => known === name));
  expect(missing.map(([name]) => name)).toEqual([]);
});

test('expressions with powers, quotients, minima and conditions agree with central differences to 1e-8', () => {
  for (const text of [
    'x^3 - 2*x',
    '(1 + x)/(2 + x^2)',
    'x^2.5 + 2^x + x^x',
    'min(x, 1)*max(x^2, 3)',
    'if(x < 1, x^2, 1/x)',
    'exp(-x^2/2)*sin(3*x)',
  ]) {
    const build = (g: GraphBuilder, x: Node): Node => lower(parseExpression(text), g, { lookup: () => x, sizeOf: () => undefined, known: ['x'] });
    const [value, slope] = [scalarOf(build, 1), derivativeOf(build)];
    for (const x of [0.3, 0.7, 1.3, 2.1]) {
      const h = 1e-5;
      const central = (value(x + h) - value(x - h)) / (2 * h);
      expect(Math.abs(slope(x) - central), `${text} at ${x}`).toBeLessThan(1e-8 * Math.max(1, Math.abs(central)));
    }
  }
});

test('vectors are differentiated element by element, through gathers, sums and concatenations', () => {
  const g = graphBuilder();
  const x = g.state('x', 3);
  const node = g.concatenate([g.multiply(g.gather(x, [1, 2, 0]), x), g.sum(g.multiply(x, x)), g.constant([1, 2])]);
  const [tangent] = tangents(g, new Map([['x', x]]), new Map([['x', g.state('d', 3)]]), [node]);
  const made = program([
    { name: 'x', width: 3, next: null },
    { name: 'd', width: 3, next: null },
    { name: 'out', width: 6, next: tangent as Node },
  ]);
  const states = { x: Float64Array.of(2, 3, 5), d: Float64Array.of(1, 10, 100), out: new Float64Array(6) };
  compile(made).run({ lanes: 1, steps: 1, firstStep: 0, uniforms: {}, states, streams: {} });
  expect([...states.out]).toEqual([10 * 2 + 3 * 1, 100 * 3 + 5 * 10, 1 * 5 + 2 * 100, 2 * (2 * 1 + 3 * 10 + 5 * 100), 0, 0]);
});

test('what does not depend on the direction has no tangent at all', () => {
  const g = graphBuilder();
  const [x, y] = [g.state('x'), g.state('y')];
  const state = new Map([
    ['x', x],
    ['y', y],
  ]);
  const product = g.multiply(y, g.uniform('a'));
  expect(tangents(g, state, new Map([['x', g.constant(1)]]), [product, g.add(product, x)])).toEqual([null, g.constant(1)]);
  expect([dependsOn(product, [x]), dependsOn(product, [x, y])]).toEqual([false, true]);
});
