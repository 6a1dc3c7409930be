/** Scalar expressions as numbers, by the same reproducible arithmetic as in kernels. */
import { reachable } from '../graph.ts';
import { scalarOf } from '../scalar.ts';
import { type Expression, ExpressionError, namesIn } from './ast.ts';
import { lower } from './lower.ts';

interface Compiled {
  readonly names: readonly string[];
  readonly isCondition: boolean;
  readonly run: (...x: number[]) => number;
}

const compiled = new WeakMap<Expression, Compiled>();

/**
 * Evaluates an expression of numbers.
 *
 * @param values By name. Division by zero and the like give IEEE values; the caller checks what it needs.
 * @throws ExpressionError for an unknown name or function, or a comparison where a number must stand.
 */
export function evaluate(expression: Expression, values: ReadonlyMap<string, number>): number {
  const { run, names, isCondition } = compile(expression, values);
  if (isCondition) throw new ExpressionError('a number must stand here, found a comparison', expression.span);
  return run(...names.map((name) => values.get(name) as number));
}

/**
 * Evaluates a condition, such as `step <= epsilon/10`.
 *
 * @throws ExpressionError as {@link evaluate}, and for a number where a comparison must stand.
 */
export function evaluateCondition(expression: Expression, values: ReadonlyMap<string, number>): boolean {
  const { run, names, isCondition } = compile(expression, values);
  if (!isCondition) throw new ExpressionError('a comparison must stand here, found a number', expression.span);
  return run(...names.map((name) => values.get(name) as number)) === 1;
}

function compile(expression: Expression, values: ReadonlyMap<string, number>): Compiled {
  const known = compiled.get(expression);
  if (known?.names.every((name) => values.has(name))) return known;
  const names = [...namesIn(expression)].filter((name) => values.has(name));
  let isCondition = false;
  const run = scalarOf((g, ...nodes) => {
    const lookup = (name: string) => nodes[names.indexOf(name)];
    const node = lower(expression, g, { lookup, sizeOf: () => undefined, known: values.keys() });
    isCondition = node.mask;
    if (reachable([node]).some(({ op }) => op === 'sum' || op === 'gather' || op === 'concatenate')) {
      throw new ExpressionError('sums and vectors have no meaning among numbers', expression.span);
    }
    return node;
  }, names.length);
  const made = { names, isCondition, run };
  compiled.set(expression, made);
  return made;
}
