/**
 * Command-line overrides, applied to an experiment's document.
 *
 * A key finds its place by itself: `epsilon` is `axes.epsilon`, `horizon` is where the file has it, else `set.horizon`. A sweep of anything makes it an
 * axis; one value for an axis leaves it with that value.
 */
import { type Document, didYouMean, InputError, listed, type Path, quoted, valueAt, withoutValue, withValue } from '@ergoflow/input';
import { AXES_KEYS, axisNames, type KnownStudy, PARAMETER_PREFIX, RESERVED_KEYS, settingSchema } from './known.ts';
import { type Meaning, meaningOf, type Written } from './overrideValue.ts';
import { commandLinePlace, type Override } from './parseOverride.ts';

/** Where a key leads. */
interface Target {
  /** Where its value stands, or would. */
  readonly path: Path;
  /** The axis that a sweep of it makes; null if it cannot be swept. */
  readonly axis: string | null;
}

/**
 * Applies an override.
 *
 * @throws InputError with the column in the argument, for an unknown key (with the nearest), for `+` on what is there, `~` on what is not, and for a
 * sweep of what cannot be an axis.
 */
export function applyOverride(document: Document, override: Override, known: KnownStudy): Document {
  const { operation, key, keyColumn } = override;
  const place = commandLinePlace(keyColumn);
  const target = targetOf(document, key, known, place.column);
  const existing = valueAt(document.value, target.path);
  if (operation === '~') return removed(document, override, target, existing);
  if (operation === '+' && existing !== undefined) {
    throw new InputError(`${key} is already there: write ${key}=… to change it, or ++${key}=…`, place);
  }
  const meaning = meaningOf(override.elements);
  if (meaning.kind === 'extend') return extended(document, target.path, existing, meaning.written, key);
  if (meaning.kind === 'value' && target.path[0] !== 'axes') return put(document, target.path, meaning.written);
  if (target.axis === null && meaning.kind === 'sweep') {
    throw new InputError(`${key} cannot be swept: axes and settings can`, commandLinePlace(meaning.written.column));
  }
  if (target.axis === null) return put(document, target.path, meaning.written);
  return withAxis(document, target.axis, meaning, place.column);
}

function targetOf(document: Document, key: string, known: KnownStudy, column: number): Target {
  const parts = key.split('.');
  const [head, ...rest] = parts;
  const axisTarget = (name: string): Target => ({ path: axisPath(document, name) ?? ['axes', name], axis: name });
  if (head === 'axes') {
    if (rest.length === 0 || (AXES_KEYS as readonly string[]).includes(rest[0])) return { path: pathOf(document, parts), axis: null };
    return axisTarget(rest.join('.'));
  }
  if ((AXES_KEYS as readonly string[]).includes(head)) return { path: pathOf(document, ['axes', ...parts]), axis: null };
  if (head === 'set' && rest.length > 0) return settingTarget(document, known, rest, column);
  if (axisPath(document, key) !== null || Object.hasOwn(known.axes, key)) return axisTarget(key);
  if (head === 'model' && rest.length > 0) return modelTarget(document, key, parts, column);
  if ((RESERVED_KEYS as readonly string[]).includes(head)) return { path: pathOf(document, parts), axis: null };
  return settingTarget(document, known, parts, column);
}

function settingTarget(document: Document, known: KnownStudy, parts: readonly string[], column: number): Target {
  const name = parts.join('.');
  if (
    settingSchema(known.settings, name) === undefined &&
    !(Object.hasOwn(known.settings.shape, parts[0]) && parts.some((part) => /^\d+$/.test(part)))
  ) {
    const allowed = [...new Set([...axisNames(known), ...Object.keys(known.settings.shape), ...AXES_KEYS, ...RESERVED_KEYS])];
    throw new InputError(
      `unknown key ${quoted(name)}: allowed are ${listed(allowed)}, and model.parameters.NAME${didYouMean(name, allowed)}`,
      commandLinePlace(column),
    );
  }
  const axis = axisPath(document, name);
  if (axis !== null) return { path: axis, axis: name };
  const isAtTop = valueAt(document.value, [parts[0]]) !== undefined;
  return { path: pathOf(document, isAtTop ? parts : ['set', ...parts]), axis: name };
}

