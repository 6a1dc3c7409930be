/** Experiments: from a document and command-line overrides to checked axes and settings, with every problem at its place. */
import { check, type Document, describe, didYouMean, formatPath, InputError, listed, type Path, quoted, valueAt, withValue } from '@ergoflow/input';
import { z } from 'zod';
import type { JsonObject } from '../work.ts';
import { applyOverride } from './applyOverrides.ts';
import { type Axes, readAxes } from './axes.ts';
import { nameOfFile, nameProblem } from './experimentName.ts';
import { AXES_KEYS, type KnownStudy, RESERVED_KEYS, settingSchema, shapeOf } from './known.ts';
import { meaningOf } from './overrideValue.ts';
import { type Override, parseOverride } from './parseOverride.ts';

/** An experiment, read and checked. */
export interface Experiment {
  readonly name: string;
  readonly about: string | null;
  /** After overrides and defaults. */
  readonly document: Document;
  readonly study: string;
  /** The name or path of a model, or the model itself; not checked. */
  readonly model: string | JsonObject;
  /** The study's settings with their defaults, without those that are axes. */
  readonly settings: JsonObject;
  readonly seed: number;
  readonly axes: Axes;
  readonly keep: readonly string[];
}

/** The seed of an experiment that names none. */
export const DEFAULT_SEED = 1;

/**
 * Reads an experiment.
 *
 * @param overrides Command-line arguments such as `epsilon=0.1,0.01`, applied in order.
 * @param studies What is known of the studies.
 * @throws InputError at the first problem.
 */
export function readExperiment(document: Document, overrides: readonly string[], studies: readonly KnownStudy[]): Experiment {
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value)) {
    throw new InputError(`an experiment is a mapping with study, model and axes, found ${describe(document.value)}`, document.placeOf([]));
  }
  const parsed = overrides.map((override) => parseOverride(override));
  const { known, changed } = chooseStudy(document, parsed, studies);
  const overridden = parsed.filter(({ key }) => key !== 'study').reduce((next, override) => applyOverride(next, override, known), changed);
  refuseUnknownKeys(overridden, known);
  const complete = withDefaults(overridden, known);
  const swept = sweptNames(complete);
  const settings = readSettings(complete, known, swept);
  const seed = readSeed(complete);
  return {
    name: readName(complete, known),
    about: readAbout(complete),
    document: complete,
    study: known.name,
    model: readModelKey(complete),
    settings,
    seed,
    axes: readAxes(complete, known, numbersIn(settings), seed),
    keep: readKeep(complete, known),
  };
}

function chooseStudy(document: Document, overrides: readonly Override[], studies: readonly KnownStudy[]): { known: KnownStudy; changed: Document } {
  const names = studies.map(({ name }) => name);
  let changed = document;
  for (const override of overrides) {
    if (override.key !== 'study') continue;
    const place = { file: 'command line', line: 1, column: override.keyColumn };
    if (override.operation === '~') throw new InputError('study cannot be removed: every experiment asks a question', place);
    const { kind, written } = meaningOf(override.elements);
    if (kind !== 'value') throw new InputError('study cannot be swept: write one experiment for each', place);
    changed = withValue(changed, ['study'], written.value, { ...place, column: written.column });
  }
  const name = valueAt(changed.value, ['study']);
  if (name === undefined) throw new InputError(`study is missing: allowed are ${listed(names)}`, changed.placeOf([]));
  const known = studies.find((study) => study.name === name);
  if (known !== undefined) return { known, changed };
  const hint = typeof name === 'string' ? didYouMean(name, names) : '';
  throw new InputError(`unknown study ${describe(name)}: allowed are ${listed(names)}${hint}`, changed.placeOf(['study']));
}

