/** The ways to write noise, brought to one: terms of processes by name. */
import { type Document, formatPath, InputError, listed, type Path, valueAt } from '@ergoflow/input';
import type { Expression } from '@ergoflow/kernels';
import { type Context, checkExpression, isZero, readExpression } from './expressions.ts';
import type { NoiseTerm } from './model.ts';
import type { Names } from './names.ts';
import type { GroupShape, VariableShape } from './schema.ts';

/** What the noise of a variable depends on. */
export interface NoiseSite {
  readonly document: Document;
  readonly names: Names;
  readonly context: Context;
  /** Sizes of all variables; undefined for scalars. */
  readonly variables: ReadonlyMap<string, number | undefined>;
  readonly group: 'slow' | 'fast';
}

/** A variable as the shape check left it. */
export interface NoiseOwner {
  readonly name: string;
  readonly shape: VariableShape;
  readonly path: Path;
}

/**
 * Reads the noise of one variable.
 *
 * @throws InputError for lists and matrices of a wrong shape, and for names of processes.
 */
export function readNoise(site: NoiseSite, { name, shape, path }: NoiseOwner): NoiseTerm[] {
  const { noise } = shape;
  const at = [...path, 'noise'];
  const isVector = shape.size !== undefined;
  const size = shape.size ?? 1;
  if (shape.processes !== undefined && !Array.isArray(noise)) {
    throw new InputError(
      `${formatPath(path)} names processes, which only noise in a list or a matrix needs`,
      site.document.placeOf([...path, 'processes'], 'key'),
    );
  }
  if (noise === undefined) return [];
  if (typeof noise === 'string' || typeof noise === 'number') return ownTerm(site, name, size, [{ path: at, size: isVector ? size : undefined }]);
  if (!Array.isArray(noise)) {
    return Object.keys(noise).flatMap((process) => namedTerm(site, name, process, [...at, process], isVector ? size : undefined));
  }
  const isMatrix = Array.isArray(noise[0]);
  const odd = noise.findIndex((row) => Array.isArray(row) !== isMatrix);
  if (odd >= 0)
    throw new InputError(
      `${formatPath([...at, odd])} must be ${isMatrix ? 'a list' : 'an expression'} like ${formatPath([...at, 0])}`,
      site.document.placeOf([...at, odd]),
    );
  if (!isMatrix && isVector) {
    if (shape.processes !== undefined) {
      const hint = 'a list gives each component its own process; write a matrix to name them';
      throw new InputError(`${formatPath(path)} cannot name processes: ${hint}`, site.document.placeOf([...path, 'processes'], 'key'));
    }
    needCount(site.document, at, noise.length, size, `a component of ${name}`);
    return ownTerm(
      site,
      name,
      size,
      noise.map((_, k) => ({ path: [...at, k], size: undefined })),
    );
  }
  const rows = isMatrix
    ? (noise as readonly (readonly unknown[])[]).map((row, k) => ({ path: [...at, k], count: row.length }))
    : [{ path: at, count: noise.length }];
  if (isMatrix) needCount(site.document, at, rows.length, size, `a component of ${name}`);
  const prefix = isVector ? name : site.group;
  const processes = columns(site, rows, shape.processes, [...path, 'processes'], prefix);
  return matrixTerms(site, rows, processes);
}

/**
 * Reads the noise of a whole group, by variable.
 *
 * @param owners The group's variables in order; none may have noise of its own.
 */
export function readGroupNoise(site: NoiseSite, shape: GroupShape, owners: readonly NoiseOwner[]): ReadonlyMap<string, NoiseTerm[]> {
  const at = [site.group, 'noise'];
  const base = owners[0]?.path.slice(0, -2) ?? [];
  const path = [...base, ...at];
  const own = owners.find((owner) => owner.shape.noise !== undefined);
  if (own !== undefined) {
    throw new InputError(
      `${formatPath(own.path)} has noise of its own, but the matrix ${formatPath(path)} is for all: one of them is allowed`,
      site.document.placeOf([...own.path, 'noise'], 'key'),
    );
  }
  const matrix = shape.noise ?? [];
  const total = owners.reduce((sum, owner) => sum + (owner.shape.size ?? 1), 0);
  needCount(site.document, path, matrix.length, total, `a component of ${listed(owners.map(({ name }) => name))}`);
  const rows = matrix.map((row, k) => ({ path: [...path, k], count: row.length }));
  const processes = columns(site, rows, shape.processes, [...base, site.group, 'processes'], site.group);
  let first = 0;
  return new Map(
    owners.map((owner) => {
      const size = owner.shape.size ?? 1;
      first += size;
      return [owner.name, matrixTerms(site, rows.slice(first - size, first), processes)];
    }),
  );
}

