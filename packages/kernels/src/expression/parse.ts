/** Equations as text, read by precedence climbing (Pratt 1973); nothing in them is ever run as code. */
import { type BinaryOperator, type Expression, ExpressionError, type Span } from './ast.ts';

/** Longest text that is read; an equation of a page. */
const LONGEST = 10_000;
/** Deepest nesting of brackets and signs, and tallest tree, which a row of as many operators makes; both far from what exhausts a stack. */
const DEEPEST = 200;
const TALLEST = 1000;

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  readonly span: Span;
}

/** By operator: how tightly it binds on its left and on its right. */
const OPERATORS: Readonly<Record<string, readonly [number, number]>> = {
  or: [1, 2],
  and: [3, 4],
  '<': [7, 8],
  '<=': [7, 8],
  '>': [7, 8],
  '>=': [7, 8],
  '==': [7, 8],
  '!=': [7, 8],
  '+': [9, 10],
  '-': [9, 10],
  '*': [11, 12],
  '/': [11, 12],
  // To the right, and below unary minus on its right side: 2^-1, 2^3^2 = 2^9.
  '^': [16, 13],
};
const NOT_BINDS = 5;
const MINUS_BINDS = 13;
const SYNONYMS: Readonly<Record<string, string>> = { '**': '^', '&&': 'and', '||': 'or', '!': 'not' };
const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!=']);
/** Characters that look like operators, and what to write. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '×': '*',
  '·': '*',
  '÷': '/',
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '²': '^2',
  '³': '^3',
  π: 'pi',
  '√': 'sqrt()',
};

/**
 * Reads an expression.
 *
 * @param text At most 10,000 characters, nested at most 200 deep, its tree at most 1000 high.
 * @throws ExpressionError with the place of the first thing that cannot stand there.
 */
export function parseExpression(text: string): Expression {
  if (text.length > LONGEST)
    throw new ExpressionError(`an expression has at most ${LONGEST} characters, this one has ${text.length}`, { start: LONGEST, end: text.length });
  const tokens = tokenize(text);
  let position = 0;
  let depth = 0;
  const peek = (): Token => tokens[position];
  const take = (): Token => tokens[position++];

  function expression(least: number): Expression {
    if (++depth > DEEPEST) throw new ExpressionError(`an expression is nested at most ${DEEPEST} deep`, peek().span);
    let left = prefix();
    for (;;) {
      const token = peek();
      const binds = token.kind === 'symbol' || token.kind === 'name' ? own(OPERATORS, token.text) : undefined;
      if (binds === undefined || binds[0] < least) break;
      if (COMPARISONS.has(token.text) && left.kind === 'binary' && COMPARISONS.has(left.operator) && !isBracketed(left)) {
        throw new ExpressionError(`comparisons cannot be chained at "${token.text}": write a < b and b < c`, token.span);
      }
      take();
      const right = expression(binds[1]);
      left = { kind: 'binary', operator: token.text as BinaryOperator, left, right, span: { start: left.span.start, end: right.span.end } };
    }
    depth--;
    return left;
  }

  const bracketed = new WeakSet<Expression>();
  const isBracketed = (node: Expression): boolean => bracketed.has(node);

  function prefix(): Expression {
    const token = take();
    if (token.kind === 'number') return notFollowed({ kind: 'number', value: Number(token.text), span: token.span });
    if (token.kind === 'name' && token.text === 'not') return unary('not', token, NOT_BINDS);
    if (token.kind === 'symbol' && (token.text === '-' || token.text === '+')) return unary(token.text, token, MINUS_BINDS);
    if (token.kind === 'symbol' && token.text === '(') {
      const inner = expression(0);
      const close = closing(token, ')');
      const node = { ...inner, span: { start: token.span.start, end: close.span.end } };
      bracketed.add(node);
      return notFollowed(node);
    }
    if (token.kind === 'name' && own(OPERATORS, token.text) === undefined) return notFollowed(named(token));
    const found = token.kind === 'end' ? 'the end' : `"${token.text}"`;
    throw new ExpressionError(`a number, a name or a bracket must stand here, found ${found}`, token.span);
  }

  function unary(operator: '-' | '+' | 'not', token: Token, binds: number): Expression {
    const operand = expression(binds);
    return { kind: 'unary', operator, operand, span: { start: token.span.start, end: operand.span.end } };
  }

  function named(token: Token): Expression {
    const next = peek();
    if (next.kind === 'symbol' && next.text === '(') {
      take();
      const list: Expression[] = [];
      if (peek().text !== ')' || peek().kind !== 'symbol') {
        list.push(expression(0));
        while (peek().kind === 'symbol' && peek().text === ',') {
          take();
          list.push(expression(0));
        }
      }
      const close = closing(next, ')');
      return { kind: 'call', name: token.text, arguments: list, span: { start: token.span.start, end: close.span.end } };
    }
    if (next.kind === 'symbol' && next.text === '[') {
      take();
      const index = expression(0);
      const close = closing(next, ']');
      return { kind: 'index', name: token.text, index, span: { start: token.span.start, end: close.span.end } };
    }
    return { kind: 'name', name: token.text, span: token.span };
  }

  function closing(open: Token, expected: string): Token {
    const token = take();
    if (token.kind === 'symbol' && token.text === expected) return token;
    const found = token.kind === 'end' ? 'the end' : `"${token.text}"`;
    throw new ExpressionError(`"${expected}" must close the "${open.text}" at character ${open.span.start + 1}, found ${found}`, token.span);
  }

  function notFollowed(node: Expression): Expression {
    const next = peek();
    const starts =
      next.kind === 'number' ||
      (next.kind === 'name' && own(OPERATORS, next.text) === undefined && next.text !== 'not') ||
      (next.kind === 'symbol' && next.text === '(');
    if (!starts) return node;
    const before = text.slice(node.span.start, node.span.end);
    throw new ExpressionError(
      `an operator must stand before "${next.text}": write ${before.slice(-20)}*${next.text.slice(0, 20)} for a product`,
      next.span,
    );
  }

  const result = expression(0);
  const rest = peek();
  if (rest.kind !== 'end') {
    const remedy = rest.text === '=' ? ': write == to compare' : '';
    throw new ExpressionError(`an operator or the end must stand here, found "${rest.text}"${remedy}`, rest.span);
  }
  const span = beyondTallest(result);
  if (span !== null)
    throw new ExpressionError(`at most ${TALLEST} operators stand in a row or on one another: put parts of the row in brackets`, span);
  return result;
}

