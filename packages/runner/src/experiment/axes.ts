/** The axes of an experiment: read from its document, checked as far as that needs no values of cells. */
import { type Document, describe, didYouMean, formatPath, InputError, listed, type Path, type Place, quoted, valueAt } from '@ergoflow/input';
import { type AxisForm, callIn, readAxisForm } from './axisForm.ts';
import { isNumeric } from './axisValue.ts';
import type { Design } from './designs.ts';
import { checkFormula, constantValue, type Formula, locator, readFormula } from './formula.ts';
import { gridSize } from './grids.ts';
import { AXES_KEYS, type AxisRule, axisNames, axisRule, type KnownStudy } from './known.ts';
import { type Replicates, readReplicates } from './replicates.ts';
import { SOBOL_DIMENSIONS } from './sobol.ts';

/** An axis. */
export interface Axis {
  readonly name: string;
  /** Its name in formulas: what follows the last dot; null where that is another axis or a setting, or could be several. */
  readonly alias: string | null;
  readonly rule: AxisRule;
  readonly form: AxisForm;
  readonly place: Place;
}

/** All axes, ready to be expanded. */
export interface Axes {
  /** In order of names. */
  readonly axes: readonly Axis[];
  /** Names of axes that go together, each in exactly one group. */
  readonly zips: readonly { readonly names: readonly string[]; readonly place: Place }[];
  /** The joint sample of the axes that are distributions; null if there are none. */
  readonly design: Design | null;
  /** Derived axes, each after those it needs. */
  readonly derived: readonly string[];
  readonly guards: readonly Formula[];
  readonly replicates: Replicates;
  /** Numeric settings that formulas may name. */
  readonly constants: ReadonlyMap<string, number>;
  /** Names by which rows are sorted, the most important first; axes that are not in it follow in order of names. */
  readonly priority: readonly string[];
  readonly seed: number;
  /** Where the axes stand. */
  readonly place: Place;
}

/** As many as a model has parameters at most. It also bounds the recursion below. */
const MOST_AXES = 1000;

interface Entry {
  readonly name: string;
  readonly path: Path;
  readonly zip: number | null;
}

/**
 * Reads `axes` and `where`.
 *
 * @param constants Numeric settings that are no axes.
 * @throws InputError at the first problem: unknown names, forms, lengths of zips, cycles, distributions without a design.
 */
export function readAxes(document: Document, known: KnownStudy, constants: ReadonlyMap<string, number>, seed: number): Axes {
  const { entries, zipPaths } = entriesOf(document);
  const aliases = aliasesOf(entries, constants);
  const axes = entries.map((entry) => readAxis(document, known, entry, aliases));
  refuseTwice(document, entries);
  entries.forEach(({ zip }, k) => {
    if (zip === null) refuseTwins([axes[k]]);
  });
  for (const key of Object.keys(known.axes)) {
    const isNeeded = known.axes[key].optional !== true && !axes.some(({ name }) => name === key);
    if (isNeeded) throw new InputError(`axis ${key} is missing: ${known.axes[key].about}`, document.placeOf(['axes'], 'key'));
  }
  const zips = zipPaths.map((path, zip) =>
    readZip(
      document,
      path,
      entries.filter((entry) => entry.zip === zip).map(({ name }) => name),
      axes,
    ),
  );
  const design = readDesign(document, axes);
  const scope = scopeOf(axes, constants);
  const reasons = reasonsOf(axes);
  const guards = readGuards(document);
  for (const { form } of axes) if (form.kind === 'derived') checkFormula(form.formula, 'number', scope, reasons);
  for (const guard of guards) checkFormula(guard, 'condition', scope, reasons);
  return {
    axes: axes.sort((a, b) => (a.name < b.name ? -1 : 1)),
    zips,
    design,
    derived: derivedOrder(axes),
    guards,
    replicates: readReplicates(document, ['axes', 'replicate']),
    constants,
    priority: Object.keys(known.axes),
    seed,
    place: document.placeOf(['axes'], 'key'),
  };
}

/** Lists what stands under `axes` and its zips. */
function entriesOf(document: Document): { entries: Entry[]; zipPaths: Path[] } {
  const mapping = mappingAt(document, ['axes'], 'axes such as epsilon: [0.1, 0.01]');
  const entries: Entry[] = [];
  const zipPaths: Path[] = [];
  for (const name of Object.keys(mapping)) if (!isAxesKey(name)) entries.push({ name, path: ['axes', name], zip: null });
  const { zip } = mapping;
  if (zip === undefined) return { entries, zipPaths };
  const groups: Path[] = Array.isArray(zip) ? zip.map((_, k) => ['axes', 'zip', k]) : [['axes', 'zip']];
  for (const path of groups) {
    const group = mappingAt(document, path, 'axes of one length, such as {a: [1, 2], b: [3, 4]}');
    if (Object.keys(group).length === 0)
      throw new InputError(`${formatPath(path)} is empty: axes of one length are needed`, document.placeOf(path, 'key'));
    for (const name of Object.keys(group)) {
      if (isAxesKey(name)) throw new InputError(`${name} cannot stand in a zip: write it beside zip`, document.placeOf([...path, name], 'key'));
      entries.push({ name, path: [...path, name], zip: zipPaths.length });
    }
    zipPaths.push(path);
  }
  return { entries, zipPaths };
}