interface Entry {
  readonly path: Path;
  readonly size: number | undefined;
}

interface Row {
  readonly path: Path;
  readonly count: number;
}

function ownTerm(site: NoiseSite, process: string, processSize: number, entries: readonly Entry[]): NoiseTerm[] {
  const coefficients = entries.map((entry) => coefficient(site, entry));
  return entries.every(({ path }) => isZero(site.document, path)) ? [] : [{ process, processSize, coefficients }];
}

function coefficient({ document, context }: NoiseSite, { path, size }: Entry): Expression {
  const expression = readExpression(document, path);
  checkExpression(document, path, expression, context, size);
  return expression;
}

/** `noise: {W: …}`: the variable's own process under its own name, else a scalar process that others may share. */
function namedTerm(site: NoiseSite, owner: string, process: string, path: Path, size: number | undefined): NoiseTerm[] {
  site.names.process(process, path, 'key');
  const isOwn = process === owner;
  if (!isOwn && site.variables.get(process) !== undefined) {
    throw new InputError(
      `process ${process} belongs to the components of the vector ${process}, so ${owner} cannot share it: give it a name of its own`,
      site.document.placeOf(path, 'key'),
    );
  }
  return ownTerm(site, process, isOwn ? (size ?? 1) : 1, [{ path, size }]);
}

/** Checks that all rows are equally long, and names the columns. */
function columns(site: NoiseSite, rows: readonly Row[], given: readonly string[] | undefined, givenPath: Path, prefix: string): readonly string[] {
  const { document } = site;
  const width = rows[0].count;
  const odd = rows.find(({ count }) => count !== width);
  if (odd !== undefined)
    throw new InputError(
      `${formatPath(odd.path)} has length ${odd.count}: length ${width} is needed, as in the first row`,
      document.placeOf(odd.path),
    );
  if (given === undefined) return Array.from({ length: width }, (_, k) => `${prefix}.W${k + 1}`);
  needCount(document, givenPath, given.length, width, 'a column of the noise');
  for (const [k, process] of given.entries()) {
    site.names.process(process, [...givenPath, k], 'value');
    if (site.variables.get(process) !== undefined) {
      throw new InputError(
        `process ${process} belongs to the components of the vector ${process}: give the column a name of its own`,
        document.placeOf([...givenPath, k]),
      );
    }
    if (given.indexOf(process) !== k)
      throw new InputError(`process ${process} is given twice: columns need names that differ`, document.placeOf([...givenPath, k]));
  }
  return given;
}

/** The terms of one variable: a column each, those of zeros left out. */
function matrixTerms(site: NoiseSite, rows: readonly Row[], processes: readonly string[]): NoiseTerm[] {
  return processes.flatMap((process, column) =>
    ownTerm(
      site,
      process,
      1,
      rows.map(({ path }) => ({ path: [...path, column], size: undefined })),
    ),
  );
}

function needCount(document: Document, path: Path, count: number, needed: number, each: string): void {
  if (count === needed) return;
  throw new InputError(
    `${formatPath(path)} has ${count} ${count === 1 ? 'entry' : 'entries'}: ${needed} ${needed === 1 ? 'is' : 'are'} needed, one for ${each}`,
    document.placeOf(path),
  );
}

/** True if there is a noise at a path at all. */
export function isUnknown(document: Document, path: Path): boolean {
  const value = valueAt(document.value, path);
  return typeof value === 'string' && value.trim() === 'unknown';
}
