/**
 * From an expression to nodes.
 *
 * A value knows over which indices it ranges (the equation's own `i`, the indices of the sums around it), and is expanded to more of them only where it
 * meets a value that has them; so nothing is unrolled, and what does not depend on an index is computed once. Indices of vectors are worked out when the
 * graph is built.
 */

import { constantPower, power } from '../functions/power.ts';
import { FUNCTIONS } from '../functions/table.ts';
import type { GraphBuilder, Node } from '../graph.ts';
import { type Expression, ExpressionError, namesIn, type Span, summationIndex } from './ast.ts';

/** What the names of an expression stand for. */
export interface Scope {
  /** The node of a variable or parameter. */
  readonly lookup: (name: string) => Node | undefined;
  /** Number of components of a vector; undefined for a scalar. */
  readonly sizeOf: (name: string) => number | undefined;
  /** All names, for messages. */
  readonly known: Iterable<string>;
  /** Functions of the scope's own, beside those of the language. */
  readonly functions?: ReadonlyMap<string, ScopeFunction>;
}

/** A function that a scope brings: of scalars, elementwise. */
export interface ScopeFunction {
  readonly arity: number;
  readonly build: (g: GraphBuilder, ...nodes: readonly Node[]) => Node;
}

/** An index: how deep it is nested (0 for the equation's own), and its values from `first` on. */
interface Range {
  readonly depth: number;
  readonly name: string;
  readonly first: number;
  readonly size: number;
}

/** A node over a product of ranges, the outermost varying slowest. */
interface Value {
  readonly node: Node;
  readonly over: readonly Range[];
}

/** Largest number of elements of one value: a pair sum over a thousand particles. */
const WIDEST = 1_000_000;

/**
 * Builds an expression's node.
 *
 * @param index If given, the expression is one of a vector's equation of that size, and `i` runs from 1 to it.
 * @returns A node of width 1 or of the index's size.
 * @throws ExpressionError for unknown names and functions, wrong numbers of arguments, sizes that do not fit, truth values for numbers and the reverse.
 */
export function lower(expression: Expression, g: GraphBuilder, scope: Scope, index?: { readonly size: number }): Node {
  const own: Range | null = index === undefined ? null : { depth: 0, name: 'i', first: 1, size: index.size };
  const { node } = new Lowering(g, scope, own).value(expression, own === null ? [] : [own], null);
  return node;
}

class Lowering {
  private readonly g: GraphBuilder;
  private readonly scope: Scope;
  private readonly own: Range | null;

  constructor(g: GraphBuilder, scope: Scope, own: Range | null) {
    this.g = g;
    this.scope = scope;
    this.own = own;
  }

  /** @param implicit The range that bare vectors run over, inside a reduction; null outside. */
  value(expression: Expression, ranges: readonly Range[], implicit: Range | null): Value {
    switch (expression.kind) {
      case 'number':
        return scalar(this.g.constant(expression.value));
      case 'name':
        return this.name(expression.name, expression.span, ranges, implicit);
      case 'index':
        return this.indexed(expression, ranges);
      case 'unary': {
        const operand = this.value(expression.operand, ranges, implicit);
        if (expression.operator === 'not') return this.map(expression.span, [condition(operand, expression.operand.span)], (x) => this.g.not(x));
        const x = number(operand, expression.operand.span);
        return expression.operator === '+' ? x : this.map(expression.span, [x], (node) => this.g.negate(node));
      }
      case 'binary':
        return this.binary(expression, ranges, implicit);
      case 'call':
        return this.call(expression, ranges, implicit);
    }
  }

