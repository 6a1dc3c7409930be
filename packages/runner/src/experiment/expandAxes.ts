/** From axes to cells: counted first, then built, guarded, checked and sorted, so that the order in the file has no influence. */
import { InputError } from '@ergoflow/input';
import type { Axes, Axis } from './axes.ts';
import { type AxisValue, compareValues, valueProblem } from './axisValue.ts';
import { designCoordinates, independentDraws, quantile } from './designs.ts';
import { canonicalFormula, type Formula, formulaHolds, formulaValue } from './formula.ts';
import { gridSize, gridValues } from './grids.ts';
import { mostReplicates, type Replicates } from './replicates.ts';

/** One point of the axes. */
export interface Cell {
  /** By axis, in order of names. */
  readonly axes: Readonly<Record<string, AxisValue>>;
}

/** What the axes amount to. */
export interface Expansion {
  /** Sorted by the study's axes, then by the others in order of names; numbers ascending, text by code point. */
  readonly cells: readonly Cell[];
  readonly replicates: Replicates;
  /** Points before guards. */
  readonly points: number;
  /** What each guard dropped; a point counts for the first one that drops it. */
  readonly dropped: readonly { readonly where: string; readonly count: number }[];
}

/** More cells than anyone looks at, and still quickly sorted. */
const MOST_POINTS = 1_000_000n;

/** More replicates in all than a machine runs in a month of short paths. */
const MOST_REPLICATES = 1_000_000_000n;

/** Axes that vary together: one, the axes of a zip, or all sampled ones. */
interface Dimension {
  readonly axes: readonly Axis[];
  readonly size: bigint;
  /** Gives the values, by axis. */
  readonly columns: () => readonly (readonly AxisValue[])[];
}

/**
 * Counts the points of the axes, sampled axes and zips counted once.
 *
 * @throws InputError if there are more than a million, or more than 10^9 replicates in all; nothing is built before.
 */
export function countPoints(axes: Axes): number {
  const dimensions = dimensionsOf(axes);
  const points = dimensions.reduce((product, { size }) => product * size, 1n);
  const sizes = dimensions
    .filter(({ size }) => size > 1n)
    .map((dimension) => `${firstFew(dimension.axes.map(({ name }) => name)).join('+')} ${shown(dimension.size)}`);
  if (points > MOST_POINTS) {
    const largest = dimensions.reduce((a, b) => (b.size > a.size ? b : a));
    throw new InputError(
      `the axes have ${shown(points)} points (${firstFew(sizes).join(' × ')}): at most ${MOST_POINTS} are allowed`,
      largest.axes[0].place,
    );
  }
  const { replicates } = axes;
  const each = replicates.kind === 'count' ? mostReplicates(replicates) : replicates.min;
  const total = points * BigInt(each);
  if (total > MOST_REPLICATES) {
    throw new InputError(`${points} points with ${each} replicates each are ${total} replicates: at most ${MOST_REPLICATES} are allowed`, axes.place);
  }
  return Number(points);
}

/** Messages show this many of a list. */
const firstFew = (items: readonly string[]): string[] => (items.length > 6 ? [...items.slice(0, 6), '…'] : [...items]);

/** Numbers of points can have hundreds of digits. */
const shown = (count: bigint): string => {
  const digits = `${count}`;
  return digits.length <= 21 ? digits : `about ${digits[0]}.${digits.slice(1, 3)}e${digits.length - 1}`;
};

/**
 * Expands axes to cells.
 *
 * @throws InputError as {@link countPoints}; for values that an axis' rule does not allow (with the point, for derived axes); if guards drop all points.
 */
export function expandAxes(axes: Axes): Expansion {
  const points = countPoints(axes);
  const rows = pointsOf(axes, points);
  const dropped = axes.guards.map((guard) => ({ where: canonicalFormula(guard), count: 0 }));
  const kept: AxisValue[][] = [];
  const values = new Map(axes.constants);
  const derived = derivedAxes(axes);
  for (const row of rows) {
    axes.axes.forEach(({ alias, form }, k) => {
      if (alias !== null && form.kind !== 'derived' && typeof row[k] !== 'string') values.set(alias, Number(row[k]));
    });
    for (const { axis, index, formula } of derived) {
      const value = formulaValue(formula, values) + 0;
      row[index] = value;
      if (axis.alias !== null) values.set(axis.alias, value);
    }
    const guard = axes.guards.findIndex((one) => !formulaHolds(one, values));
    if (guard >= 0) {
      dropped[guard].count += 1;
      continue;
    }
    for (const { axis, index } of derived) checkDerived(axes, axis, row, index);
    kept.push(row);
  }
  if (kept.length === 0) {
    const shares = dropped.map(({ where, count }) => `${where} drops ${count}`).join(', ');
    throw new InputError(`where leaves none of ${points} points: ${shares}`, axes.guards[0].locate(0));
  }
  return { cells: sortedCells(axes, kept), replicates: axes.replicates, points, dropped };
}

interface DerivedAxis {
  readonly axis: Axis;
  readonly index: number;
  readonly formula: Formula;
}

