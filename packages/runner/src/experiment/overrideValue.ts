/**
 * What an override's value means: plain data, or a sweep; Hydra's functions (grammar_functions.py of Hydra 1.3) are carried out here.
 *
 * The order of a sweep has no meaning here (cells are sorted), so `sort` and `shuffle` of a sweep change nothing; `interval`, `glob` and `tag` are for
 * optimising sweepers and config groups, and are refused with the remedy.
 */
import { InputError, quoted } from '@ergoflow/input';
import { commandLinePlace, type Element } from './parseOverride.ts';

/** Plain data with the columns of its parts. */
export interface Written {
  readonly value: unknown;
  readonly column: number;
  readonly parts: ReadonlyMap<string | number, Written>;
}

/** `value`: to be set; `sweep`: values of an axis (a list, or the text of a form such as `range(0, 3)`); `extend`: to be appended to a list. */
export interface Meaning {
  readonly kind: 'value' | 'sweep' | 'extend';
  readonly written: Written;
}

type Value =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly column: number }
  | { readonly kind: 'list' | 'sweep' | 'extend'; readonly items: readonly Value[]; readonly column: number }
  | { readonly kind: 'mapping'; readonly entries: readonly (readonly [string, Value])[]; readonly column: number }
  | { readonly kind: 'form'; readonly name: string; readonly values: readonly (string | number)[]; readonly column: number };

type Scalar = Extract<Value, { kind: 'scalar' }>;
type Call = Extract<Element, { kind: 'call' }>;

/** Parameters of the forms of axes: Python's for range, numpy's for the others; those after `needed` may be left out. */
const PARAMETERS: Readonly<Record<string, { readonly names: readonly string[]; readonly needed: number }>> = {
  range: { names: ['start', 'stop', 'step'], needed: 1 },
  linspace: { names: ['start', 'stop', 'num'], needed: 3 },
  geomspace: { names: ['start', 'stop', 'num'], needed: 3 },
  logspace: { names: ['start', 'stop', 'num'], needed: 3 },
  uniform: { names: ['low', 'high', 'num'], needed: 2 },
  loguniform: { names: ['low', 'high', 'num'], needed: 2 },
};

/**
 * Says what the value of an override means.
 *
 * @param elements As parsed, at least one.
 * @throws InputError at the column of what has no meaning.
 */
export function meaningOf(elements: readonly Element[]): Meaning {
  const { column } = elements[0];
  const value: Value = elements.length === 1 ? worthOf(elements[0]) : { kind: 'sweep', items: elements.map(worthOf), column };
  switch (value.kind) {
    case 'sweep':
      return { kind: 'sweep', written: writtenList(value.items, column) };
    case 'extend':
      return { kind: 'extend', written: writtenList(value.items, column) };
    case 'form':
      return { kind: 'sweep', written: leaf(formText(value), column) };
    default:
      return { kind: 'value', written: writtenOf(value) };
  }
}

function writtenOf(value: Value): Written {
  switch (value.kind) {
    case 'scalar':
      return leaf(value.value, value.column);
    case 'list':
      return writtenList(value.items, value.column);
    case 'mapping': {
      const parts = new Map(value.entries.map(([key, item]) => [key, writtenOf(item)]));
      return { value: Object.fromEntries([...parts].map(([key, part]) => [key, part.value])), column: value.column, parts };
    }
    // Inside a mapping, such as zip={a:range(0,3)}, a form keeps its text.
    case 'form':
      return leaf(formText(value), value.column);
    default:
      return refuse('a sweep or extend_list() inside another value has no meaning: sweep the whole value', value.column);
  }
}

function writtenList(items: readonly Value[], column: number): Written {
  const parts = items.map(writtenOf);
  return { value: parts.map(({ value }) => value), column, parts: new Map(parts.entries()) };
}

const leaf = (value: unknown, column: number): Written => ({ value, column, parts: new Map() });
const formText = (form: Extract<Value, { kind: 'form' }>): string => `${form.name}(${form.values.join(', ')})`;