  private name(name: string, span: Span, ranges: readonly Range[], implicit: Range | null): Value {
    const range = ranges.findLast((candidate) => candidate.name === name);
    if (range !== undefined) return { node: this.g.constant(Array.from({ length: range.size }, (_, k) => range.first + k)), over: [range] };
    if (name === 'i' && this.scope.lookup(name) === undefined)
      throw new ExpressionError('the index i has a meaning in the equation of a vector only', span);
    if (name === 'pi') return scalar(this.g.constant(Math.PI));
    const node = this.scope.lookup(name);
    if (node === undefined && name === 'e') return scalar(this.g.constant(Math.E));
    if (node === undefined) throw this.unknown(name, span);
    const size = this.scope.sizeOf(name);
    if (size === undefined) return scalar(node);
    const over = implicit ?? this.own;
    if (over === null)
      throw new ExpressionError(
        `${name} is a vector of ${size}: write ${name}[1] for a component, or sum(${name}), mean(${name}), norm(${name})`,
        span,
      );
    if (over.size !== size) {
      const remedy = implicit === null ? `: write ${name}[…] for a component` : '';
      throw new ExpressionError(`${name} has ${size} components where ${over.size} are needed${remedy}`, span);
    }
    return { node, over: [over] };
  }

  private indexed({ name, index, span }: Extract<Expression, { kind: 'index' }>, ranges: readonly Range[]): Value {
    const node = this.scope.lookup(name);
    if (node === undefined) throw this.unknown(name, span);
    const size = this.scope.sizeOf(name);
    if (size === undefined) throw new ExpressionError(`${name} is a scalar and takes no index`, span);
    const used = ranges.filter((range, k) => namesIn(index).has(range.name) && ranges.findLastIndex(({ name: other }) => other === range.name) === k);
    checkWidth(used, span);
    const indices = points(used).map((point) => {
      const value = wholeNumber(index, point);
      if (!Number.isInteger(value)) throw new ExpressionError(`the index of ${name} must be a whole number, got ${value}`, index.span);
      if (used.length === 0 && (value < 1 || value > size))
        throw new ExpressionError(`the index of ${name} must be from 1 to ${size}, got ${value}`, index.span);
      return (((value - 1) % size) + size) % size;
    });
    return { node: this.g.gather(node, indices), over: used };
  }

  private binary(expression: Extract<Expression, { kind: 'binary' }>, ranges: readonly Range[], implicit: Range | null): Value {
    const { g } = this;
    const { operator, left, right } = expression;
    const [a, b] = [this.value(left, ranges, implicit), this.value(right, ranges, implicit)];
    if (operator === 'and' || operator === 'or') {
      return this.map(expression.span, [condition(a, left.span), condition(b, right.span)], (x, y) =>
        operator === 'and' ? g.and(x, y) : g.or(x, y),
      );
    }
    const both = [number(a, left.span), number(b, right.span)];
    if (operator === '^')
      return b.node.op === 'constant' && b.node.width === 1
        ? this.map(expression.span, [a], (x) => constantPower(g, x, b.node.numbers[0]))
        : this.map(expression.span, both, (x, y) => g.call?.('power', [x, y]) ?? power(g, x, y));
    const build: Record<typeof operator, (x: Node, y: Node) => Node> = {
      '+': g.add,
      '-': g.subtract,
      '*': g.multiply,
      '/': g.divide,
      '<': g.less,
      '<=': g.lessEqual,
      '>': (x, y) => g.less(y, x),
      '>=': (x, y) => g.lessEqual(y, x),
      '==': g.equal,
      '!=': (x, y) => g.not(g.equal(x, y)),
    };
    return this.map(expression.span, both, build[operator]);
  }