function derivedAxes({ axes, derived }: Axes): DerivedAxis[] {
  return derived.map((name) => {
    const index = axes.findIndex((axis) => axis.name === name);
    const axis = axes[index];
    return { axis, index, formula: (axis.form as Extract<Axis['form'], { kind: 'derived' }>).formula };
  });
}

function checkDerived(axes: Axes, axis: Axis, row: readonly AxisValue[], index: number): void {
  const problem = valueProblem(axis.rule, row[index]);
  if (problem === null) return;
  const point = axes.axes.map(({ name, form }, k) => (form.kind === 'derived' ? '' : `${name} = ${row[k]}`)).filter((text) => text !== '');
  throw new InputError(`axis ${axis.name} ${problem} (at ${firstFew(point).join(', ')})`, axis.place);
}

function dimensionsOf({ axes, zips, design, seed }: Axes): Dimension[] {
  const zipped = new Set(zips.flatMap(({ names }) => names));
  const dimensions: Dimension[] = [];
  for (const axis of axes) {
    if (zipped.has(axis.name) || axis.form.kind === 'derived' || axis.form.kind === 'sampled') continue;
    dimensions.push({ axes: [axis], size: sizeOf(axis), columns: () => [column(axis, seed)] });
  }
  for (const { names } of zips) {
    const members = axes.filter(({ name }) => names.includes(name));
    dimensions.push({ axes: members, size: sizeOf(members[0]), columns: () => members.map((axis) => column(axis, seed)) });
  }
  if (design !== null) {
    const members = axes.filter(({ form }) => form.kind === 'sampled');
    const columns = (): AxisValue[][] =>
      members.map((axis, rank) => {
        const { distribution } = axis.form as Extract<Axis['form'], { kind: 'sampled' }>;
        return allowed(
          axis,
          designCoordinates(design, seed, axis.name, rank).map((u) => quantile(distribution, u)),
        );
      });
    dimensions.push({ axes: members, size: BigInt(design.points), columns });
  }
  return dimensions;
}

function sizeOf({ form }: Axis): bigint {
  switch (form.kind) {
    case 'values':
      return BigInt(form.values.length);
    case 'grid':
      return gridSize(form.grid);
    case 'draws':
      return BigInt(form.count);
    default:
      return 1n;
  }
}

function column(axis: Axis, seed: number): readonly AxisValue[] {
  const { form } = axis;
  switch (form.kind) {
    case 'values':
      return form.values;
    case 'grid':
      return allowed(axis, gridValues(form.grid));
    case 'draws':
      return allowed(
        axis,
        independentDraws(seed, axis.name, form.count).map((u) => quantile(form.distribution, u)),
      );
    default:
      return [];
  }
}

/** Checks computed values; written ones were checked where they stand. */
function allowed(axis: Axis, values: readonly number[]): AxisValue[] {
  return values.map((value) => {
    const problem = valueProblem(axis.rule, value);
    if (problem !== null) throw new InputError(`axis ${axis.name} ${problem}`, axis.place);
    return value + 0;
  });
}

/** Builds all points: by row, values in order of `axes.axes`; those of derived axes are still 0. */
function pointsOf(axes: Axes, count: number): AxisValue[][] {
  const indices = new Map(axes.axes.map(({ name }, k) => [name, k]));
  const dimensions = dimensionsOf(axes).map((dimension) => ({
    size: Number(dimension.size),
    parts: dimension.columns().map((values, k) => ({ values, index: indices.get(dimension.axes[k].name) as number })),
  }));
  return Array.from({ length: count }, (_, point) => {
    const row: AxisValue[] = new Array(axes.axes.length).fill(0);
    let left = point;
    for (const { size, parts } of dimensions) {
      const at = left % size;
      left = (left - at) / size;
      for (const { values, index } of parts) row[index] = values[at];
    }
    return row;
  });
}

function sortedCells({ axes, priority, place }: Axes, rows: AxisValue[][]): Cell[] {
  const rank = (name: string): number => (priority.includes(name) ? priority.indexOf(name) : priority.length);
  const order = axes.map((_, k) => k).sort((a, b) => rank(axes[a].name) - rank(axes[b].name) || a - b);
  const compare = (a: readonly AxisValue[], b: readonly AxisValue[]): number => {
    for (const k of order) {
      if (a[k] !== b[k]) return compareValues(a[k], b[k]);
    }
    return 0;
  };
  rows.sort(compare);
  for (let k = 1; k < rows.length; k += 1) {
    if (compare(rows[k - 1], rows[k]) !== 0) continue;
    const point = firstFew(axes.map(({ name }, j) => `${name} = ${rows[k][j]}`));
    throw new InputError(`the point ${point.join(', ')} occurs twice: each is allowed once`, place);
  }
  const names = axes.map(({ name }) => name);
  return rows.map((row) => {
    const values: Record<string, AxisValue> = {};
    for (let k = 0; k < names.length; k += 1) values[names[k]] = row[k];
    return { axes: values };
  });
}
