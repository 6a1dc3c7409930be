/** A person's input as plain data, with the place of every part; copies of it with one part changed. */
import { describe, quoted } from './describe.ts';
import { InputError } from './inputError.ts';
import { isForbiddenKey } from './keys.ts';
import { formatPath, type Path, type Place } from './place.ts';

/** The places of a value and its parts; the same shape as the value. */
export interface PlaceNode {
  /** Where the key stands; null for items of lists and for the root. */
  readonly key: Place | null;
  readonly value: Place;
  /** Place of a character of the text, by offset; null where nothing better than `value` is known. */
  readonly within: ((offset: number) => Place) | null;
  /** Parts, by key or index. */
  readonly children: ReadonlyMap<string | number, PlaceNode>;
}

/** What a person wrote. */
export interface Document {
  readonly file: string;
  /** Plain data: null, booleans, numbers (NaN and infinities included), strings, arrays, objects without a prototype. Not to be written to. */
  readonly value: unknown;
  readonly places: PlaceNode;
  /** Place of a part (default: of its value), or of its nearest known ancestor's key. */
  placeOf(path: Path, part?: 'key' | 'value'): Place;
  /** Place of the character at an offset (from 0) of the text at a path; the beginning of the text where escapes hide it. */
  placeIn(path: Path, offset: number): Place;
}

/** Limits that keep every document readable in a moment. */
export const LIMITS = {
  /** A model or an experiment has some kB. */
  bytes: 1_000_000,
  /** Ten times deeper than any document of ours, and far below what exhausts a stack. */
  depth: 64,
  /** Expansions of aliases; more are the mark of a "billion laughs" bomb. */
  aliases: 100,
  /** Words, brackets, commas and spaces between them; ten times what any document of ours has, and read in half a second at worst. */
  pieces: 50_000,
  /** Values in all, aliases expanded. */
  values: 200_000,
} as const;

/** Joins data and places to a document; the caller answers for their having the same shape. */
export function makeDocument(file: string, value: unknown, places: PlaceNode): Document {
  return {
    file,
    value,
    places,
    placeOf: (path, part = 'value') => placeOf(places, path, part),
    placeIn: (path, offset) => placeIn(places, path, offset),
  };
}

/**
 * Makes a document of a plain value given by a program; properties that are undefined are left out.
 *
 * @param file What messages call it; default `(object)`.
 * @throws InputError for what a YAML file could not hold: functions, class instances, cycles (depth above 64), forbidden keys.
 */
export function documentOf(value: unknown, file = '(object)'): Document {
  const { copy, places } = adopt(value, { file, line: 0, column: 0 });
  return makeDocument(file, copy, places);
}

/**
 * Copies a document with one value replaced or added; missing mappings on the way are made.
 *
 * @param value Plain data as for {@link documentOf}.
 * @param place Where the new value was written.
 * @throws InputError if the path leads through something that is neither mapping nor list, or past the end of a list.
 */
export function withValue(document: Document, path: Path, value: unknown, place: Place): Document {
  const next = replaced(document.value, document.places, path, 0, place, () => adopt(value, place));
  return makeDocument(document.file, next.copy, next.places);
}

/**
 * Copies a document with one value left out.
 *
 * @param place Where its removal was asked for.
 * @throws InputError if there is nothing at the path, or the path is empty.
 */
export function withoutValue(document: Document, path: Path, place: Place): Document {
  const last = path.at(-1);
  const parentPath = path.slice(0, -1);
  const parent = valueAt(document.value, parentPath);
  if (last === undefined || !hasPart(parent, last)) throw new InputError(`nothing to remove at ${formatPath(path)}`, place);
  const node = nodeAt(document.places, parentPath) as PlaceNode;
  if (Array.isArray(parent)) {
    const kept = (_: unknown, k: number): boolean => k !== last;
    const children = parent.map((_, k) => node.children.get(k) as PlaceNode).filter(kept);
    const next: Adopted = { copy: parent.filter(kept), places: { ...node, children: new Map(children.entries()) } };
    const whole = replaced(document.value, document.places, parentPath, 0, place, () => next);
    return makeDocument(document.file, whole.copy, whole.places);
  }
  const next: Adopted = {
    copy: fromEntries(Object.entries(parent as object).filter(([key]) => key !== last)),
    places: { ...node, children: new Map([...node.children].filter(([key]) => key !== last)) },
  };
  const whole = replaced(document.value, document.places, parentPath, 0, place, () => next);
  return makeDocument(document.file, whole.copy, whole.places);
}

/** Gives the value at a path, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (!hasPart(at, part)) return undefined;
    at = (at as Record<string | number, unknown>)[part];
  }
  return at;
}

/** Makes an object without a prototype, so that no name is there unless it was written. */
export function fromEntries(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const made: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) made[key] = value;
  return made;
}

interface Adopted {
  readonly copy: unknown;
  readonly places: PlaceNode;
}