  private call(call: Extract<Expression, { kind: 'call' }>, ranges: readonly Range[], implicit: Range | null): Value {
    const { g } = this;
    const { name, arguments: list, span } = call;
    if (name === 'if') {
      expectCount(call, 3);
      const [c, a, b] = list.map((argument) => this.value(argument, ranges, implicit));
      if (a.node.mask !== b.node.mask) throw new ExpressionError('both branches of if must be numbers, or both truth values', span);
      return this.map(span, [condition(c, list[0].span), a, b], (x, y, z) => g.select(x, y, z));
    }
    if (name === 'sum' || name === 'mean') {
      if (list.length === 4) return this.explicitSum(call, ranges, implicit);
      expectCount(call, 1, ' (a vector), or 4 (index, first, last, term)');
      return this.reduce(call, list, ranges, ([x]) => x, name === 'mean');
    }
    if (name === 'dot') {
      expectCount(call, 2);
      return this.reduce(call, list, ranges, ([x, y]) => this.map(span, [x, y], g.multiply), false);
    }
    if (name === 'norm') {
      expectCount(call, 1);
      return this.map(span, [this.reduce(call, list, ranges, ([x]) => this.map(span, [x, x], g.multiply), false)], g.squareRoot);
    }
    const own = this.scope.functions?.get(name);
    const row = own ?? (Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined);
    if (row === undefined) {
      const candidates = [...(this.scope.functions?.keys() ?? []), ...Object.keys(FUNCTIONS), 'if', 'sum', 'mean', 'dot', 'norm'];
      const remedy = this.scope.lookup(name) === undefined ? '' : `: ${name} is no function; write ${name}*(…) for a product`;
      throw new ExpressionError(`unknown function "${name}"${remedy || `: functions are ${candidates.join(', ')}`}`, span, { name, candidates });
    }
    const [least, most] = typeof row.arity === 'number' ? [row.arity, row.arity] : row.arity;
    if (list.length < least || list.length > most) {
      throw new ExpressionError(
        `${name} takes ${least === most ? least : `at least ${least}`} argument${most === 1 ? '' : 's'}, got ${list.length}`,
        span,
      );
    }
    return this.map(
      span,
      list.map((argument) => number(this.value(argument, ranges, implicit), argument.span)),
      (...nodes) => (own === undefined ? g.call?.(name, nodes) : undefined) ?? row.build(g, ...nodes),
    );
  }

  /** sum(v), mean(v), dot(u, v): bare vectors inside run over an index of their own. */
  private reduce(
    call: Extract<Expression, { kind: 'call' }>,
    list: readonly Expression[],
    ranges: readonly Range[],
    term: (values: readonly Value[]) => Value,
    isMean: boolean,
  ): Value {
    const size = list.map((argument) => this.bareSize(argument)).find((found) => found !== undefined);
    if (size === undefined)
      throw new ExpressionError(`${call.name} needs a vector; for a sum over an index write ${call.name}(k, 1, n, …)`, call.span);
    const range: Range = { depth: ranges.length + 1, name: '', first: 1, size };
    const values = list.map((argument) => number(this.value(argument, [...ranges, range], range), argument.span));
    return this.total(call.span, term(values), range, isMean);
  }

  private explicitSum(call: Extract<Expression, { kind: 'call' }>, ranges: readonly Range[], implicit: Range | null): Value {
    const [first, from, to, body] = call.arguments;
    const name = summationIndex(call);
    if (name === null) throw new ExpressionError(`the first argument of ${call.name}(k, 1, n, …) must be the name of its index`, first.span);
    const [low, high] = [wholeNumber(from, new Map()), wholeNumber(to, new Map())];
    if (!Number.isInteger(low) || !Number.isInteger(high) || high < low) {
      throw new ExpressionError(`${call.name} must run from a whole number up to a larger or equal one, got ${low} to ${high}`, {
        start: from.span.start,
        end: to.span.end,
      });
    }
    const range: Range = { depth: ranges.length + 1, name, first: low, size: high - low + 1 };
    checkWidth([range], call.span);
    const value = number(this.value(body, [...ranges, range], implicit), body.span);
    return this.total(call.span, value, range, call.name === 'mean');
  }

  /** Sums a value over the innermost of its ranges. */
  private total(span: Span, value: Value, range: Range, isMean: boolean): Value {
    const { g } = this;
    const size = g.constant(range.size);
    if (!value.over.includes(range)) return isMean ? value : this.map(span, [value], (x) => g.multiply(x, size));
    const over = value.over.filter((other) => other !== range);
    const sum = { node: g.sum(value.node, widthOf(over)), over };
    return isMean ? this.map(span, [sum], (x) => g.divide(x, size)) : sum;
  }