function refuse(message: string, column: number): never {
  throw new InputError(message, commandLinePlace(column));
}

function worthOf(element: Element): Value {
  switch (element.kind) {
    case 'text':
      return { kind: 'scalar', value: element.text, column: element.column };
    case 'constant':
      return { kind: 'scalar', value: element.value, column: element.column };
    case 'list':
      return { kind: 'list', items: element.items.map(worthOf), column: element.column };
    case 'mapping':
      return mappingOf(element.entries, element.column);
    default:
      return callValue(element);
  }
}

function mappingOf(entries: readonly (readonly [string, Element])[], column: number): Value {
  const seen = new Set<string>();
  for (const [key, { column: at }] of entries) {
    if (seen.has(key)) refuse(`key ${quoted(key)} is given twice`, at);
    seen.add(key);
  }
  return { kind: 'mapping', entries: entries.map(([key, item]) => [key, worthOf(item)] as const), column };
}

function callValue(call: Call): Value {
  const { name, column } = call;
  switch (name) {
    case 'interval':
      return refuse(
        'interval() is for optimisers, of which there is none here: write linspace(start, stop, n), or uniform(low, high) with sample=sobol(n)',
        column,
      );
    case 'glob':
      return refuse('glob() chooses among config groups, which do not exist here: list the values, as in key=a,b', column);
    case 'tag':
      return refuse('tag() is for optimisers, of which there is none here: write the sweep alone', column);
    case 'choice':
      return choiceOf(call);
    case 'sort':
    case 'shuffle':
      return ordered(call);
    case 'extend_list':
      return { kind: 'extend', items: positional(call), column };
    case 'int':
    case 'float':
    case 'str':
    case 'bool':
    case 'json_str':
      return castOf(call, name);
    default:
      return formOf(call);
  }
}

function choiceOf(call: Call): Value {
  const items = positional(call);
  if (items.length === 0) refuse('choice() has no values: write choice(a, b)', call.column);
  if (items.some(({ kind }) => kind === 'sweep' || kind === 'form')) refuse('choice() cannot contain another sweep', call.column);
  return { kind: 'sweep', items, column: call.column };
}

/** Gives the arguments of a call that takes no names (`allowed` ones apart). */
function positional(call: Call, allowed: readonly string[] = []): Value[] {
  for (const [name, { column }] of call.named) {
    if (!allowed.includes(name)) refuse(`${call.name}() has no argument named ${quoted(name)}`, column);
  }
  return call.items.map(worthOf);
}

/** Carries out sort() and shuffle(): one argument (a sweep, a list, a value), or several, which are a sweep. */
function ordered(call: Call): Value {
  const items = positional(call, call.name === 'sort' ? ['sweep', 'list', 'reverse'] : ['sweep', 'list']);
  const namedValue = call.named.get('sweep') ?? call.named.get('list');
  if (namedValue !== undefined && items.length > 0) refuse(`${call.name}() takes a named or an unnamed argument, not both`, call.column);
  const all = namedValue === undefined ? items : [worthOf(namedValue)];
  if (all.length === 0) refuse(`${call.name}() has no values`, call.column);
  const one: Value = all.length === 1 ? all[0] : { kind: 'sweep', items: all, column: call.column };
  if (one.kind !== 'list') return one;
  if (call.name === 'shuffle') refuse('shuffle() of a list would differ from run to run: write the list in the order it must have', call.column);
  const reverse = call.named.get('reverse');
  const descending = reverse?.kind === 'constant' && reverse.value === true;
  const sorted = [...one.items].sort((a, b) => compareScalars(a, b, call.column));
  return { ...one, items: descending ? sorted.reverse() : sorted };
}

function compareScalars(a: Value, b: Value, column: number): number {
  const [x, y] = [(a as Scalar).value, (b as Scalar).value];
  if (typeof x === 'number' && typeof y === 'number') return x - y;
  if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : Number(x > y);
  return refuse('sort() needs a list of numbers or a list of text', column);
}