/** Looks at the keys of the top level and of `set`. */
function refuseUnknownKeys(document: Document, known: KnownStudy): void {
  const settings = Object.keys(known.settings.shape);
  const isReserved = (key: string): boolean => (RESERVED_KEYS as readonly string[]).includes(key);
  const top = document.value as Record<string, unknown>;
  for (const key of Object.keys(top)) {
    if (isReserved(key) || settings.includes(key)) continue;
    const place = document.placeOf([key], 'key');
    if (Object.hasOwn(known.axes, key) || (AXES_KEYS as readonly string[]).includes(key))
      throw new InputError(`${key} is an axis: write it under axes`, place);
    const allowed = [...RESERVED_KEYS, ...settings];
    throw new InputError(`unknown key ${quoted(key)}: allowed are ${listed(allowed)}${didYouMean(key, allowed)}`, place);
  }
  const { set, axes } = top;
  if (axes !== undefined && axes !== null && (typeof axes !== 'object' || Array.isArray(axes))) {
    throw new InputError(`axes is ${describe(axes)}: a mapping is needed, with axes such as epsilon: [0.1, 0.01]`, document.placeOf(['axes']));
  }
  if (set === undefined || set === null) return;
  if (typeof set !== 'object' || Array.isArray(set))
    throw new InputError(`set is ${describe(set)}: a mapping of settings is needed`, document.placeOf(['set']));
  for (const key of Object.keys(set)) {
    const place = document.placeOf(['set', key], 'key');
    if (!settings.includes(key)) {
      const reason = Object.hasOwn(known.axes, key)
        ? `${key} is an axis: write it under axes`
        : isReserved(key)
          ? `${key} belongs to the top level`
          : null;
      throw new InputError(
        reason ?? `unknown setting ${quoted(key)} of ${known.name}: allowed are ${listed(settings)}${didYouMean(key, settings)}`,
        place,
      );
    }
    if (Object.hasOwn(top, key)) throw new InputError(`${key} is given twice: at the top level and under set`, place);
  }
}

function withDefaults(document: Document, known: KnownStudy): Document {
  const place = { file: `defaults of ${known.name}`, line: 0, column: 0 };
  const present = sweptNames(document);
  let next = document;
  for (const [name, value] of Object.entries(known.defaults ?? {})) {
    if (present.has(name) || valueAt(document.value, ['axes', name]) !== undefined) continue;
    next = withValue(next, ['axes', name], value, place);
  }
  return next;
}

/** Names of all axes, zipped ones too; whatever is no mapping is left for later to complain of. */
function sweptNames(document: Document): ReadonlySet<string> {
  const axes = valueAt(document.value, ['axes']);
  if (typeof axes !== 'object' || axes === null || Array.isArray(axes)) return new Set();
  const { zip } = axes as { zip?: unknown };
  const groups = (Array.isArray(zip) ? zip : [zip]).filter((group) => typeof group === 'object' && group !== null);
  const names = [axes, ...groups].flatMap((group) => Object.keys(group as object));
  return new Set(names.filter((name) => !(AXES_KEYS as readonly string[]).includes(name)));
}

/** Checks the settings that are no axes; what the schema says of several together is checked by cellSettings where some are axes. */
function readSettings(document: Document, known: KnownStudy, swept: ReadonlySet<string>): JsonObject {
  for (const name of swept) {
    const path = settingPath(document, name.split('.'));
    if (!Object.hasOwn(known.axes, name) && settingSchema(known.settings, name) !== undefined && path !== null) {
      throw new InputError(`${name} is an axis and a setting: leave one of them out`, document.placeOf(path, 'key'));
    }
  }
  const merged = mergedSettings(document);
  const isWhole = ![...swept].some((name) => !Object.hasOwn(known.axes, name) && settingSchema(known.settings, name) !== undefined);
  return (isWhole ? check(known.settings, merged) : readParts(known.settings, merged, [], swept)) as JsonObject;
}

