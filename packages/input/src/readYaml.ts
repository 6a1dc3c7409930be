/**
 * YAML 1.2 (core schema) as data with places; refuses what would be slow, ambiguous or silently altered.
 *
 * Lexing, parsing and composing are the yaml library's; its recursive part only ever sees documents of bounded depth. The conversion to data is ours,
 * since the library's check for duplicate keys costs the square of their number.
 */
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, type Node, Parser, type Scalar, type Document as YamlDocument } from 'yaml';
import { describe, quoted } from './describe.ts';
import { type Document, fromEntries, LIMITS, makeDocument, type PlaceNode } from './document.ts';
import { InputError } from './inputError.ts';
import { isForbiddenKey } from './keys.ts';
import { type PlaceAt, placesIn } from './lines.ts';
import { formatPath, type Path } from './place.ts';
import { rejoinItems, rejoinPairs } from './rejoin.ts';
import { textOffset } from './textPlace.ts';
import { yamlProblem } from './yamlProblem.ts';

/**
 * Reads one YAML document; an empty one gives null.
 *
 * @param text At most 1 MB as UTF-8; a byte order mark is skipped.
 * @param file What messages call it.
 * @throws InputError with line and column for: bad YAML, more than 1 MB, more than 100 expansions of aliases, depth above 64, several documents, tabs
 * that indent, control characters, duplicate keys, keys that are not text or that every object has (`constructor`), unknown tags, and numbers that
 * float64 cannot hold.
 */
export function readYaml(text: string, file: string): Document {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const at = placesIn(source, file);
  const bytes = Buffer.byteLength(text);
  if (bytes > LIMITS.bytes) throw tooLarge(bytes, file);
  checkCharacters(source, at);
  const parsed = parse(source, at);
  const { value, places } = convert(parsed, source, at);
  return makeDocument(file, value, places);
}

/** The error for a file above the limit. */
export function tooLarge(bytes: number, file: string): InputError {
  const size = (count: number, digits: number): string => `${(count / 1e6).toFixed(digits)} MB`;
  return new InputError(`the file has ${size(Math.max(bytes, 1.1e6), 1)}: at most ${size(LIMITS.bytes, 0)} is allowed`, { file, line: 0, column: 0 });
}

function checkCharacters(source: string, at: PlaceAt): void {
  // YAML 1.2 §5.1 allows tab, line feed and carriage return of the control characters.
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/.exec(source);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new InputError(`character U+${code} is found: control characters are not allowed in text`, at(control.index));
  }
  const tab = /^ *\t(?=[ \t]*[^\s])/m.exec(source);
  if (tab !== null) throw new InputError('a tab indents the line: use spaces', at(tab.index + tab[0].length - 1));
}

/** A level of nesting takes at most two entries of the parser's stack (a mapping and its value), and the document one. */
const STACK_LIMIT = 2 * LIMITS.depth + 2;

function parse(source: string, at: PlaceAt): YamlDocument.Parsed | undefined {
  const parser = new Parser();
  const composer = new Composer({ uniqueKeys: false, version: '1.2', schema: 'core', prettyErrors: false, strict: true, logLevel: 'silent' });
  let first: YamlDocument.Parsed | undefined;
  const take = (documents: Iterable<unknown>): void => {
    for (const made of documents as Iterable<YamlDocument.Parsed>) {
      const problem = made.errors[0] ?? made.warnings[0];
      if (problem !== undefined) throw new InputError(yamlProblem(problem.code, problem.message), at(problem.pos[0]));
      if (first !== undefined) throw new InputError(yamlProblem('MULTIPLE_DOCS'), at(made.range[0]));
      first = made;
    }
  };
  let pieces = 0;
  for (const lexeme of new Lexer().lex(source)) {
    pieces += 1;
    if (pieces > LIMITS.pieces) {
      throw new InputError(`the document has too many parts: at most ${LIMITS.pieces} words, brackets and the like are allowed`, at(parser.offset));
    }
    for (const token of parser.next(lexeme)) take(composer.next(token));
    if (parser.stack.length > STACK_LIMIT) throw tooDeep(at(parser.offset));
  }
  for (const token of parser.end()) take(composer.next(token));
  take(composer.end());
  return first;
}

const tooDeep = (place: ReturnType<PlaceAt>): InputError =>
  new InputError(`this is nested too deeply: at most ${LIMITS.depth} levels are allowed`, place);

/** A value with its places, and what it weighs with all aliases expanded. */
interface Converted {
  readonly value: unknown;
  readonly places: PlaceNode;
  readonly values: number;
  readonly aliases: number;
  readonly height: number;
}

