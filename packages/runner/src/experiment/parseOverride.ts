/**
 * One command-line override, as text to a tree: the grammar of Hydra 1.3 (OverrideLexer.g4 and OverrideParser.g4; Yadan 2019, hydra.cc).
 *
 * Wider than Hydra in what Hydra rejects: formulas need no quotes (`step=epsilon/20`, `step=min(epsilon/20, 0.01)`, `where=step<=epsilon/10`). Narrower:
 * config groups, packages and interpolations do not exist here, and say so.
 */
import { InputError, isForbiddenKey, type Place, quoted } from '@ergoflow/input';

/** A value on the command line; `column` counts from 1 in its argument. */
export type Element =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean; readonly column: number }
  | { readonly kind: 'constant'; readonly value: number | boolean | null; readonly text: string; readonly column: number }
  | { readonly kind: 'list'; readonly items: readonly Element[]; readonly column: number }
  | { readonly kind: 'mapping'; readonly entries: readonly (readonly [string, Element])[]; readonly column: number }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly named: ReadonlyMap<string, Element>;
      readonly items: readonly Element[];
      readonly column: number;
    };

/** An override. */
export interface Override {
  /** `=` sets what exists, `+` adds what does not, `++` either, `~` removes. */
  readonly operation: '=' | '+' | '++' | '~';
  /** The key as written, such as `model.parameters.a`. */
  readonly key: string;
  readonly keyColumn: number;
  /** One value, or several separated by commas (a sweep); none in `~key`. */
  readonly elements: readonly Element[];
}

/** Functions that stand for values of axes, beside Hydra's own. */
export const AXIS_FUNCTIONS = ['range', 'choice', 'linspace', 'geomspace', 'logspace', 'uniform', 'loguniform'] as const;

/** Functions of Hydra's grammar that are not forms of axes. */
const HYDRA_FUNCTIONS = ['interval', 'glob', 'tag', 'sort', 'shuffle', 'int', 'float', 'str', 'bool', 'json_str', 'extend_list'];

/** A call of any other name belongs to a formula. */
const CALLS: ReadonlySet<string> = new Set([...AXIS_FUNCTIONS, ...HYDRA_FUNCTIONS]);

/** Longer arguments and deeper nesting are accidents; both limits also bound the recursion below. */
const LONGEST = 10_000;
const DEEPEST = 32;

/** Says where in a command-line argument something stands. */
export function commandLinePlace(column: number): Place {
  return { file: 'command line', line: 1, column };
}

/**
 * Parses an override.
 *
 * @throws InputError at the column where the argument leaves the grammar.
 */
export function parseOverride(argument: string): Override {
  if (argument.length > LONGEST)
    throw new InputError(`an override has ${argument.length} characters: at most ${LONGEST} are allowed`, commandLinePlace(1));
  const operation = /^(~|\+\+|\+|)/.exec(argument)?.[0] ?? '';
  const equal = argument.indexOf('=');
  const key = argument.slice(operation.length, equal < 0 ? undefined : equal).trimEnd();
  checkKey(argument, key, operation.length);
  if (equal < 0 && operation !== '~') {
    throw new InputError(`${quoted(argument)} sets nothing: write key=value, or ~key to remove a key`, commandLinePlace(argument.length + 1));
  }
  const elements = equal < 0 ? [] : parseValue(argument, equal + 1);
  return { operation: operation === '' ? '=' : (operation as Override['operation']), key, keyColumn: operation.length + 1, elements };
}