/** Reads the parts of a mapping of settings one by one, without those that are axes. */
function readParts(schema: z.ZodType, settings: Document, path: readonly string[], swept: ReadonlySet<string>): unknown {
  const shape = shapeOf(schema);
  const isPartly = [...swept].some((name) => name.startsWith([...path, ''].join('.')));
  if (shape === null || (path.length > 0 && !isPartly)) return check(schema, settings, path);
  const value = valueAt(settings.value, path) ?? {};
  // Unknown keys and values that are no mapping: the schema's own complaint, at their place.
  const isOdd = typeof value !== 'object' || Array.isArray(value) || Object.keys(value).some((key) => !Object.hasOwn(shape, key));
  if (isOdd) check(schema, settings, path);
  const parts = Object.entries(shape).flatMap(([key, inner]) => {
    const name = [...path, key].join('.');
    const part = swept.has(name) ? undefined : readParts(inner, settings, [...path, key], swept);
    return part === undefined ? [] : [[key, part] as const];
  });
  return Object.fromEntries(parts);
}

/** Finds where a setting is written: at the top level or under `set`. */
function settingPath(document: Document, parts: readonly string[]): Path | null {
  return [parts, ['set', ...parts]].find((path) => valueAt(document.value, path) !== undefined) ?? null;
}

/** The settings as a document of their own, whose places are those of the experiment's. */
function mergedSettings(document: Document): Document {
  const top = document.value as Record<string, unknown>;
  const set = (top.set ?? {}) as Record<string, unknown>;
  const reserved: readonly string[] = RESERVED_KEYS;
  const value = Object.fromEntries([...Object.entries(set), ...Object.entries(top).filter(([key]) => !reserved.includes(key))]);
  const origin = (path: Path): Path => (path.length > 0 && Object.hasOwn(set, path[0]) ? ['set', ...path] : path);
  return {
    ...document,
    value,
    placeOf: (path, part) => document.placeOf(origin(path), part),
    placeIn: (path, offset) => document.placeIn(origin(path), offset),
  };
}

function numbersIn(settings: JsonObject): Map<string, number> {
  return new Map(Object.entries(settings).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

function readName(document: Document, known: KnownStudy): string {
  const name = valueAt(document.value, ['name']);
  if (name === undefined) return nameOfFile(document.file) ?? known.name;
  const problem = typeof name === 'string' ? nameProblem(name) : 'text is needed';
  if (problem !== null) throw new InputError(`name is ${describe(name)}: ${problem}`, document.placeOf(['name']));
  return name as string;
}

function readAbout(document: Document): string | null {
  const about = valueAt(document.value, ['about']);
  return about === undefined ? null : check(z.string(), document, ['about']);
}

function readModelKey(document: Document): string | JsonObject {
  const model = valueAt(document.value, ['model']);
  if (model === undefined) throw new InputError('model is missing: write the name of a model, a path, or the model itself', document.placeOf([]));
  if ((typeof model === 'string' && model.trim() !== '') || (typeof model === 'object' && model !== null && !Array.isArray(model)))
    return model as string | JsonObject;
  throw new InputError(`model is ${describe(model)}: the name of a model, a path, or a mapping is needed`, document.placeOf(['model']));
}

function readSeed(document: Document): number {
  const seed = valueAt(document.value, ['seed']) ?? DEFAULT_SEED;
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return seed + 0;
  throw new InputError(`seed is ${describe(seed)}: a whole number from 0 to 9007199254740991 is needed`, document.placeOf(['seed']));
}

function readKeep(document: Document, known: KnownStudy): string[] {
  const value = valueAt(document.value, ['keep']) ?? [];
  const allowed = known.keep ?? ['trajectories'];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  list.forEach((item, k) => {
    if (typeof item === 'string' && allowed.includes(item)) return;
    const hint = typeof item === 'string' ? didYouMean(item, allowed) : '';
    throw new InputError(
      `${formatPath(['keep'])} has ${describe(item)}: allowed are ${listed(allowed)}${hint}`,
      document.placeOf(Array.isArray(value) ? ['keep', k] : ['keep']),
    );
  });
  return [...new Set(list as string[])].sort();
}