function hasPart(value: unknown, part: string | number): boolean {
  if (Array.isArray(value)) return typeof part === 'number' && part in value;
  return typeof value === 'object' && value !== null && typeof part === 'string' && Object.hasOwn(value, part);
}

/** Copies plain data, every part of it standing at one place. */
function adopt(value: unknown, place: Place): Adopted {
  let values = 0;
  const adoptAt = (part: unknown, path: Path): Adopted => {
    const refuse = (found: string, allowed: string): never => {
      throw new InputError(`${formatPath(path)} is ${found}: ${allowed}`, place);
    };
    values += 1;
    if (values > LIMITS.values) refuse('too large', `at most ${LIMITS.values} values are allowed`);
    if (path.length > LIMITS.depth) refuse('nested too deeply, or contains itself', `at most ${LIMITS.depth} levels are allowed`);
    const leaf = { key: null, value: place, within: null, children: new Map<string | number, PlaceNode>() };
    if (part === null || typeof part === 'boolean' || typeof part === 'number' || typeof part === 'string') return { copy: part, places: leaf };
    if (Array.isArray(part)) {
      const items = Array.from(part, (item, k) => adoptAt(item, [...path, k]));
      return { copy: items.map(({ copy }) => copy), places: { ...leaf, children: new Map(items.map(({ places }, k) => [k, places])) } };
    }
    if (typeof part !== 'object') return refuse(describe(part), 'allowed are null, true, false, numbers, text, lists and mappings');
    const prototype: unknown = Object.getPrototypeOf(part);
    if (prototype !== Object.prototype && prototype !== null) refuse('an instance of a class', 'allowed are plain objects');
    const entries = Object.entries(part).filter(([, item]) => item !== undefined);
    const items = entries.map(([key, item]): [string, Adopted] => {
      if (isForbiddenKey(key))
        throw new InputError(`key ${quoted(key)} in ${formatPath(path)} is not allowed: it is a name that every object has`, place);
      return [key, adoptAt(item, [...path, key])];
    });
    const children = new Map(items.map(([key, { places }]) => [key, { ...places, key: place }]));
    return { copy: fromEntries(items.map(([key, { copy }]) => [key, copy])), places: { ...leaf, children } };
  };
  return adoptAt(value, []);
}

/** Copies what lies on the way to the part at `path`, which is made by `make`. */
function replaced(value: unknown, node: PlaceNode | undefined, path: Path, depth: number, place: Place, make: () => Adopted): Adopted {
  const key = node?.key ?? null;
  if (depth === path.length) {
    const { copy, places } = make();
    return { copy, places: { ...places, key: places.key ?? key } };
  }
  if (depth >= LIMITS.depth) throw new InputError(`${formatPath(path)} is nested too deeply: at most ${LIMITS.depth} levels are allowed`, place);
  const part = path[depth];
  const whole = node ?? { key: null, value: place, within: null, children: new Map<string | number, PlaceNode>() };
  const child = hasPart(value, part) ? (value as Record<string | number, unknown>)[part] : undefined;
  const below = (): Adopted => replaced(child, whole.children.get(part), path, depth + 1, place, make);
  if (Array.isArray(value)) {
    if (typeof part !== 'number' || !Number.isInteger(part) || part < 0 || part > value.length) {
      throw new InputError(`${formatPath(path.slice(0, depth))} is a list of ${value.length}, and has no place for ${quoted(String(part))}`, place);
    }
    const { copy, places } = below();
    return { copy: Object.assign([...value], { [part]: copy }), places: { ...whole, children: new Map([...whole.children, [part, places]]) } };
  }
  if ((value !== undefined && value !== null && typeof value !== 'object') || typeof part !== 'string') {
    throw new InputError(`${formatPath(path.slice(0, depth))} is ${describe(value)}, so ${formatPath(path)} cannot be set`, place);
  }
  if (isForbiddenKey(part)) throw new InputError(`key ${quoted(part)} is not allowed: it is a name that every object has`, place);
  const { copy, places } = below();
  const entries: [string, unknown][] = [...Object.entries(value ?? {}), [part, copy]];
  return {
    copy: fromEntries(entries),
    places: { ...whole, children: new Map([...whole.children, [part, { ...places, key: places.key ?? place }]]) },
  };
}

function nodeAt(root: PlaceNode, path: Path): PlaceNode | undefined {
  let node: PlaceNode | undefined = root;
  for (const part of path) node = node?.children.get(part);
  return node;
}

function placeOf(root: PlaceNode, path: Path, part: 'key' | 'value'): Place {
  let node = root;
  for (const step of path) {
    const child = node.children.get(step);
    // The value of an incomplete mapping begins at its first key, which would point at a part that is in order; its own key does not.
    if (child === undefined) return node.key ?? node.value;
    node = child;
  }
  return part === 'key' ? (node.key ?? node.value) : node.value;
}

function placeIn(root: PlaceNode, path: Path, offset: number): Place {
  const node = nodeAt(root, path);
  return node === undefined ? placeOf(root, path, 'value') : (node.within?.(offset) ?? node.value);
}