/** A parameter is set in an inline model, and as an axis of one value where the model is named. */
function modelTarget(document: Document, key: string, parts: readonly string[], column: number): Target {
  const model = valueAt(document.value, ['model']);
  const isParameter = key.startsWith(PARAMETER_PREFIX) && parts.length === 3;
  if (typeof model !== 'object' || model === null) {
    if (isParameter) return { path: ['axes', key], axis: key };
    throw new InputError(`the model is named, so only its parameters can be set, as model.parameters.NAME: ${key} cannot`, commandLinePlace(column));
  }
  const path = pathOf(document, parts);
  const isDetailed = isParameter && valueAt(document.value, [...path, 'value']) !== undefined;
  return { path: isDetailed ? [...path, 'value'] : path, axis: isParameter ? key : null };
}

/** Finds an axis among the axes and in zips. */
function axisPath(document: Document, name: string): Path | null {
  const zip = valueAt(document.value, ['axes', 'zip']);
  const groups: Path[] = Array.isArray(zip) ? zip.map((_, k) => ['axes', 'zip', k]) : [['axes', 'zip']];
  return [['axes'], ...groups].map((path): Path => [...path, name]).find((path) => valueAt(document.value, path) !== undefined) ?? null;
}

/** Gives an axis a value or a sweep: in its zip for a sweep; out of it, or out of the settings, for one value or a new axis. */
function withAxis(document: Document, name: string, { kind, written }: Meaning, column: number): Document {
  const place = commandLinePlace(column);
  const at = axisPath(document, name);
  const isZipped = at !== null && at[1] === 'zip';
  // A list is as good as a sweep.
  if (isZipped && (kind === 'sweep' || Array.isArray(written.value))) return put(document, at, written);
  let next = document;
  if (isZipped) {
    next = withoutValue(next, at, place);
    const group = at.slice(0, -1);
    const isEmptied = Object.keys(valueAt(next.value, group) as object).length === 0;
    if (isEmptied) next = withoutValue(next, group, place);
  }
  for (const path of [name.split('.'), ['set', ...name.split('.')]]) {
    if (path[0] !== 'model' && valueAt(next.value, path) !== undefined) next = withoutValue(next, path, place);
  }
  return put(next, ['axes', name], written, true);
}

/** Writes a value; a mapping is merged into the one that is there, as in Hydra. */
function put(document: Document, path: Path, written: Written, isWhole = false): Document {
  const { value, parts } = written;
  const place = commandLinePlace(written.column);
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const existing = valueAt(document.value, path);
  const isMerged = isMapping && !isWhole && typeof existing === 'object' && existing !== null && !Array.isArray(existing);
  if (isMerged) {
    let next = document;
    for (const [key, part] of parts) next = put(next, [...path, key], part);
    return next;
  }
  let next = withValue(document, path, value, place);
  for (const [key, part] of parts) if (part.column !== written.column) next = put(next, [...path, key], part, true);
  return next;
}

function removed(document: Document, { key, keyColumn, elements }: Override, { path }: Target, existing: unknown): Document {
  const place = commandLinePlace(keyColumn);
  if (existing === undefined) throw new InputError(`${key} is not there, so it cannot be removed`, place);
  if (elements.length > 0) {
    const { written } = meaningOf(elements);
    if (JSON.stringify(written.value) !== JSON.stringify(existing)) {
      throw new InputError(
        `${key} is not ${JSON.stringify(written.value)} but ${JSON.stringify(existing)?.slice(0, 80)}: write ~${key} to remove it in any case`,
        commandLinePlace(written.column),
      );
    }
  }
  return withoutValue(document, path, place);
}

function extended(document: Document, path: Path, existing: unknown, written: Written, key: string): Document {
  if (!Array.isArray(existing)) throw new InputError(`${key} is no list, so extend_list() cannot extend it`, commandLinePlace(written.column));
  let next = document;
  for (const [k, part] of written.parts) next = put(next, [...path, existing.length + Number(k)], part);
  return next;
}

/** Takes whole numbers for indices where there is a list. */
function pathOf(document: Document, parts: readonly string[]): Path {
  const path: (string | number)[] = [];
  for (const part of parts) path.push(Array.isArray(valueAt(document.value, path)) && /^\d{1,9}$/.test(part) ? Number(part) : part);
  return path;
}