function checkKey(argument: string, key: string, start: number): void {
  const refuse = (message: string, offset = 0): never => {
    throw new InputError(message, commandLinePlace(start + offset + 1));
  };
  if (key === '') refuse(`${quoted(argument)} has no key: write key=value`);
  const at = key.indexOf('@');
  if (at >= 0) refuse('a package (key@package) has no meaning here, as there are no config groups: leave out what follows @', at);
  const slash = key.indexOf('/');
  if (slash >= 0) refuse('a config group (group/option) has no meaning here: write the keys of nested mappings with dots', slash);
  const odd = /[^\w.$-]/.exec(key);
  if (odd !== null) refuse(`${quoted(odd[0])} is not allowed in a key: allowed are names with dots between them`, odd.index);
  const empty = /^\.|\.\.|\.$/.exec(key);
  if (empty !== null) refuse('a name is missing between the dots of a key', empty.index);
  for (const part of key.split('.')) {
    if (isForbiddenKey(part)) refuse(`key ${quoted(part)} is not allowed: it is a name that every object has`, key.indexOf(part));
  }
}

/** Reads the value after the `=` that ends before `start`. */
function parseValue(source: string, start: number): Element[] {
  let at = start;
  const fail = (message: string, offset = at): never => {
    throw new InputError(message, commandLinePlace(offset + 1));
  };
  const skip = (): void => {
    while (source[at] === ' ' || source[at] === '\t') at += 1;
  };
  const foundHere = (): string => (at >= source.length ? 'the end' : quoted(source[at]));

  const element = (depth: number, stop: string): Element => {
    if (depth > DEEPEST) fail(`brackets are nested too deeply: at most ${DEEPEST} levels are allowed`);
    skip();
    const begin = at;
    const opening = source[at];
    if (opening === '"' || opening === "'") return quotedText(opening);
    if (opening === '[') return { kind: 'list', items: sequence(depth, ']', () => element(depth + 1, ',]')), column: begin + 1 };
    if (opening === '{') return { kind: 'mapping', entries: sequence(depth, '}', () => entry(depth)), column: begin + 1 };
    const call = /^([A-Za-z_]\w*)[ \t]*\(/.exec(source.slice(at, at + 80));
    if (call !== null && CALLS.has(call[1])) return callOf(call[1], call[0].length, depth);
    return plainText(stop);
  };

  /** Reads `<open> item, item <close>`, the opening bracket at `at`. */
  const sequence = <T>(depth: number, close: string, item: () => T): T[] => {
    const items: T[] = [];
    const opening = at;
    at += 1;
    skip();
    if (source[at] === close) {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(item());
      skip();
      if (source[at] === close) break;
      if (at >= source.length) fail(`${quoted(source[opening])} is not closed: ${quoted(close)} is missing`, opening);
      if (source[at] !== ',') fail(`found ${foundHere()} where a comma or ${quoted(close)} is needed (depth ${depth + 1})`);
      at += 1;
    }
    at += 1;
    return items;
  };

  const entry = (depth: number): readonly [string, Element] => {
    skip();
    const begin = at;
    while (at < source.length && !':,}[]{}()='.includes(source[at])) at += source[at] === '\\' ? 2 : 1;
    at = Math.min(at, source.length);
    const key = unescaped(source.slice(begin, at).trim());
    if (source[at] !== ':') fail(`found ${foundHere()} where a colon is needed, as in {key: value}`);
    if (key === '') fail('a key is missing before the colon', begin);
    if (isForbiddenKey(key)) fail(`key ${quoted(key)} is not allowed: it is a name that every object has`, begin);
    at += 1;
    return [key, element(depth + 1, ',}')];
  };

  const callOf = (name: string, length: number, depth: number): Element => {
    const column = at + 1;
    at += length - 1;
    const named = new Map<string, Element>();
    const items: Element[] = [];
    sequence(depth, ')', () => {
      skip();
      const begin = at;
      const label = /^([A-Za-z_]\w*)[ \t]*=(?!=)/.exec(source.slice(at, at + 80));
      if (label !== null) at += label[0].length;
      const value = element(depth + 1, ',)');
      if (label === null && named.size > 0) fail('an argument without a name follows one with a name', begin);
      if (label === null) items.push(value);
      else if (named.has(label[1])) fail(`argument ${label[1]} is given twice`, begin);
      else named.set(label[1], value);
    });
    return { kind: 'call', name, named, items, column };
  };

  const quotedText = (quote: string): Element => {
    const begin = at;
    let text = '';
    at += 1;
    for (;;) {
      if (at >= source.length) fail(`a quote (${quote}) is not closed`, begin);
      const slashes = /^\\*/.exec(source.slice(at))?.[0].length ?? 0;
      const next = source[at + slashes];
      if (next !== quote) {
        // Backslashes mean something before a quote only.
        text += source.slice(at, at + slashes) + (next ?? '');
        at += slashes + 1;
        continue;
      }
      text += '\\'.repeat(Math.floor(slashes / 2));
      at += slashes + 1;
      if (slashes % 2 === 0) break;
      text += quote;
    }
    return { kind: 'text', text, quoted: true, column: begin + 2 };
  };

  /** Reads text up to a character of `stop` outside parentheses. */
  const plainText = (stop: string): Element => {
    const begin = at;
    const open: number[] = [];
    while (at < source.length) {
      const c = source[at];
      if (c === '\\' && at + 1 < source.length) {
        at += 2;
        continue;
      }
      if (open.length === 0 && stop.includes(c)) break;
      if (c === '$' && source[at + 1] === '{')
        fail('an interpolation, $ and a name in braces, has no meaning here: write a derived axis, such as step=epsilon/20');
      if (c === '(') open.push(at);
      else if (c === ')' && open.pop() === undefined) fail('a ) has no ( before it: put text with brackets in quotes');
      else if ('[]{}"\''.includes(c) && open.length === 0) fail(`${quoted(c)} is not allowed in text without quotes`);
      else if (c === '=' && !/[<>=!]/.test(source[at - 1]) && source[at + 1] !== '=') fail('a second = is not allowed in text without quotes');
      at += 1;
    }
    if (open.length > 0) fail('a ( is not closed', open.at(-1));
    const raw = source.slice(begin, at).trimEnd();
    if (raw === '') fail(`found ${foundHere()} where a value is needed`);
    return constantOf(raw, begin + 1) ?? { kind: 'text', text: unescaped(raw), quoted: false, column: begin + 1 };
  };

  const elements: Element[] = [];
  skip();
  if (at >= source.length) return [{ kind: 'text', text: '', quoted: false, column: start + 1 }];
  for (;;) {
    elements.push(element(0, ','));
    skip();
    if (at >= source.length) return elements;
    if (source[at] !== ',') fail(`found ${foundHere()} where a comma or the end is needed`);
    at += 1;
  }
}

const DIGITS = '(?:0|[1-9](?:_?\\d)*)';
const POINT = `(?:${DIGITS}\\.|${DIGITS}?\\.\\d(?:_?\\d)*)`;
const NUMBER = new RegExp(`^[+-]?(?:${DIGITS}|${POINT}|(?:${POINT}|${DIGITS})[eE][+-]?\\d(?:_?\\d)*|inf|nan)$`, 'i');
// Hydra's POINT_FLOAT reads `.5` and `1.5` by one rule whose first digits are optional; `(?:0|…)?` above is that rule.

function constantOf(raw: string, column: number): Element | undefined {
  const constant = (value: number | boolean | null): Element => ({ kind: 'constant', value, text: raw, column });
  if (NUMBER.test(raw)) {
    const sign = raw.startsWith('-') ? -1 : 1;
    const word = raw.replace(/^[+-]/, '').toLowerCase();
    return constant(word === 'inf' ? sign * Number.POSITIVE_INFINITY : word === 'nan' ? Number.NaN : Number(raw.replaceAll('_', '')));
  }
  const word = raw.toLowerCase();
  if (word === 'true' || word === 'false') return constant(word === 'true');
  return word === 'null' ? constant(null) : undefined;
}

function unescaped(raw: string): string {
  return raw.replace(/\\([\\()[\]{}:=, \t])/g, '$1');
}