  /** Size of the first bare vector in an expression, reductions inside it apart. */
  private bareSize(expression: Expression): number | undefined {
    switch (expression.kind) {
      case 'name':
        return this.scope.sizeOf(expression.name);
      case 'unary':
        return this.bareSize(expression.operand);
      case 'binary':
        return this.bareSize(expression.left) ?? this.bareSize(expression.right);
      case 'call':
        if (['sum', 'mean', 'dot', 'norm'].includes(expression.name)) return undefined;
        return expression.arguments.map((argument) => this.bareSize(argument)).find((size) => size !== undefined);
      default:
        return undefined;
    }
  }

  /** Applies an elementwise node to values brought to the same ranges. */
  private map(span: Span, values: readonly Value[], build: (...nodes: Node[]) => Node): Value {
    const over = [...new Set(values.flatMap((value) => value.over))].sort((a, b) => a.depth - b.depth);
    checkWidth(over, span);
    const node = build(...values.map((value) => this.expand(value, over)));
    // What does not depend on its inputs, such as v^0, ranges over nothing.
    return { node, over: node.width === 1 ? [] : over };
  }

  private expand(value: Value, over: readonly Range[]): Node {
    if (value.over.length === 0 || value.over.length === over.length) return value.node;
    const strides = new Map<Range, number>();
    let stride = 1;
    for (const range of [...value.over].reverse()) {
      strides.set(range, stride);
      stride *= range.size;
    }
    let indices = [0];
    for (const range of over) indices = indices.flatMap((base) => Array.from({ length: range.size }, (_, k) => base + k * (strides.get(range) ?? 0)));
    return this.g.gather(value.node, indices);
  }

  private unknown(name: string, span: Span): ExpressionError {
    const candidates = [...this.scope.known];
    return new ExpressionError(`unknown name "${name}": known are ${candidates.join(', ')}`, span, { name, candidates });
  }
}

function checkWidth(over: readonly Range[], span: Span): void {
  if (widthOf(over) > WIDEST) throw new ExpressionError(`an expression has at most ${WIDEST} elements, this one has ${widthOf(over)}`, span);
}

const scalar = (node: Node): Value => ({ node, over: [] });
const widthOf = (over: readonly Range[]): number => over.reduce((product, { size }) => product * size, 1);

function number(value: Value, span: Span): Value {
  if (value.node.mask) throw new ExpressionError('a number must stand here, found a comparison: write if(…, 1, 0)', span);
  return value;
}

function condition(value: Value, span: Span): Value {
  if (!value.node.mask) throw new ExpressionError('a comparison must stand here, found a number: write … > 0', span);
  return value;
}

function expectCount(call: Extract<Expression, { kind: 'call' }>, count: number, more = ''): void {
  if (call.arguments.length !== count) {
    throw new ExpressionError(`${call.name} takes ${count} argument${count === 1 ? '' : 's'}${more}, got ${call.arguments.length}`, call.span);
  }
}

/** All combinations of indices, the outermost slowest. */
function points(ranges: readonly Range[]): ReadonlyMap<string, number>[] {
  let found: Map<string, number>[] = [new Map()];
  for (const { name, first, size } of ranges)
    found = found.flatMap((point) => Array.from({ length: size }, (_, k) => new Map([...point, [name, first + k]])));
  return found;
}

/** Indices are arithmetic of whole numbers, worked out when the graph is built. */
function wholeNumber(expression: Expression, point: ReadonlyMap<string, number>): number {
  const value = (node: Expression): number => {
    if (node.kind === 'number') return node.value;
    if (node.kind === 'name' && point.has(node.name)) return point.get(node.name) as number;
    if (node.kind === 'unary' && node.operator !== 'not') return node.operator === '-' ? -value(node.operand) : value(node.operand);
    if (node.kind === 'binary' && Object.hasOwn(INTEGER, node.operator)) return INTEGER[node.operator](value(node.left), value(node.right));
    if (node.kind === 'call' && node.name === 'floor' && node.arguments.length === 1) return Math.floor(value(node.arguments[0]));
    throw new ExpressionError('an index is made of whole numbers, indices, + - * / and floor', node.span);
  };
  return value(expression);
}

const INTEGER: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