/** Turns the library's nodes into data; an alias shares its anchor's data, and its weight is counted as if it were copied. */
function convert(document: YamlDocument.Parsed | undefined, source: string, at: PlaceAt): Converted {
  // An anchor is known from the end of its node on, so that no value can contain itself.
  const anchors = new Map<string, Converted>();

  function weighed(value: unknown, places: PlaceNode, parts: readonly Converted[], depth: number): Converted {
    const made = {
      value,
      places,
      values: parts.reduce((sum, part) => sum + part.values, 1),
      aliases: parts.reduce((sum, part) => sum + part.aliases, 0),
      height: parts.reduce((most, part) => Math.max(most, part.height), 0) + 1,
    };
    if (made.aliases > LIMITS.aliases)
      throw new InputError(`aliases (*name) expand more than ${LIMITS.aliases} times, which is not allowed`, places.value);
    if (made.values > LIMITS.values) throw new InputError(`there are too many values: at most ${LIMITS.values} are allowed`, places.value);
    if (depth + made.height > LIMITS.depth + 1) throw tooDeep(places.value);
    return made;
  }

  function convertNode(node: Node | null, path: Path, parentStart: number): Converted {
    const start = node?.range?.[0] ?? parentStart;
    if (path.length > LIMITS.depth) throw tooDeep(at(start));
    const made = isAlias(node) ? resolved(node.source, path.length, at(start)) : convertPlain(node, path, start);
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) anchors.set(anchor, made);
    return made;
  }

  function resolved(name: string, depth: number, place: ReturnType<PlaceAt>): Converted {
    const target = anchors.get(name);
    if (target === undefined)
      throw new InputError(`alias ${quoted(`*${name}`)} is unknown: an expression that begins with * must be in quotes`, place);
    return weighed(
      target.value,
      { ...target.places, key: null, value: place },
      [{ ...target, aliases: target.aliases + 1, height: target.height - 1 }],
      depth,
    );
  }

  function convertPlain(node: Node | null, path: Path, start: number): Converted {
    const leaf: PlaceNode = { key: null, value: at(start), within: null, children: new Map() };
    if (node === null) return weighed(null, leaf, [], path.length);
    if (isScalar(node)) return weighed(scalarValue(node, source, path, at), { ...leaf, within: within(node, source, at) }, [], path.length);
    if (isSeq(node)) {
      const items = (node.flow === true ? rejoinItems(node.items as Node[], source) : node.items).map((item, k) =>
        convertNode(item as Node | null, [...path, k], start),
      );
      const children = new Map(items.map(({ places }, k) => [k, places]));
      return weighed(
        items.map(({ value }) => value),
        { ...leaf, children },
        items,
        path.length,
      );
    }
    if (!isMap(node)) throw new InputError(`${formatPath(path)} is of an unknown kind: allowed are text, numbers, lists and mappings`, at(start));
    const children = new Map<string, PlaceNode>();
    const parts: Converted[] = [];
    const pairs = node.flow === true ? rejoinPairs(node.items, source) : node.items;
    const entries = pairs.map((pair): [string, unknown] => {
      const keyNode = pair.key as Node | null;
      const key = readKey(keyNode, path, at, start, node.flow === true);
      const place = at(keyNode?.range?.[0] ?? start);
      const before = children.get(key)?.key;
      if (before !== undefined && before !== null) {
        throw new InputError(
          `key ${quoted(key)} is given twice in ${formatPath(path)}, first in line ${before.line}: each key is allowed once`,
          place,
        );
      }
      const part = convertNode(pair.value as Node | null, [...path, key], keyNode?.range?.[1] ?? start);
      children.set(key, { ...part.places, key: place });
      parts.push(part);
      return [key, part.value];
    });
    return weighed(fromEntries(entries), { ...leaf, children }, parts, path.length);
  }

  return convertNode((document?.contents ?? null) as Node | null, [], 0);
}

function readKey(node: Node | null, path: Path, at: PlaceAt, start: number, isFlow: boolean): string {
  const place = at(node?.range?.[0] ?? start);
  if (node === null || !isScalar(node) || typeof node.value !== 'string') {
    const found = node !== null && isScalar(node) ? describe(node.value) : 'a list, a mapping or an alias';
    const remedy = isFlow ? 'inside { } an expression with a comma must be in quotes' : 'put it in quotes if it is meant as a name';
    throw new InputError(`a key in ${formatPath(path)} is ${found}: keys must be text (${remedy})`, place);
  }
  if (isForbiddenKey(node.value))
    throw new InputError(`key ${quoted(node.value)} in ${formatPath(path)} is not allowed: it is a name that every object has`, place);
  return node.value;
}

function scalarValue(node: Scalar, source: string, path: Path, at: PlaceAt): unknown {
  const { value } = node;
  const [start, end] = node.range ?? [0, 0];
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value !== 'number')
    throw new InputError(`${formatPath(path)} has a tag that makes it something else than text, a number or the like: leave the tag out`, at(start));
  const text = source.slice(start, end).trim();
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?(0o[0-7]+|0x[\da-f]+|\d+)$/i.test(text)) {
    throw new InputError(`whole number ${quoted(text)} is too large to be held exactly: at most 2^53 - 1 is allowed`, at(start));
  }
  if (Math.abs(value) === Number.POSITIVE_INFINITY && !/inf$/i.test(text)) {
    throw new InputError(`number ${quoted(text)} is too large: at most 1.797e308 is allowed`, at(start));
  }
  return value;
}

/** Places of characters within a scalar; for numbers and the like, whose text is not kept, plain offsets. */
function within(node: Scalar, source: string, at: PlaceAt): ((offset: number) => ReturnType<PlaceAt>) | null {
  const range = node.range;
  if (range === null || range === undefined) return null;
  const [start, end] = range;
  if (typeof node.value !== 'string') return (offset) => at(Math.min(start + offset, end));
  const text = node.value;
  const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
  const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  const first = isBlock ? source.indexOf('\n', start) + 1 : isQuoted ? start + 1 : start;
  return (offset) => at(Math.min(textOffset(source, first, text, offset) ?? start, end));
}
