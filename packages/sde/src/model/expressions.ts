/**
 * Expressions of a model file: parsed, checked against what they may name and against the sizes of vectors, every error at its character.
 *
 * The check lowers the expression on a scratch graph: what passes here cannot fail there later.
 */
import { type Document, didYouMean, formatPath, InputError, type Path, valueAt } from '@ergoflow/input';
import { type Expression, ExpressionError, evaluate, type GraphBuilder, graphBuilder, lower, type Node, parseExpression } from '@ergoflow/kernels';
import { LARGEST_EXTENT, tooLarge } from './extent.ts';
import type { Model } from './model.ts';

/** A sum of a thousand terms is a tree a thousand deep; what walks it does so by recursion, with a few frames a level on a stack of some 10 000. */
const MOST_LEVELS = 1000;

/** What an expression may name. */
export interface Context {
  /** Sizes of the vectors, and undefined for scalars, by name. */
  readonly names: ReadonlyMap<string, number | undefined>;
  /** Functions of the model's own. */
  readonly functions?: Model['tables'];
  /** Names that exist but not here, and why. */
  readonly elsewhere?: ReadonlyMap<string, string>;
}

/** Reads the number or text at a path as an expression. */
export function readExpression(document: Document, path: Path): Expression {
  const expression = located(document, path, () => parseExpression(textAt(document, path)));
  const levels = levelsOf(expression);
  if (levels > MOST_LEVELS) {
    const message = `${formatPath(path)} is a tree of ${levels} levels: at most ${MOST_LEVELS} operations may follow each other`;
    throw new InputError(message, document.placeOf(path));
  }
  return expression;
}

/**
 * Checks names, indices and sizes of an expression.
 *
 * @param size Components of the vector whose equation it is; undefined where it must be a scalar and `i` has no meaning.
 * @throws InputError at the offending character.
 */
export function checkExpression(document: Document, path: Path, expression: Expression, context: Context, size: number | undefined): void {
  const large = tooLarge(expression, context.names, size ?? 1);
  if (large !== null) {
    const message = `in ${formatPath(path)}: a sum of ${large.extent} elements in all: at most ${LARGEST_EXTENT} are allowed`;
    throw new InputError(message, document.placeIn(path, large.span.start));
  }
  located(
    document,
    path,
    () => {
      const g = graphBuilder();
      const scope = {
        lookup: (name: string) => nodeOf(g, context, name),
        sizeOf: (name: string) => context.names.get(name),
        known: context.names.keys(),
        ...(context.functions === undefined ? {} : { functions: context.functions }),
      };
      const node = lower(expression, g, scope, size === undefined ? undefined : { size });
      if (node.mask) {
        throw new InputError(`${formatPath(path)} is a comparison: a number is needed, such as if(x > 0, 1, -1)`, document.placeOf(path));
      }
      if (node.width !== 1 && node.width !== size) {
        const needed = size === undefined ? 'one number is needed, such as sum(x) or x[1]' : `1 or ${size} are needed`;
        throw new InputError(`${formatPath(path)} has ${node.width} components: ${needed}`, document.placeOf(path));
      }
    },
    context,
  );
}

/**
 * Checks that an expression of numbers is finite, at the first and the last component.
 *
 * @throws InputError if it is not.
 */
export function checkFinite(
  document: Document,
  path: Path,
  expression: Expression,
  values: ReadonlyMap<string, number>,
  size: number | undefined,
): void {
  for (const i of size === undefined ? [undefined] : [1, size]) {
    const value = located(document, path, () => evaluate(i === undefined ? expression : withIndex(expression, i), values));
    if (Number.isFinite(value)) continue;
    const at = i === undefined ? '' : ` at i = ${i}`;
    throw new InputError(`${formatPath(path)} is ${value}${at}: a finite number is needed`, document.placeOf(path));
  }
}

/** Puts a number for the own index. */
function withIndex(expression: Expression, i: number): Expression {
  const { span } = expression;
  const inner = (part: Expression): Expression => withIndex(part, i);
  switch (expression.kind) {
    case 'number':
      return expression;
    case 'name':
      return expression.name === 'i' ? { kind: 'number', value: i, span } : expression;
    case 'index':
      return { ...expression, index: inner(expression.index) };
    case 'unary':
      return { ...expression, operand: inner(expression.operand) };
    case 'binary':
      return { ...expression, left: inner(expression.left), right: inner(expression.right) };
    case 'call':
      return { ...expression, arguments: expression.arguments.map(inner) };
  }
}

/** True for what is literally 0: no noise, and no process. */
export function isZero(document: Document, path: Path): boolean {
  return /^\s*[-+]?(0+\.?0*|\.0+)\s*$/.test(textAt(document, path));
}

/** Depth of the tree; without recursion, as its end may be deep. */
function levelsOf(expression: Expression): number {
  let levels = 0;
  let layer: readonly Expression[] = [expression];
  while (layer.length > 0) {
    levels += 1;
    layer = layer.flatMap(partsOf);
  }
  return levels;
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return [];
    case 'index':
      return [expression.index];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.arguments;
  }
}

function textAt(document: Document, path: Path): string {
  const value = valueAt(document.value, path);
  return typeof value === 'number' ? String(value) : (value as string);
}

function nodeOf(g: GraphBuilder, { names }: Context, name: string): Node | undefined {
  if (!names.has(name)) return undefined;
  return g.state(name, names.get(name) ?? 1);
}

/**
 * Runs something and puts its ExpressionError into the document.
 *
 * @throws InputError at the error's character.
 */
export function located<T>(document: Document, path: Path, act: () => T, context?: Context): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof ExpressionError) {
      const { unknown } = cause;
      const reason = unknown === null ? undefined : context?.elsewhere?.get(unknown.name);
      const hint = unknown === null ? '' : didYouMean(unknown.name, unknown.candidates);
      const message = reason === undefined ? `${cause.message}${hint}` : `${unknown?.name} has no value here: ${reason}`;
      throw new InputError(`in ${formatPath(path)}: ${message}`, document.placeIn(path, cause.span.start), { cause });
    }
    // Left over from the graph: shapes that no rule of the language names.
    if (cause instanceof TypeError || cause instanceof RangeError) {
      throw new InputError(`${formatPath(path)} cannot be computed: ${cause.message}`, document.placeOf(path), { cause });
    }
    throw cause;
  }
}
