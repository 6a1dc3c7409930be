import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BinaryOperator, type Expression, ExpressionError, formatExpression, namesIn } from './ast.ts';
import { parseExpression } from './parse.ts';

/** The tree as text with every bracket. */
function shape(node: Expression): string {
  switch (node.kind) {
    case 'number':
      return `${node.value}`;
    case 'name':
      return node.name;
    case 'index':
      return `${node.name}[${shape(node.index)}]`;
    case 'unary':
      return `(${node.operator} ${shape(node.operand)})`;
    case 'binary':
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case 'call':
      return `${node.name}(${node.arguments.map(shape).join(', ')})`;
  }
}

describe('operators bind', () => {
  test.each([
    ['a - b - c', '((a - b) - c)'],
    ['a / b / c', '((a / b) / c)'],
    ['a - b + c', '((a - b) + c)'],
    ['a / b * c', '((a / b) * c)'],
    ['a + b * c', '(a + (b * c))'],
    ['a * b + c', '((a * b) + c)'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['a * b ^ c', '(a * (b ^ c))'],
    ['-x^2', '(- (x ^ 2))'],
    ['(-x)^2', '((- x) ^ 2)'],
    ['2^-1', '(2 ^ (- 1))'],
    ['2^-x^3', '(2 ^ (- (x ^ 3)))'],
    ['2^-x*3', '((2 ^ (- x)) * 3)'],
    ['-a*b', '((- a) * b)'],
    ['-a-b', '((- a) - b)'],
    ['a*-b', '(a * (- b))'],
    ['a - -b', '(a - (- b))'],
    ['+-a', '(+ (- a))'],
    ['x**2', '(x ^ 2)'],
    ['a < b and c >= d', '((a < b) and (c >= d))'],
    ['a < b or c > d and e == f', '((a < b) or ((c > d) and (e == f)))'],
    ['not a < b and c != d', '((not (a < b)) and (c != d))'],
    ['not not a < b', '(not (not (a < b)))'],
    ['!(a < b) && c < d || e < f', '(((not (a < b)) and (c < d)) or (e < f))'],
    ['a + b < c * d', '((a + b) < (c * d))'],
    ['if(a < b, c, d)^2', '(if((a < b), c, d) ^ 2)'],
    ['y[i+1]*2', '(y[(i + 1)] * 2)'],
    ['f(a)(', null],
    ['sum(k, 1, n, x[k]^2)', 'sum(k, 1, n, (x[k] ^ 2))'],
    ['1.5e-3 + .5 + 2. + 1E3', '(((0.0015 + 0.5) + 2) + 1000)'],
    [' \t\n a\r\n', 'a'],
    ['pi()', 'pi()'],
  ])('%j as %s', (text, expected) => {
    if (expected === null) expect(() => parseExpression(text)).toThrow(ExpressionError);
    else expect(shape(parseExpression(text))).toBe(expected);
  });
});

/** The error of a text that is no expression: message, and the stretch of the text that it points at. */
function failure(text: string): { readonly message: string; readonly at: string } {
  try {
    parseExpression(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { message: error.message, at: text.slice(error.span.start, error.span.end) };
  }
  throw new Error(`${text} must not be an expression`);
}

describe('errors say what is wrong and point at it', () => {
  test.each([
    ['', 'a number, a name or a bracket must stand here, found the end', ''],
    ['a +', 'a number, a name or a bracket must stand here, found the end', ''],
    ['a + * b', 'a number, a name or a bracket must stand here, found "*"', '*'],
    ['a < b < c', 'comparisons cannot be chained at "<": write a < b and b < c', '<'],
    ['not a < b == c', 'comparisons cannot be chained at "==": write a < b and b < c', '=='],
    ['(a + b', '")" must close the "(" at character 1, found the end', ''],
    ['f(a, b]', '")" must close the "(" at character 2, found "]"', ']'],
    ['x[1)', '"]" must close the "[" at character 2, found ")"', ')'],
    ['a)', 'an operator or the end must stand here, found ")"', ')'],
    ['a, b', 'an operator or the end must stand here, found ","', ','],
    ['a = b', 'an operator or the end must stand here, found "=": write == to compare', '='],
    ['2x', 'an operator must stand before "x": write 2*x for a product', 'x'],
    ['(a)(b)', 'an operator must stand before "(": write (a)*( for a product', '('],
    ['a b', 'an operator must stand before "b": write a*b for a product', 'b'],
    ['x[1][2]', 'an operator or the end must stand here, found "["', '['],
    ['a $ b', 'the character "$" has no meaning here', '$'],
    ['a − b', 'the character "−" has no meaning here: write -', '−'],
    ['x²', 'the character "²" has no meaning here: write ^2', '²'],
    ['a ≤ b', 'the character "≤" has no meaning here: write <=', '≤'],
    ['a + 😀', 'the character "😀" has no meaning here', '😀'],
    ['1e400*x', 'a number must be at most 1.7976931348623157e+308, got 1e400', '1e400'],
    ['and', 'a number, a name or a bracket must stand here, found "and"', 'and'],
    ['a.b', 'the character "." has no meaning here', '.'],
  ])('%j', (text, message, at) => {
    expect(failure(text)).toEqual({ message, at });
  });

  test('that nesting, rows and texts are too long', () => {
    expect(failure(`${'('.repeat(300)}a${')'.repeat(300)}`).message).toBe('an expression is nested at most 200 deep');
    expect(failure(`${'-'.repeat(300)}a`).message).toBe('an expression is nested at most 200 deep');
    expect(failure(`a${'^a'.repeat(300)}`).message).toBe('an expression is nested at most 200 deep');
    expect(failure(`a${'+a'.repeat(1001)}`).message).toBe(
      'at most 1000 operators stand in a row or on one another: put parts of the row in brackets',
    );
    // Within every other limit, but a stack overflow for whoever walks the tree.
    const tower = Array.from({ length: 190 }).reduce<string>((inner) => `(${inner}${'+a'.repeat(20)})`, 'a');
    expect(failure(tower).message).toMatch('at most 1000 operators stand in a row or on one another');
    expect(failure('a'.repeat(10_001)).message).toBe('an expression has at most 10000 characters, this one has 10001');
  });
});

test('spans hold exactly the text of their part, brackets included', () => {
  const text = ' a*(b + c[2*i]) - f(x, -y)';
  const spans: string[] = [];
  const visit = (node: Expression): void => {
    spans.push(text.slice(node.span.start, node.span.end));
    if (node.kind === 'binary') [node.left, node.right].forEach(visit);
    if (node.kind === 'unary') visit(node.operand);
    if (node.kind === 'index') visit(node.index);
    if (node.kind === 'call') node.arguments.forEach(visit);
  };
  visit(parseExpression(text));
  expect(spans).toEqual([
    'a*(b + c[2*i]) - f(x, -y)',
    'a*(b + c[2*i])',
    'a',
    '(b + c[2*i])',
    'b',
    'c[2*i]',
    '2*i',
    '2',
    'i',
    'f(x, -y)',
    'x',
    '-y',
    'y',
  ]);
});

const span = { start: 0, end: 0 };
const name = fc.constantFrom('a', 'b', 'x1', 'epsilon', 'constructor', '__proto__', 'toString', 'e', 'pi', 'nota', 'If', '_');
const operators: readonly BinaryOperator[] = ['+', '-', '*', '/', '^', '<', '<=', '>', '>=', '==', '!=', 'and', 'or'];
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value): Expression => ({ kind: 'number', value: value + 0, span })),
    name.map((word): Expression => ({ kind: 'name', name: word, span })),
    fc.tuple(name, tie('expression')).map(([word, index]): Expression => ({ kind: 'index', name: word, index, span })),
    fc
      .tuple(fc.constantFrom('-' as const, '+' as const, 'not' as const), tie('expression'))
      .map(([operator, operand]): Expression => ({ kind: 'unary', operator, operand, span })),
    fc
      .tuple(fc.constantFrom(...operators), tie('expression'), tie('expression'))
      .map(([operator, left, right]): Expression => ({ kind: 'binary', operator, left, right, span })),
    fc
      .tuple(name, fc.array(tie('expression'), { maxLength: 4 }))
      .map(([word, list]): Expression => ({ kind: 'call', name: word, arguments: list, span })),
  ),
}));

