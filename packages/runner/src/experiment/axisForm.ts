/** Forms of an axis: what is written under its name, as a tree; nothing is computed that could be large. */
import { type Document, formatPath, InputError, nearest, type Path, type Place, quoted, valueAt } from '@ergoflow/input';
import { type AxisValue, isNumeric, valueProblem } from './axisValue.ts';
import type { Distribution } from './designs.ts';
import { checkFormula, constantValue, type Formula, locator, readFormula } from './formula.ts';
import { GRID_NAMES, type Grid, gridProblem } from './grids.ts';
import type { AxisRule } from './known.ts';

/** What is written under an axis' name. */
export type AxisForm =
  | { readonly kind: 'values'; readonly values: readonly AxisValue[]; readonly places: readonly Place[] }
  | { readonly kind: 'grid'; readonly grid: Grid }
  | { readonly kind: 'draws'; readonly distribution: Distribution; readonly count: number }
  | { readonly kind: 'sampled'; readonly distribution: Distribution }
  | { readonly kind: 'derived'; readonly formula: Formula };

/** Functions that may stand alone as the text of an axis. */
const FORMS: readonly string[] = [...GRID_NAMES, 'choice', 'uniform', 'loguniform'];
const DESIGNS = ['sobol', 'lhs', 'random'];

/**
 * Reads the form of an axis. Not checked: that its values differ.
 *
 * @throws InputError for what is no form, and for values that its rule does not allow.
 */
export function readAxisForm(document: Document, path: Path, name: string, rule: AxisRule): AxisForm {
  const value = valueAt(document.value, path);
  if (Array.isArray(value)) return readList(document, path, name, rule, value);
  if (typeof value === 'string') return readText(value, name, rule, locator(document, path));
  if (typeof value === 'number' || typeof value === 'boolean') return single(value, name, rule, document.placeOf(path));
  if (value === null || value === undefined) {
    throw new InputError(`axis ${name} is empty: write a value, a list, or a form such as geomspace(1e-3, 1e-1, 7)`, document.placeOf(path, 'key'));
  }
  throw new InputError(
    `axis ${name} is a mapping: write ${quoted(`${name}.${Object.keys(value)[0] ?? 'key'}`)} for an axis inside ${name}`,
    document.placeOf(path),
  );
}

function readList(document: Document, path: Path, name: string, rule: AxisRule, list: readonly unknown[]): AxisForm {
  if (list.length === 0) throw new InputError(`axis ${name} is an empty list: at least one value is needed`, document.placeOf(path));
  const places = list.map((_, k) => document.placeOf([...path, k]));
  const values = list.map((item, k) => {
    const itemPath = [...path, k];
    const value = typeof item === 'string' && isNumeric(rule) ? constantValue(item, formatPath(itemPath), locator(document, itemPath)) : item;
    return checked(value, name, rule, places[k]);
  });
  return { kind: 'values', values, places };
}

const single = (value: unknown, name: string, rule: AxisRule, place: Place): AxisForm => ({
  kind: 'values',
  values: [checked(value, name, rule, place)],
  places: [place],
});

function checked(value: unknown, name: string, rule: AxisRule, place: Place): AxisValue {
  const problem = valueProblem(rule, value);
  if (problem !== null) throw new InputError(`axis ${name} ${problem}`, place);
  // -0 and 0 are one value.
  return typeof value === 'number' ? value + 0 : (value as AxisValue);
}

function readText(text: string, name: string, rule: AxisRule, locate: (offset: number) => Place): AxisForm {
  const call = callIn(text);
  if (!isNumeric(rule)) return readWords(text, name, rule, call, locate);
  if (call !== null && DESIGNS.includes(call.name)) {
    throw new InputError(
      `${call.name}() is a design of all sampled axes together: write sample: ${text.trim()}, and ${name}: uniform(low, high) or loguniform(low, high)`,
      locate(call.start),
    );
  }
  if (call !== null && FORMS.includes(call.name)) {
    if (!call.whole)
      throw new InputError(`something follows ${call.name}(…): a form stands alone; for arithmetic with it write a derived axis`, locate(call.end));
    return readCall(call, name, rule, locate);
  }
  const guess = call === null ? undefined : nearest(call.name, [...FORMS, ...DESIGNS]);
  if (call !== null && guess !== undefined && isNoFormula(text)) {
    throw new InputError(
      `unknown function ${quoted(call.name)}: allowed are ${FORMS.join(', ')} and those of formulas; did you mean ${guess}?`,
      locate(call.start),
    );
  }
  if (text.trim() === '')
    throw new InputError(`axis ${name} is empty text: write a value, a list, or a form such as geomspace(1e-3, 1e-1, 7)`, locate(0));
  const formula = readFormula(text, name, locate);
  if (formula.names.size > 0) return { kind: 'derived', formula };
  return single(constantValue(text, name, locate), name, rule, locate(0));
}

