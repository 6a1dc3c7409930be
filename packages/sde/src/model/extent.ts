/** How many elements an expression works on at once: own components times the lengths of the sums around them. */
import { type Expression, evaluate, type Span } from '@ergoflow/kernels';

/** A pair sum over a thousand particles; its graph is built in about a second. */
export const LARGEST_EXTENT = 1_000_000;

/**
 * Finds the innermost sum that makes an expression larger than {@link LARGEST_EXTENT}; null if none does.
 *
 * @param sizes Sizes of the vectors, undefined for scalars.
 * @param own Components of the equation; 1 for a scalar.
 */
export function tooLarge(
  expression: Expression,
  sizes: ReadonlyMap<string, number | undefined>,
  own: number,
): { readonly extent: number; readonly span: Span } | null {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return null;
    case 'index':
      return tooLarge(expression.index, sizes, own);
    case 'unary':
      return tooLarge(expression.operand, sizes, own);
    case 'binary':
      return tooLarge(expression.left, sizes, own) ?? tooLarge(expression.right, sizes, own);
    case 'call': {
      const isReduction = ['sum', 'mean', 'dot', 'norm'].includes(expression.name);
      const extent = isReduction ? own * length(expression.arguments, sizes) : own;
      if (extent > LARGEST_EXTENT) return { extent, span: expression.span };
      return expression.arguments.reduce<ReturnType<typeof tooLarge>>((found, argument) => found ?? tooLarge(argument, sizes, extent), null);
    }
  }
}

/** Length of a reduction: of its explicit index, or of the longest vector in it. */
function length(list: readonly Expression[], sizes: ReadonlyMap<string, number | undefined>): number {
  if (list.length === 4) {
    try {
      return Math.max(1, evaluate(list[2], new Map()) - evaluate(list[1], new Map()) + 1);
    } catch {
      // Bounds that are no constants are refused where the expression is lowered, with a better message.
      return 1;
    }
  }
  return Math.max(1, ...list.flatMap(bareNames).map((name) => sizes.get(name) ?? 1));
}

/** Names that stand for all their components. */
function bareNames(expression: Expression): string[] {
  switch (expression.kind) {
    case 'number':
    case 'index':
      return [];
    case 'name':
      return [expression.name];
    case 'unary':
      return bareNames(expression.operand);
    case 'binary':
      return [...bareNames(expression.left), ...bareNames(expression.right)];
    case 'call':
      return expression.arguments.flatMap(bareNames);
  }
}