function isAxesKey(name: string): boolean {
  return (AXES_KEYS as readonly string[]).includes(name);
}

function mappingAt(document: Document, path: Path, needed: string): Readonly<Record<string, unknown>> {
  const value = valueAt(document.value, path) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InputError(`${formatPath(path)} is ${describe(value)}: a mapping is needed, with ${needed}`, document.placeOf(path));
}

function readAxis(document: Document, known: KnownStudy, { name, path }: Entry, aliases: ReadonlyMap<string, string | null>): Axis {
  const rule = axisRule(known, name);
  if (rule === null) {
    const allowed = [...axisNames(known), ...AXES_KEYS];
    throw new InputError(
      `unknown axis ${quoted(name)} of ${known.name}: allowed are ${listed(allowed)}, and model.parameters.NAME${didYouMean(name, allowed)}`,
      document.placeOf(path, 'key'),
    );
  }
  if (typeof rule === 'string') throw new InputError(rule, document.placeOf(path, 'key'));
  return {
    name,
    alias: aliases.get(aliasOf(name)) === name ? aliasOf(name) : null,
    rule,
    form: readAxisForm(document, path, name, rule),
    place: document.placeOf(path),
  };
}

const aliasOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/** What short names stand for: the axis or setting of exactly this name, else the only axis that ends in it; null where there are several. */
function aliasesOf(entries: readonly Entry[], constants: ReadonlyMap<string, number>): Map<string, string | null> {
  const aliases = new Map<string, string | null>();
  for (const { name } of entries) {
    const known = aliases.get(aliasOf(name));
    aliases.set(aliasOf(name), known === undefined || known === name ? name : null);
  }
  for (const name of [...constants.keys(), ...entries.map((entry) => entry.name)]) if (aliasOf(name) === name) aliases.set(name, name);
  return aliases;
}

function refuseTwice(document: Document, entries: readonly Entry[]): void {
  const seen = new Set<string>();
  if (entries.length > MOST_AXES) {
    throw new InputError(`there are ${entries.length} axes: at most ${MOST_AXES} are allowed`, document.placeOf(entries[MOST_AXES].path, 'key'));
  }
  for (const { name, path } of entries) {
    if (seen.has(name))
      throw new InputError(`axis ${name} is given twice: each is allowed once, inside or outside zip`, document.placeOf(path, 'key'));
    seen.add(name);
  }
}

/** Refuses a value of an axis, or a point of a zip, that is written twice. Values of grids differ by themselves. */
function refuseTwins(axes: readonly Axis[]): void {
  const forms = axes.flatMap(({ form }) => (form.kind === 'values' ? [form] : []));
  if (forms.length < axes.length) return;
  const seen = new Set<string>();
  const [{ places, values }] = forms;
  places.forEach((place, k) => {
    const point = forms.map((form) => form.values[k]);
    const key = JSON.stringify(point);
    if (!seen.has(key)) seen.add(key);
    else if (axes.length === 1) throw new InputError(`axis ${axes[0].name} has ${describe(values[k])} twice: each value is allowed once`, place);
    else {
      const written = axes.map(({ name }, j) => `${name} = ${point[j]}`).slice(0, 6);
      throw new InputError(`zip has the point ${written.join(', ')} twice: each is allowed once`, place);
    }
  });
}

/** Checks that all axes of a zip have one length, and no point twice; one axis may repeat a value. */
function readZip(document: Document, path: Path, names: readonly string[], axes: readonly Axis[]): Axes['zips'][number] {
  const sizes = names.map((name) => {
    const axis = axes.find((one) => one.name === name) as Axis;
    const size = zipSize(axis.form);
    if (size === null)
      throw new InputError(
        `axis ${axis.name} in zip is ${axis.form.kind === 'derived' ? 'derived' : 'a distribution'}: lists and grids can be zipped`,
        axis.place,
      );
    return { axis, size };
  });
  const [first] = sizes;
  for (const { axis, size } of sizes) {
    if (size !== first.size) {
      throw new InputError(
        `axis ${axis.name} in zip has ${size} values, but ${first.axis.name} has ${first.size}: both must have as many`,
        axis.place,
      );
    }
  }
  refuseTwins(sizes.map(({ axis }) => axis));
  return { names: [...names].sort(), place: document.placeOf(path, 'key') };
}

