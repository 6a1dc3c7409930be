/** Formulas in an experiment (derived axes, guards, constants), with their errors put at the character. */
import { type Document, didYouMean, InputError, listed, type Path, type Place, quoted } from '@ergoflow/input';
import { type Expression, ExpressionError, evaluate, evaluateCondition, formatExpression, namesIn, parseExpression } from '@ergoflow/kernels';

/** A formula of axes and settings. */
export interface Formula {
  readonly text: string;
  readonly expression: Expression;
  /** Names in it other than constants. */
  readonly names: ReadonlySet<string>;
  /** What messages call it, such as `step` or `where`. */
  readonly label: string;
  readonly locate: (offset: number) => Place;
}

/** Gives the place of a character of the text at a path, also in text from the command line where nothing is escaped. */
export function locator(document: Document, path: Path): (offset: number) => Place {
  return (offset) => {
    const place = document.placeIn(path, offset);
    return place.file === 'command line' ? { ...place, column: place.column + offset } : place;
  };
}

/**
 * Parses a formula.
 *
 * @param locate Gives the place of a character of `text`.
 * @throws InputError at the character, for what is no formula or is about vectors.
 */
export function readFormula(text: string, label: string, locate: (offset: number) => Place): Formula {
  const expression = located(label, locate, () => parseExpression(text));
  refuseVectors(expression, label, locate);
  const names = new Set([...namesIn(expression)].filter((name) => name !== 'pi' && name !== 'e'));
  return { text, expression, names, label, locate };
}

/**
 * Refuses names that are not in scope, functions that do not exist, and a number where a condition must stand, or the other way round.
 *
 * @param reasons Names that exist but are no numbers, with the reason.
 */
export function checkFormula(formula: Formula, result: 'number' | 'condition', scope: Iterable<string>, reasons: ReadonlyMap<string, string>): void {
  const known = new Set(scope);
  for (const name of formula.names) {
    if (known.has(name)) continue;
    const place = formula.locate(offsetOf(formula.text, name));
    const reason = reasons.get(name);
    if (reason !== undefined) throw new InputError(`${quoted(name)} in ${formula.label} ${reason}`, place);
    const allowed = known.size === 0 ? 'no names have a value here' : `allowed are ${listed([...known].sort())}`;
    throw new InputError(`unknown name ${quoted(name)} in ${formula.label}: ${allowed}${didYouMean(name, known)}`, place);
  }
  // What remains shows in any computation.
  const ones = new Map([...formula.names].map((name) => [name, 1]));
  if (result === 'number') formulaValue(formula, ones);
  else formulaHolds(formula, ones);
}

/** Computes a formula's number. @throws InputError if it is no number but a comparison. */
export function formulaValue(formula: Formula, values: ReadonlyMap<string, number>): number {
  return located(formula.label, formula.locate, () => evaluate(formula.expression, values));
}

/** Decides a condition. @throws InputError if it is a number. */
export function formulaHolds(formula: Formula, values: ReadonlyMap<string, number>): boolean {
  return located(formula.label, formula.locate, () => evaluateCondition(formula.expression, values));
}

/** Writes a formula in one way, whatever spaces and brackets it was written with. */
export function canonicalFormula(formula: Formula): string {
  return formatExpression(formula.expression);
}

/** Computes a formula without names. */
export function constantValue(text: string, label: string, locate: (offset: number) => Place): number {
  // Plain numbers are most of what is written, and need no parser.
  if (/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) return Number(text) + 0;
  const formula = readFormula(text, label, locate);
  checkFormula(formula, 'number', [], new Map());
  return formulaValue(formula, new Map()) + 0;
}

/** Axes and settings are numbers, so that sums and indices say nothing; some of them would take long to find that out. */
function refuseVectors(expression: Expression, label: string, locate: (offset: number) => Place): void {
  const isVector = expression.kind === 'index' || (expression.kind === 'call' && ['sum', 'mean', 'dot', 'norm'].includes(expression.name));
  if (isVector)
    throw new InputError(`${quoted(expression.name)} in ${label} is of vectors: axes and settings are numbers`, locate(expression.span.start));
  for (const part of partsOf(expression)) refuseVectors(part, label, locate);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'call':
      return expression.arguments;
    default:
      return [];
  }
}

function located<T>(label: string, locate: (offset: number) => Place, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof ExpressionError) {
      const { unknown } = cause;
      const hint = unknown === null ? '' : didYouMean(unknown.name, unknown.candidates);
      throw new InputError(`in ${label}: ${cause.message}${hint}`, locate(cause.span.start), { cause });
    }
    if (cause instanceof TypeError || cause instanceof RangeError)
      throw new InputError(`${label} cannot be computed: ${cause.message}`, locate(0), { cause });
    throw cause;
  }
}

function offsetOf(text: string, name: string): number {
  return Math.max(0, new RegExp(`(?<!\\w)${name}(?!\\w)`).exec(text)?.index ?? 0);
}
