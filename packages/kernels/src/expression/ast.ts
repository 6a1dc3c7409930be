/** The syntax tree of an equation, and what can be asked of it without values. */

/** A stretch of the text: offsets from 0, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Binary operators. */
export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | '<' | '<=' | '>' | '>=' | '==' | '!=' | 'and' | 'or';

/** An expression, as parsed. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | { readonly kind: 'index'; readonly name: string; readonly index: Expression; readonly span: Span }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression; readonly span: Span }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression; readonly span: Span }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly span: Span };

/** Names that the language gives a meaning of its own. */
export const RESERVED: ReadonlySet<string> = new Set(['i', 'pi', 'e', 'if', 'and', 'or', 'not', 'sum', 'mean', 'dot', 'norm']);

/** A text that is no expression, or one that has no meaning where it stands. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly span: Span;
  /** The name that was not known, with the names that would be; for messages that suggest the nearest. */
  readonly unknown: { readonly name: string; readonly candidates: readonly string[] } | null;

  constructor(message: string, span: Span, unknown: ExpressionError['unknown'] = null) {
    super(message);
    this.span = span;
    this.unknown = unknown;
  }
}

/** The names that an expression refers to: variables, parameters, `t`, `i`; not functions, not its own summation indices, not pi and e. */
export function namesIn(expression: Expression): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (node: Expression, bound: readonly string[]): void => {
    switch (node.kind) {
      case 'number':
        return;
      case 'name':
        if (!bound.includes(node.name) && node.name !== 'pi' && node.name !== 'e') found.add(node.name);
        return;
      case 'index':
        found.add(node.name);
        visit(node.index, bound);
        return;
      case 'unary':
        visit(node.operand, bound);
        return;
      case 'binary':
        visit(node.left, bound);
        visit(node.right, bound);
        return;
      case 'call': {
        const index = summationIndex(node);
        const inner = index === null ? bound : [...bound, index];
        for (const [k, argument] of node.arguments.entries()) if (index === null || k > 0) visit(argument, k === 3 ? inner : bound);
      }
    }
  };
  visit(expression, []);
  return found;
}

/** The index of `sum(k, 1, n, body)` and `mean(k, 1, n, body)`, or null for any other call. */
export function summationIndex(call: Extract<Expression, { kind: 'call' }>): string | null {
  if ((call.name !== 'sum' && call.name !== 'mean') || call.arguments.length !== 4) return null;
  const [index] = call.arguments;
  return index.kind === 'name' ? index.name : null;
}

const BINDING: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '==': 4,
  '!=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '^': 8,
};

/** Writes an expression so that parsing it gives the same tree. */
export function formatExpression(expression: Expression): string {
  const write = (node: Expression, least: number): string => {
    const [text, binding] = plain(node);
    return binding < least ? `(${text})` : text;
  };
  const plain = (node: Expression): readonly [string, number] => {
    switch (node.kind) {
      case 'number':
        return [`${node.value}`, 10];
      case 'name':
        return [node.name, 10];
      case 'index':
        return [`${node.name}[${write(node.index, 0)}]`, 10];
      case 'call':
        return [`${node.name}(${node.arguments.map((argument) => write(argument, 0)).join(', ')})`, 10];
      case 'unary':
        return node.operator === 'not' ? [`not ${write(node.operand, 3)}`, 3] : [`${node.operator}${write(node.operand, 7)}`, 7];
      case 'binary': {
        const own = BINDING[node.operator];
        if (node.operator === '^') return [`${write(node.left, 9)}^${write(node.right, 7)}`, 8];
        const comparison = own === 4;
        const separator = node.operator === '*' || node.operator === '/' ? node.operator : ` ${node.operator} `;
        return [`${write(node.left, comparison ? 5 : own)}${separator}${write(node.right, own + 1)}`, own];
      }
    }
  };
  return write(expression, 0);
}