function zipSize(form: AxisForm): bigint | null {
  if (form.kind === 'values') return BigInt(form.values.length);
  return form.kind === 'grid' ? gridSize(form.grid) : null;
}

const DESIGN_KINDS = ['sobol', 'lhs', 'random'] as const;
const DESIGN_NEEDED = 'sobol(n), sobol(n, unscrambled), lhs(n) or random(n) is needed';

/** Reads `sample`. */
function readDesign(document: Document, axes: readonly Axis[]): Design | null {
  const path: Path = ['axes', 'sample'];
  const text = valueAt(document.value, path);
  const sampled = axes.filter(({ form }) => form.kind === 'sampled');
  if (text === undefined) {
    if (sampled.length === 0) return null;
    throw new InputError(
      `axis ${sampled[0].name} is a distribution without a number of points: add sample: sobol(64), or a third argument`,
      sampled[0].place,
    );
  }
  const refuse = (message: string): never => {
    throw new InputError(message, document.placeOf(path));
  };
  const call = typeof text === 'string' ? callIn(text) : null;
  const kind = DESIGN_KINDS.find((one) => one === call?.name);
  if (call === null || kind === undefined || !call.whole)
    return refuse(`sample is ${describe(text)}: ${DESIGN_NEEDED}${call === null ? '' : didYouMean(call.name, DESIGN_KINDS)}`);
  const unscrambled = kind === 'sobol' && call.parts[1]?.text === 'unscrambled';
  if (call.parts.length !== (unscrambled ? 2 : 1)) refuse(`sample is ${describe(text)}: ${DESIGN_NEEDED}`);
  const locate = locator(document, path);
  const points = constantValue(call.parts[0].text, 'sample', (offset) => locate(call.parts[0].offset + offset));
  if (!Number.isInteger(points) || points < 1) refuse(`the number of points of sample is ${points}: a whole number of at least 1 is needed`);
  if (sampled.length === 0)
    refuse('no axis is a distribution, so there is nothing to sample: write an axis as uniform(low, high) or loguniform(low, high)');
  if (kind === 'sobol' && sampled.length > SOBOL_DIMENSIONS)
    refuse(`${sampled.length} axes are sampled: sobol has at most ${SOBOL_DIMENSIONS} dimensions; use lhs or random`);
  return { kind, points, unscrambled };
}

/** Reads `where`: one condition or a list. */
function readGuards(document: Document): Formula[] {
  const value = valueAt(document.value, ['where']);
  if (value === undefined) return [];
  const paths: Path[] = Array.isArray(value) ? value.map((_, k) => ['where', k]) : [['where']];
  return paths.map((path) => {
    const text = valueAt(document.value, path);
    if (typeof text !== 'string' || text.trim() === '') {
      throw new InputError(`${formatPath(path)} is ${describe(text)}: a condition is needed, such as step <= epsilon/10`, document.placeOf(path));
    }
    return readFormula(text, formatPath(path), locator(document, path));
  });
}

function scopeOf(axes: readonly Axis[], constants: ReadonlyMap<string, number>): Set<string> {
  const numeric = axes.filter(({ rule }) => isNumeric(rule) || rule.kind === 'truth');
  return new Set([...constants.keys(), ...numeric.map(({ alias }) => alias).filter((alias) => alias !== null)]);
}

function reasonsOf(axes: readonly Axis[]): Map<string, string> {
  return new Map(
    axes.map(({ name, alias }): [string, string] => [
      alias ?? aliasOf(name),
      alias === null ? 'could be one of several axes: only one may end in it' : 'is text, and has no value as a number',
    ]),
  );
}

/** Sorts derived axes so that each follows those it needs. @throws InputError that names a cycle. */
function derivedOrder(axes: readonly Axis[]): string[] {
  const byAlias = new Map(axes.map((axis) => [axis.alias, axis]));
  const ordered = new Set<string>();
  const visit = (axis: Axis, trail: readonly string[]): void => {
    if (axis.form.kind !== 'derived' || ordered.has(axis.name)) return;
    const from = trail.indexOf(axis.name);
    if (from >= 0) {
      const names = [...trail.slice(from), axis.name];
      const cycle = names.length > 8 ? [...names.slice(0, 7), '…', axis.name].join(' → ') : names.join(' → ');
      const what = trail.length - from === 1 ? `axis ${axis.name} is derived from itself` : `axes are derived from each other in a circle: ${cycle}`;
      throw new InputError(`${what}: one of them must have values`, axis.place);
    }
    for (const name of axis.form.formula.names) {
      const needed = byAlias.get(name);
      if (needed !== undefined) visit(needed, [...trail, axis.name]);
    }
    ordered.add(axis.name);
  };
  for (const axis of [...axes].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(axis, []);
  return [...ordered];
}