type Cast = 'int' | 'float' | 'str' | 'bool' | 'json_str';

function castOf(call: Call, to: Cast): Value {
  const items = positional(call, ['value']);
  const named = call.named.get('value');
  if ((named === undefined ? 0 : 1) + Math.min(items.length, 1) !== 1) refuse(`${call.name}() needs one value`, call.column);
  if (named !== undefined) return cast(worthOf(named), to);
  return cast(items.length === 1 ? items[0] : { kind: 'sweep', items, column: call.column }, to);
}

function cast(value: Value, to: Cast): Value {
  const { column } = value;
  if (to === 'json_str' && (value.kind === 'list' || value.kind === 'mapping')) {
    return { kind: 'scalar', value: JSON.stringify(writtenOf(value).value), column };
  }
  switch (value.kind) {
    case 'scalar':
      return { ...value, value: castScalar(value, to) };
    case 'mapping':
      return { ...value, entries: value.entries.map(([key, item]) => [key, cast(item, to)] as const) };
    case 'form':
      if ((to !== 'int' && to !== 'float') || value.name !== 'range') return refuse(`${value.name}() cannot be cast to ${to}`, column);
      return { ...value, values: value.values.map((one) => castScalar({ kind: 'scalar', value: one, column }, to) as number) };
    default:
      return { ...value, items: value.items.map((item) => cast(item, to)) };
  }
}

/** Hydra's conversion matrix; there is one kind of number here, so str(10.0) is 10. */
function castScalar({ value, column }: Scalar, to: Cast): string | number | boolean {
  const fail = (): never => refuse(`${typeof value === 'string' ? quoted(value) : String(value)} cannot be cast to ${to}`, column);
  if (to === 'json_str') return JSON.stringify(value);
  if (value === null) return fail();
  if (to === 'str') return String(value);
  if (to === 'bool') {
    if (typeof value !== 'string') return Boolean(value);
    const word = value.toLowerCase();
    return word === 'true' || (word === 'false' ? false : fail());
  }
  const text = typeof value === 'string' ? value.trim() : '';
  const isNumber = to === 'int' ? /^[+-]?\d+$/.test(text) : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  if (typeof value === 'string' && !isNumber) return fail();
  const number = Number(value);
  if (to === 'float') return number;
  return Number.isFinite(number) ? Math.trunc(number) + 0 : fail();
}

/** Puts the arguments of range(), geomspace() and so on in order. */
function formOf(call: Call): Value {
  const { names, needed } = PARAMETERS[call.name];
  const usage = `${call.name}(${names.slice(0, needed).join(', ')}${names
    .slice(needed)
    .map((name) => `[, ${name}]`)
    .join('')})`;
  const elements: (Element | undefined)[] = [...call.items];
  for (const [name, element] of call.named) {
    const k = names.indexOf(name);
    if (k < 0) refuse(`${call.name}() has no argument named ${quoted(name)}: write ${usage}`, element.column);
    if (elements[k] !== undefined) refuse(`argument ${name} is given twice`, element.column);
    elements[k] = element;
  }
  // range(stop=3) is Python's range(0, 3).
  if (call.name === 'range' && elements[0] === undefined) elements[0] = { kind: 'constant', value: 0, text: '0', column: call.column };
  const values = Array.from(elements, (element) => numberOrFormula(element, usage, call));
  if (values.length < needed || values.length > names.length) refuse(`${call.name}() has ${values.length} arguments: write ${usage}`, call.column);
  return { kind: 'form', name: call.name, values, column: call.column };
}

function numberOrFormula(element: Element | undefined, usage: string, call: Call): string | number {
  if (element?.kind === 'constant' && typeof element.value === 'number' && Number.isFinite(element.value)) return element.value;
  if (element?.kind === 'text' && element.text !== '') return element.text;
  return refuse(`an argument of ${call.name}() is not a number: write ${usage}`, element?.column ?? call.column);
}