/** The place of a part that stands too high in the tree for those who walk it, or null; without recursion. */
function beyondTallest(root: Expression): Span | null {
  const stack: { readonly node: Expression; readonly level: number }[] = [{ node: root, level: 0 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, level } = top;
    if (level > TALLEST) return node.span;
    const parts =
      node.kind === 'binary'
        ? [node.left, node.right]
        : node.kind === 'unary'
          ? [node.operand]
          : node.kind === 'index'
            ? [node.index]
            : node.kind === 'call'
              ? node.arguments
              : [];
    for (const part of parts) stack.push({ node: part, level: level + 1 });
  }
  return null;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SYMBOL = /\*\*|<=|>=|==|!=|&&|\|\||[-+*/^<>()[\],!=]/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = position;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (position < text.length) {
    if (/\s/.test(text[position])) {
      position++;
      continue;
    }
    const kinds = [
      ['number', NUMBER],
      ['name', NAME],
      ['symbol', SYMBOL],
    ] as const;
    const found = kinds.map(([kind, pattern]) => ({ kind, text: match(pattern) })).find((candidate) => candidate.text !== null);
    if (found === undefined || found.text === null) {
      const character = String.fromCodePoint(text.codePointAt(position) as number);
      const instead = own(LOOKALIKES, character);
      const remedy = instead === undefined ? '' : `: write ${instead}`;
      throw new ExpressionError(`the character "${character}" has no meaning here${remedy}`, { start: position, end: position + character.length });
    }
    const span = { start: position, end: position + found.text.length };
    if (found.kind === 'number' && Number(found.text) === Number.POSITIVE_INFINITY) {
      throw new ExpressionError(`a number must be at most ${Number.MAX_VALUE}, got ${found.text}`, span);
    }
    const canonical = own(SYNONYMS, found.text) ?? found.text;
    tokens.push({ kind: canonical === 'and' || canonical === 'or' || canonical === 'not' ? 'name' : found.kind, text: canonical, span });
    position = span.end;
  }
  tokens.push({ kind: 'end', text: '', span: { start: text.length, end: text.length } });
  return tokens;
}
