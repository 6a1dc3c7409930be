import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../compile.ts';
import { constantPower, power } from '../functions/power.ts';
import { graphBuilder } from '../graph.ts';
import { program } from '../program.ts';
import { scalarFunction, scalarOf } from '../scalar.ts';
import { type Expression, ExpressionError } from './ast.ts';
import { lower } from './lower.ts';
import { parseExpression } from './parse.ts';

/** Values by name: scalars and vectors. */
type Point = Readonly<Record<string, number | readonly number[]>>;

const sizeIn =
  (point: Point) =>
  (name: string): number | undefined => {
    const value = Object.hasOwn(point, name) ? point[name] : undefined;
    return typeof value === 'object' ? value.length : undefined;
  };

/** What a kernel makes of an equation's text: `size` components if it is a vector's, else one. */
function compute(text: string, point: Point, size?: number): number[] {
  const g = graphBuilder();
  const sizeOf = sizeIn(point);
  const lookup = (name: string) => (Object.hasOwn(point, name) ? g.state(name, sizeOf(name) ?? 1) : undefined);
  const node = lower(parseExpression(text), g, { lookup, sizeOf, known: Object.keys(point) }, size === undefined ? undefined : { size });
  const width = size ?? 1;
  const next = node.mask ? g.select(node, g.constant(1), g.constant(0)) : node;
  const inputs = Object.keys(point).map((name) => ({ name, width: sizeOf(name) ?? 1, next: null }));
  const kernel = compile(program([...inputs, { name: 'out', width, next }]));
  const states = Object.fromEntries(Object.entries(point).map(([name, value]) => [name, Float64Array.from([value].flat())]));
  const out = new Float64Array(width);
  kernel.run({ lanes: 1, steps: 1, firstStep: 0, uniforms: {}, states: { ...states, out }, streams: {} });
  return [...out];
}

/** Where a naive walk through the tree stands: the values of the indices, and which component a bare vector means. */
interface Place {
  readonly indices: ReadonlyMap<string, number>;
  readonly component: number;
}

const pow = scalarOf((g, x, y) => power(g, x, y), 2);

/** The value of an expression by walking its tree, component by component, with nothing shared or folded. */
function walk(node: Expression, point: Point, place: Place): number | boolean {
  const number = (part: Expression, at: Place = place): number => walk(part, point, at) as number;
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'name': {
      const value = place.indices.get(node.name) ?? { pi: Math.PI, e: Math.E }[node.name] ?? point[node.name];
      return typeof value === 'number' ? value : value[place.component];
    }
    case 'index': {
      const vector = point[node.name] as readonly number[];
      return vector.at((number(node.index) - 1) % vector.length) as number;
    }
    case 'unary':
      return node.operator === 'not' ? !walk(node.operand, point, place) : node.operator === '-' ? -number(node.operand) : number(node.operand);
    case 'binary': {
      if (node.operator === 'and') return (walk(node.left, point, place) && walk(node.right, point, place)) as boolean;
      if (node.operator === 'or') return (walk(node.left, point, place) || walk(node.right, point, place)) as boolean;
      const [a, b] = [number(node.left), number(node.right)];
      if (node.operator === '^') return isLiteral(node.right) ? scalarOf((g, x) => constantPower(g, x, b), 1)(a) : pow(a, b);
      return { '+': a + b, '-': a - b, '*': a * b, '/': a / b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b, '==': a === b, '!=': a !== b }[
        node.operator
      ];
    }
    case 'call': {
      const { name, arguments: list } = node;
      if (name === 'if') return walk(list[0], point, place) ? walk(list[1], point, place) : walk(list[2], point, place);
      const total = (terms: readonly number[]): number => terms.reduce((sum, term) => sum + term);
      if (list.length === 4 && (name === 'sum' || name === 'mean')) {
        const index = (list[0] as Extract<Expression, { kind: 'name' }>).name;
        const [first, last] = [number(list[1]), number(list[2])];
        const terms = Array.from({ length: last - first + 1 }, (_, k) =>
          number(list[3], { ...place, indices: new Map([...place.indices, [index, first + k]]) }),
        );
        return name === 'sum' ? total(terms) : total(terms) / terms.length;
      }
      if (['sum', 'mean', 'dot', 'norm'].includes(name)) {
        const size = bareSize(list[0], point) as number;
        const at = (component: number): number[] => list.map((part) => number(part, { ...place, component }));
        const terms = Array.from({ length: size }, (_, k) => {
          const [x, y] = at(k);
          return name === 'dot' ? x * y : name === 'norm' ? x * x : x;
        });
        return name === 'norm' ? Math.sqrt(total(terms)) : name === 'mean' ? total(terms) / size : total(terms);
      }
      return scalarFunction(name, list.length)(...list.map((part) => number(part)));
    }
  }
}

