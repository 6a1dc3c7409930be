import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpressionError } from './ast.ts';
import { evaluate, evaluateCondition } from './evaluate.ts';
import { parseExpression } from './parse.ts';

const value = (text: string, values: Readonly<Record<string, number>> = {}): number =>
  evaluate(parseExpression(text), new Map(Object.entries(values)));
const holds = (text: string, values: Readonly<Record<string, number>> = {}): boolean =>
  evaluateCondition(parseExpression(text), new Map(Object.entries(values)));

test.each([
  ['1 + 2*3', 7],
  ['2^3^2', 512],
  ['-2^2', -4],
  ['1/0', Number.POSITIVE_INFINITY],
  ['0/0', Number.NaN],
  ['-0', -0],
  ['if(1 < 2, 3, 4)', 3],
  ['min(3, 1, 2) + max(3, 1, 2)', 4],
  ['cos(pi)', -1],
  ['log(e)', 1],
  ['floor(-0.5)', -1],
  ['mean(k, 1, 3, 5)', 5],
])('%s is %d', (text, expected) => {
  expect(value(text)).toEqual(expected);
});

const number = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY));
const { pattern } = fc.letrec<{ pattern: string }>((tie) => {
  const x = tie('pattern') as fc.Arbitrary<string>;
  return {
    pattern: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom('a', 'b', 'c'),
      fc.tuple(x, fc.constantFrom('+', '-', '*', '/'), x).map(([p, operator, q]) => `(${p} ${operator} ${q})`),
      fc.tuple(fc.constantFrom('exp', 'log', 'sqrt', 'sin', 'tanh', 'erf', 'floor', '-'), x).map(([f, p]) => `${f}(${p})`),
      fc.tuple(x, x, x).map(([p, q, r]) => `if(${p} < ${q}, max(${q}, ${r}), (${p})^2)`),
    ),
  };
});

test('numbers written into an expression give the bits of numbers given by name', () => {
  fc.assert(
    fc.property(pattern, number, number, number, (text, a, b, c) => {
      const written = (x: number): string =>
        Number.isNaN(x) ? '(0/0)' : Number.isFinite(x) ? `(${Object.is(x, -0) ? '-0' : x})` : `(${x > 0 ? 1 : -1}/0)`;
      const literal = text.replace(/\b[abc]\b/g, (name) => written({ a, b, c }[name] as number));
      expect(value(literal)).toEqual(value(text, { a, b, c }));
    }),
    { numRuns: 1000 },
  );
});

test('conditions are those of comparisons; NaN is equal to nothing', () => {
  expect(holds('x <= epsilon/10', { x: 0.01, epsilon: 0.1 })).toBe(true);
  expect(holds('x <= epsilon/10', { x: 0.02, epsilon: 0.1 })).toBe(false);
  expect(holds('x == x', { x: Number.NaN })).toBe(false);
  expect(holds('x != x', { x: Number.NaN })).toBe(true);
  expect(holds('not (1 > 2) and (0 == -0 or 1 > 2)')).toBe(true);
});

test('an expression evaluated before is evaluated with the new values', () => {
  const expression = parseExpression('a + b');
  expect(
    evaluate(
      expression,
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ),
  ).toBe(3);
  expect(
    evaluate(
      expression,
      new Map([
        ['b', 20],
        ['a', 10],
      ]),
    ),
  ).toBe(30);
  expect(() => evaluate(expression, new Map([['a', 1]]))).toThrow('unknown name "b": known are a');
  expect(
    evaluate(
      expression,
      new Map([
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ]),
    ),
  ).toBe(3);
});

test('what is no number, no condition or no scalar is refused', () => {
  expect(() => value('1 < 2')).toThrow(new ExpressionError('a number must stand here, found a comparison', { start: 0, end: 5 }));
  expect(() => holds('1')).toThrow(new ExpressionError('a comparison must stand here, found a number', { start: 0, end: 1 }));
  expect(() => value('sum(k, 1, 3, k)')).toThrow(ExpressionError);
  expect(() => value('a[1]', { a: 1 })).toThrow('a is a scalar and takes no index');
  expect(() => value('constructor')).toThrow('unknown name "constructor"');
  expect(() => value('i')).toThrow('the index i has a meaning in the equation of a vector only');
});