test('an expression written out and read again is the same expression', () => {
  fc.assert(
    fc.property(expression, (tree) => {
      expect(shape(parseExpression(formatExpression(tree)))).toBe(shape(tree));
    }),
    { numRuns: 3000 },
  );
});

test('what is written out is written out the same again', () => {
  fc.assert(
    fc.property(expression, (tree) => {
      const text = formatExpression(tree);
      expect(formatExpression(parseExpression(text))).toBe(text);
    }),
  );
});

/** Texts of all characters, and texts of the pieces that equations are made of. */
const pieces = [
  'a',
  'sum(',
  'k',
  ',',
  ')',
  '(',
  '[',
  ']',
  '+',
  '-',
  '*',
  '/',
  '^',
  '**',
  '<',
  '<=',
  '==',
  '!',
  '!=',
  '&&',
  'and',
  'or',
  'not',
  '1',
  '.5',
  '1e',
  '1e9',
  ' ',
];
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 400 }).map((list) => list.join('')),
  fc.tuple(fc.constantFrom('(', '-', 'f(', 'a[', 'a^', 'not ', 'a-(', '1+'), fc.nat(5000)).map(([piece, times]) => piece.repeat(times)),
);

test('any text is an expression or an ExpressionError that points into it, within a second', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const start = process.hrtime.bigint();
      try {
        parseExpression(text);
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        expect(error.span.start).toBeGreaterThanOrEqual(0);
        expect(error.span.end).toBeLessThanOrEqual(text.length);
        expect(error.span.start).toBeLessThanOrEqual(error.span.end);
      }
      expect(Number(process.hrtime.bigint() - start)).toBeLessThan(1e9);
    }),
    { numRuns: 5000 },
  );
});

describe('the names of an expression', () => {
  test.each([
    ['a*x + sin(b)', ['a', 'x', 'b']],
    ['pi*e*t', ['t']],
    ['sum(k, 1, n, y[k + j]*k)', ['n', 'y', 'j']],
    ['k + sum(k, 1, k, k)', ['k']],
    ['mean(k, 1, 3, sum(m, 1, 3, k*m))', []],
    ['sum(v)', ['v']],
    ['constructor + __proto__', ['constructor', '__proto__']],
  ])('%j are %j', (text, expected) => {
    expect([...namesIn(parseExpression(text))]).toEqual(expected);
  });
});