const isLiteral = (node: Expression): boolean => node.kind === 'number' || (node.kind === 'unary' && isLiteral(node.operand));

function bareSize(node: Expression, point: Point): number | undefined {
  if (node.kind === 'name') return sizeIn(point)(node.name);
  if (node.kind === 'binary') return bareSize(node.left, point) ?? bareSize(node.right, point);
  return undefined;
}

/** Equations of a vector of 3 components, over scalars a, b, vectors u, v of 3 and w of 4. Terms of sums depend on what is summed over. */
const { text } = fc.letrec<{ text: string; condition: string }>((tie) => {
  const [x, c] = [tie('text') as fc.Arbitrary<string>, tie('condition') as fc.Arbitrary<string>];
  const from = (pattern: string, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((list) => pattern.split('?').reduce((text, piece, k) => `${text}${list[k - 1]}${piece}`));
  return {
    text: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('a', 'b', 'u', 'v', 'i', 'pi', 'e', '2', '0.5', '1', '0', 'u[i+1]', 'v[i-2]', 'w[2*i-5]', 'w[floor(i/2)]', 'u[2]', 'w[i*i]'),
      fc.constantFrom('dot(w, w)', 'norm(w - 1)', 'mean(w*a)', 'sum(w[i] + w)', 'dot(u, v + i)', 'sum(k, 1, 3, u[k]*v[k+i])'),
      from('(? ? ?)', x, fc.constantFrom('+', '-', '*', '/'), x),
      from('(-?)', x),
      from('?(?)', fc.constantFrom('exp', 'log', 'sqrt', 'abs', 'sin', 'cos', 'tan', 'tanh', 'sinh', 'cosh', 'atan', 'erf', 'sign', 'floor'), x),
      from('min(?, ?)', x, x),
      from('max(?, ?, ?)', x, x, x),
      from('(?)^?', x, fc.constantFrom('2', '3', '-1', '0.5', '1.5', '-2.5', '7', '(a + 1)', '(b*i)')),
      from('if(?, ?, ?)', c, x, x),
      from('?(u + ?)', fc.constantFrom('sum', 'mean'), x),
      from('dot(v, u - ?)', x),
      from('norm(u*?)', x),
      from('?(k, 0, 3, k + w[k+i]*?)', fc.constantFrom('sum', 'mean'), x),
      from('sum(k, 1, 2, k*sum(m, -1, 1, m + u[k*m]*k - ?*m))', x),
    ),
    condition: fc.oneof(
      { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
      from('(? ? ?)', x, fc.constantFrom('<', '<=', '>', '>=', '==', '!='), x),
      from('(? and ?)', c, c),
      from('(? or ?)', c, c),
      from('(not ?)', c),
      from('if(?, ?, ?)', c, c, c),
    ),
  };
});

const number = fc.oneof(
  { arbitrary: fc.double({ min: -3, max: 3, noNaN: true }), weight: 4 },
  { arbitrary: fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-310, 1e200), weight: 1 },
);
const vector = (size: number): fc.Arbitrary<number[]> => fc.array(number, { minLength: size, maxLength: size });
const point = fc.record({ a: number, b: number, u: vector(3), v: vector(3), w: vector(4) });