/** Text and truth values: as they stand, or choice(a, b). */
function readWords(text: string, name: string, rule: AxisRule, call: Call | null, locate: (offset: number) => Place): AxisForm {
  if (call?.name !== 'choice' || !call.whole) return single(word(text, rule), name, rule, locate(0));
  const places = call.parts.map(({ offset }) => locate(offset));
  const values = call.parts.map(({ text: part }, k) => checked(word(part.replace(/^(["'])(.*)\1$/s, '$2'), rule), name, rule, places[k]));
  return { kind: 'values', values, places };
}

function word(text: string, rule: AxisRule): AxisValue {
  return rule.kind === 'truth' && (text === 'true' || text === 'false') ? text === 'true' : text;
}

function readCall(call: Call, name: string, rule: AxisRule, locate: (offset: number) => Place): AxisForm {
  const numbers = call.parts.map(({ text, offset }) => {
    const number = constantValue(text, `${name}, an argument of ${call.name}`, (k) => locate(offset + k));
    if (!Number.isFinite(number)) throw new InputError(`an argument of ${call.name} is ${number}: a number is needed`, locate(offset));
    return number;
  });
  if (call.name === 'choice') {
    const places = call.parts.map(({ offset }) => locate(offset));
    return { kind: 'values', values: numbers.map((number, k) => checked(number, name, rule, places[k])), places };
  }
  if (call.name === 'uniform' || call.name === 'loguniform') return readDistribution(call.name, numbers, locate(call.start));
  const grid: Grid = { name: call.name as Grid['name'], numbers };
  const problem = gridProblem(grid);
  if (problem !== null) throw new InputError(`axis ${name}: ${problem}`, locate(call.start));
  return { kind: 'grid', grid };
}

function readDistribution(name: Distribution['name'], numbers: readonly number[], place: Place): AxisForm {
  const [low, high, count] = numbers;
  if (numbers.length < 2 || numbers.length > 3)
    throw new InputError(`${name} has ${numbers.length} arguments: write ${name}(low, high) with sample: sobol(n), or ${name}(low, high, n)`, place);
  if (low >= high) throw new InputError(`${name} goes from ${low} to ${high}: low must be below high`, place);
  if (name === 'loguniform' && low <= 0) throw new InputError(`loguniform begins at ${low}: low must be above 0`, place);
  if (!Number.isFinite(high - low)) throw new InputError(`${name} goes from ${low} to ${high}: the interval is too long`, place);
  const distribution: Distribution = { name, low, high };
  if (count === undefined) return { kind: 'sampled', distribution };
  if (!Number.isInteger(count) || count < 1)
    throw new InputError(`the number of draws of ${name} is ${count}: a whole number of at least 1 is needed`, place);
  return { kind: 'draws', distribution, count };
}

/** True if text cannot be a formula, be it of whatever names. */
function isNoFormula(text: string): boolean {
  try {
    const formula = readFormula(text, '', () => ({ file: '', line: 0, column: 0 }));
    checkFormula(formula, 'number', formula.names, new Map());
    return false;
  } catch {
    return true;
  }
}

/** A call at the beginning of a text. */
export interface Call {
  readonly name: string;
  /** Offset of the name. */
  readonly start: number;
  /** Offset after the closing bracket. */
  readonly end: number;
  /** True if nothing follows. */
  readonly whole: boolean;
  /** What stands between the commas, without spaces around it, with its offset; empty for `name()`. */
  readonly parts: readonly { readonly text: string; readonly offset: number }[];
}

/** Finds a call such as `geomspace(1e-3, 1e-1, 7)` at the beginning of a text; null if there is none, or its bracket is not closed. */
export function callIn(text: string): Call | null {
  const head = /^\s*([A-Za-z_]\w*)\s*\(/.exec(text);
  if (head === null) return null;
  const parts: { text: string; offset: number }[] = [];
  let depth = 0;
  let from = head[0].length;
  const push = (to: number): void => {
    const part = text.slice(from, to);
    parts.push({ text: part.trim(), offset: from + part.length - part.trimStart().length });
  };
  for (let k = from; k < text.length; k += 1) {
    const c = text[k];
    if (c === '(' || c === '[') depth += 1;
    else if ((c === ')' || c === ']') && depth > 0) depth -= 1;
    else if (c === ',' && depth === 0) {
      push(k);
      from = k + 1;
    } else if (c === ')') {
      push(k);
      const isEmpty = parts.length === 1 && parts[0].text === '';
      const start = text.length - text.trimStart().length;
      return { name: head[1], start, end: k + 1, whole: text.slice(k + 1).trim() === '', parts: isEmpty ? [] : parts };
    }
  }
  return null;
}
