/**
 * Shape checks: a zod schema against a document, the first problem told with its place, what is allowed and the nearest key.
 */
import type { z } from 'zod';
import { describe, listed, quoted } from './describe.ts';
import { type Document, valueAt } from './document.ts';
import { InputError } from './inputError.ts';
import { didYouMean } from './nearest.ts';
import { formatPath, type Path, type Place } from './place.ts';
import { keysAt } from './schemaKeys.ts';

/** What zod calls an issue; a union's issue holds those of its branches. */
type Issue = z.core.$ZodIssue;

/**
 * Checks the part of a document at a path.
 *
 * NaN and infinities fail where the schema says `z.number()`. Of several problems the first in document order is told, unknown keys before missing
 * ones. Not checked: anything that the schema does not say.
 *
 * @param path Default: the whole document.
 * @throws InputError for the first problem.
 */
export function check<T>(schema: z.ZodType<T>, document: Document, path: Path = []): T {
  const result = schema.safeParse(valueAt(document.value, path));
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => flatten(issue, [])).map((issue) => problemOf(issue, schema, document, path));
  throw first(problems);
}

interface Problem {
  readonly message: string;
  readonly place: Place;
  /** A typo leaves a key unknown and another missing: the first is the better news. */
  readonly rank: number;
}

function first(problems: readonly Problem[]): InputError {
  const best = problems.reduce((a, b) => ((b.rank - a.rank || b.place.line - a.place.line || b.place.column - a.place.column) < 0 ? b : a));
  return new InputError(best.message, best.place);
}

/** Puts a union's issue down to the branch that the person most likely meant: the one that fits furthest. */
function flatten(issue: Issue, above: Path): Issue[] {
  const path = [...above, ...(issue.path as Path)];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ ...issue, path: path as PropertyKey[] }];
  const branches = issue.errors.filter((branch) => !branch.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type'));
  if (branches.length === 0) return [{ ...issue, path: path as PropertyKey[] }];
  const depth = (branch: readonly Issue[]): number => Math.max(...branch.map((inner) => inner.path.length));
  const likely = branches.reduce((a, b) => (depth(b) > depth(a) || (depth(b) === depth(a) && b.length < a.length) ? b : a));
  return likely.flatMap((inner) => flatten(inner, path));
}

function problemOf(issue: Issue, schema: z.ZodType, document: Document, base: Path): Problem {
  const inner = issue.path as Path;
  const path = [...base, ...inner];
  const where = formatPath(path);
  const found = valueAt(document.value, path);
  const at = (message: string, rank = 1, part: 'key' | 'value' = 'value', of: Path = path): Problem => ({
    message,
    rank,
    place: document.placeOf(of, part),
  });
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const allowed = keysAt(schema, inner);
    return at(`unknown key ${quoted(key)} in ${where}: allowed are ${listed(allowed)}${didYouMean(key, allowed)}`, 0, 'key', [...path, key]);
  }
  if (issue.code === 'invalid_key') {
    const said = issue.issues[0]?.message ?? 'is not allowed';
    return at(`key ${quoted(String(inner.at(-1)))} in ${formatPath(path.slice(0, -1))} ${said}`, 0, 'key');
  }
  if (found === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return at(`${formatPath(path.slice(0, -1))} has no ${quoted(key)}, which is needed: it must be ${allowedBy(issue)}`, 2, 'key', path.slice(0, -1));
  }
  if (issue.code === 'custom') return at(`${where} ${issue.message}`);
  const hint = issue.code === 'invalid_value' && typeof found === 'string' ? didYouMean(found, issue.values.map(String)) : '';
  return at(`${where} must be ${allowedBy(issue)}, got ${describe(found)}${hint}`);
}

/** Says what an issue would have allowed. */
function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(issue.expected);
    case 'invalid_value':
      return issue.values.length === 1 ? describe(issue.values[0]) : `one of ${listed(issue.values.map(String))}`;
    case 'invalid_union':
      return unionName(issue);
    case 'too_small':
      return limit(issue.origin, 'at least', 'more than', issue.minimum, issue.inclusive);
    case 'too_big':
      return limit(issue.origin, 'at most', 'less than', issue.maximum, issue.inclusive);
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

function limit(origin: string, inclusive: string, exclusive: string, bound: number | bigint, isInclusive: boolean | undefined): string {
  const compared = `${isInclusive === false ? exclusive : inclusive} ${bound}`;
  const of: Record<string, string> = { array: 'a list of length', string: 'text of length', object: 'a mapping of size', map: 'a mapping of size' };
  return Object.hasOwn(of, origin) ? `${of[origin]} ${compared}` : compared;
}

function unionName(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const names = issue.errors.flatMap((branch) => branch.filter((inner) => inner.path.length === 0).map(allowedBy));
  const unique = [...new Set(names)];
  return unique.length === 0 ? issue.message : unique.length === 1 ? unique[0] : `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`;
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    string: 'text',
    number: 'a finite number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    null: 'null',
    undefined: 'left out',
    never: 'left out',
  };
  return Object.hasOwn(names, expected) ? names[expected] : expected;
}