test('a kernel computes, to the last bit, what a naive walk through the tree does', () => {
  fc.assert(
    fc.property(text, point, (equation, values) => {
      const tree = parseExpression(equation);
      const expected = [0, 1, 2].map((component) => walk(tree, values, { indices: new Map([['i', component + 1]]), component }));
      expect(compute(equation, values, 3)).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

describe('vectors', () => {
  const y = [10, 20, 30, 40];
  test.each<readonly [string, readonly number[]]>([
    ['y', [10, 20, 30, 40]],
    ['y[i+1]', [20, 30, 40, 10]],
    ['y[i-1]', [40, 10, 20, 30]],
    ['y[i-9]', [40, 10, 20, 30]],
    ['y[5*i]', [10, 20, 30, 40]],
    ['y[floor((i-1)/2) + 1]', [10, 10, 20, 20]],
    ['y[-i]', [30, 20, 10, 40]],
    ['y[3]', [30, 30, 30, 30]],
    ['sum(y)', [100, 100, 100, 100]],
    ['y - mean(y)', [-15, -5, 5, 15]],
    ['dot(y, y[i])', [1000, 2000, 3000, 4000]],
    ['norm(y - y)', [0, 0, 0, 0]],
    ['sum(k, 1, i0, y[k])', []],
    ['sum(k, 0, 0, y[i+k])', [10, 20, 30, 40]],
    ['sum(k, 1, 3, 2)', [6, 6, 6, 6]],
    ['mean(k, 1, 3, 2*i)', [2, 4, 6, 8]],
    ['sum(k, 1, 2, sum(k, 1, 3, k))', [12, 12, 12, 12]],
    ['sum(k, 1, 2, k + sum(k, 1, 3, k))', [15, 15, 15, 15]],
    ['sum(i, 1, 2, y[i])', [30, 30, 30, 30]],
    ['sum(y^0)', [4, 4, 4, 4]],
    ['mean(y^0 + y[i]^0)', [2, 2, 2, 2]],
    ['sum(k, 1, 5, y[k]^0)', [5, 5, 5, 5]],
    ['if(y > 20, 1, 0)', [0, 0, 1, 1]],
    ['sum(if(y > 20, 1, 0))', [2, 2, 2, 2]],
    ['y^2/y', [10, 20, 30, 40]],
  ])('%s', (equation, expected) => {
    if (expected.length === 0) expect(() => compute(equation, { y }, 4)).toThrow(ExpressionError);
    else expect(compute(equation, { y }, 4)).toEqual(expected);
  });

  test('of one component are vectors still', () => {
    expect(compute('y[i+1] + sum(y) + mean(y)*i + norm(y) + sum(y^0)', { y: [2] }, 1)).toEqual([9]);
  });

  test('are read in the equation of a scalar by index and by reduction', () => {
    expect(compute('y[1] + y[4] + sum(y) + sum(k, 1, 2, y[k+1])', { y })).toEqual([10 + 40 + 100 + 50]);
  });

  test('of a sum that does not depend on its index are multiplied, not unrolled', () => {
    const g = graphBuilder();
    const scope = { lookup: (name: string) => (name === 'c' ? g.state('c') : undefined), sizeOf: () => undefined, known: ['c'] };
    const node = lower(parseExpression('sum(k, 1, 100000, exp(c))'), g, scope);
    expect(node.op).toBe('multiply');
    expect(g.nodes.every(({ width }) => width === 1)).toBe(true);
  });
});

/** The error of an equation: message, the stretch of the text that it points at, and the unknown name with its candidates. */
function failure(equation: string, size?: number): { readonly message: string; readonly at: string; readonly unknown: ExpressionError['unknown'] } {
  try {
    compute(equation, { a: 1, b: 2, u: [1, 2, 3], w: [1, 2, 3, 4] }, size);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { message: error.message, at: equation.slice(error.span.start, error.span.end), unknown: error.unknown };
  }
  throw new Error(`${equation} must not have a meaning`);
}

describe('errors say what is wrong and point at it', () => {
  test.each<readonly [string, number | undefined, string, string]>([
    ['a + i', undefined, 'the index i has a meaning in the equation of a vector only', 'i'],
    ['a + u', undefined, 'u is a vector of 3: write u[1] for a component, or sum(u), mean(u), norm(u)', 'u'],
    ['a + w', 3, 'w has 4 components where 3 are needed: write w[…] for a component', 'w'],
    ['dot(u, w)', undefined, 'w has 4 components where 3 are needed', 'w'],
    ['2*a[1]', undefined, 'a is a scalar and takes no index', 'a[1]'],
    ['u[4]', undefined, 'the index of u must be from 1 to 3, got 4', '4'],
    ['u[0]', undefined, 'the index of u must be from 1 to 3, got 0', '0'],
    ['u[i/2]', 3, 'the index of u must be a whole number, got 0.5', 'i/2'],
    ['u[1/0]', undefined, 'the index of u must be a whole number, got Infinity', '1/0'],
    ['u[a]', undefined, 'an index is made of whole numbers, indices, + - * / and floor', 'a'],
    ['u[sin(i)]', 3, 'an index is made of whole numbers, indices, + - * / and floor', 'sin(i)'],
    ['sum(a)', undefined, 'sum needs a vector; for a sum over an index write sum(k, 1, n, …)', 'sum(a)'],
    ['sum(k, 1, a, k)', undefined, 'an index is made of whole numbers, indices, + - * / and floor', 'a'],
    ['sum(k, 3, 1, k)', undefined, 'sum must run from a whole number up to a larger or equal one, got 3 to 1', '3, 1'],
    ['sum(1, 1, 3, 1)', undefined, 'the first argument of sum(k, 1, n, …) must be the name of its index', '1'],
    ['a + sum(k, 1, 1e9, k)', undefined, 'an expression has at most 1000000 elements, this one has 1000000000', 'sum(k, 1, 1e9, k)'],
    ['a + sum(k, 1, 1e4, sum(m, 1, 1e4, k*m))', undefined, 'an expression has at most 1000000 elements, this one has 100000000', 'k*m'],
    ['a + sum(k, 1, 1e6, u[i+k])', 3, 'an expression has at most 1000000 elements, this one has 3000000', 'u[i+k]'],
    ['sum(u, u)', undefined, 'sum takes 1 argument (a vector), or 4 (index, first, last, term), got 2', 'sum(u, u)'],
    ['dot(u)', undefined, 'dot takes 2 arguments, got 1', 'dot(u)'],
    ['if(a > 0, 1)', undefined, 'if takes 3 arguments, got 2', 'if(a > 0, 1)'],
    ['sin(a, b)', undefined, 'sin takes 1 argument, got 2', 'sin(a, b)'],
    ['exp()', undefined, 'exp takes 1 argument, got 0', 'exp()'],
    ['min(a)', undefined, 'min takes at least 2 arguments, got 1', 'min(a)'],
    ['1 + (a < b)', undefined, 'a number must stand here, found a comparison: write if(…, 1, 0)', '(a < b)'],
    ['a and b > 0', undefined, 'a comparison must stand here, found a number: write … > 0', 'a'],
    ['if(a, 1, 2)', undefined, 'a comparison must stand here, found a number: write … > 0', 'a'],
    ['if(a > 0, b > 0, 2)', undefined, 'both branches of if must be numbers, or both truth values', 'if(a > 0, b > 0, 2)'],
    ['(a > 0) == (b > 0)', undefined, 'a number must stand here, found a comparison: write if(…, 1, 0)', '(a > 0)'],
  ])('%s', (equation, size, message, at) => {
    expect(failure(equation, size)).toEqual({ message, at, unknown: null });
  });

  test('unknown names and functions come with all that are known', () => {
    expect(failure('a + aa*b')).toMatchObject({ at: 'aa', unknown: { name: 'aa', candidates: ['a', 'b', 'u', 'w'] } });
    expect(failure('uu[1]')).toMatchObject({ at: 'uu[1]', unknown: { name: 'uu' } });
    const { at, unknown } = failure('2*sn(a)');
    expect([at, unknown?.name]).toEqual(['sn(a)', 'sn']);
    expect(unknown?.candidates).toEqual(expect.arrayContaining(['sin', 'if', 'sum', 'norm']));
    expect(failure('a(b)').message).toBe('unknown function "a": a is no function; write a*(…) for a product');
  });

  test('names that every object has are unknown names', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
      expect(failure(name).unknown?.name).toBe(name);
      expect(failure(`${name}(a)`).unknown?.name).toBe(name);
      expect(failure(`${name}[1]`).unknown?.name).toBe(name);
    }
  });
});

test('the tallest tree that is read is lowered', () => {
  expect(compute(`a${'+a'.repeat(1000)}`, { a: 1 })).toEqual([1001]);
  expect(compute(`${'-('.repeat(99)}a${')'.repeat(99)}`, { a: 1 })).toEqual([-1]);
});
