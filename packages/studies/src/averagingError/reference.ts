/**
 * The averaged coefficients where no closed form is known: tables of ergodic averages over batches of chains, and how far they may be off.
 */
import { type MomentsLayout, type MomentsRecord, mean } from '@ergoflow/runner';
import { coefficientsOf, type GridAxis, type Model, slowComponents, tableUniform } from '@ergoflow/sde';
import { BATCHES } from './estimate.ts';

/** How a reference is made. */
export interface ReferenceSettings {
  /** Step of the chains in the fast process's own time, and the length of their averages. */
  readonly step: number;
  readonly duration: number;
  readonly nodes: number;
  /** By slow component in order, [low, high]; null where the range is found by simulation. */
  readonly range: readonly (readonly [number, number])[] | null;
}

/** Layout of a range's moments: the largest and smallest value of each slow component. */
export function rangeLayout(model: Model): MomentsLayout {
  return { names: slowComponents(model).flatMap(({ label }) => [`${label} low`, `${label} high`]), pairs: [] };
}

/** Layout of a batch's moments: for each coefficient its value, and the difference of the steps, at every node. */
export function referenceLayout(model: Model, nodes: number): MomentsLayout {
  const count = nodes ** slowComponents(model).length;
  const names = coefficientsOf(model).flatMap(({ name }) =>
    ['value', 'step'].flatMap((what) => Array.from({ length: count }, (_, k) => `${what} ${name} ${k}`)),
  );
  return { names, pairs: [] };
}

/**
 * The grid of a reference: the range given, or what the pilot paths visited and half as much again on both sides.
 *
 * @throws RangeError if no pilot path survived.
 */
export function gridAxes(model: Model, { nodes, range }: ReferenceSettings, pilot: MomentsRecord | undefined): GridAxis[] {
  return slowComponents(model).map((_, k) => {
    if (range !== null) return { low: range[k][0], high: range[k][1], count: nodes };
    const [low, high] = [pilot?.minima[2 * k] ?? Number.NaN, pilot?.maxima[2 * k + 1] ?? Number.NaN];
    if (!(Number.isFinite(low) && Number.isFinite(high))) throw new RangeError('the pilot paths of the full system all failed: give reference.range');
    const margin = Math.max(0.5 * (high - low), 0.1, 0.01 * Math.abs(low));
    return { low: low - margin, high: high + margin, count: nodes };
  });
}

/**
 * Makes the tables by their uniforms' names: `averaged` the mean of all batches m; `batch k` moved by that batch's share of the mean's statistical error,
 * (m_k - m)/√(n(n-1)), n batches; `scheme` by what the step may have left, a step's length times the correction; `interpolation` by its error, 1/15 of the
 * difference to every second node as for a fourth-order method.
 *
 * Whole tables are moved, as the errors of neighbouring nodes, and of different coefficients, go together.
 *
 * @throws RangeError if all chains of a batch failed.
 */
export function referenceTables(
  model: Model,
  reference: ReferenceSettings,
  batches: readonly MomentsRecord[],
): Readonly<Record<string, Float64Array>> {
  const layout = referenceLayout(model, reference.nodes);
  const dimension = slowComponents(model).length;
  const count = reference.nodes ** dimension;
  const tables: Record<string, Float64Array> = {};
  for (const { name } of coefficientsOf(model)) {
    const read = (what: string): Float64Array[] =>
      batches.map((record) => Float64Array.from({ length: count }, (_, k) => mean(record, layout, `${what} ${name} ${k}`)));
    const [values, steps] = [read('value'), read('step')];
    const value = meanOf(values);
    if (!value.every(Number.isFinite)) throw new RangeError('chains of the frozen fast process failed: give a smaller reference.step');
    const step = meanOf(steps);
    const moved = (by: (k: number) => number): Float64Array => value.map((x, k) => x + by(k));
    const share = 1 / Math.sqrt(batches.length * (batches.length - 1));
    tables[tableUniform('averaged', name)] = value;
    for (const [b, own] of values.entries()) tables[tableUniform(BATCHES[b], name)] = moved((k) => share * (own[k] - value[k]));
    tables[tableUniform('scheme', name)] = moved((k) => reference.step * step[k]);
    tables[tableUniform('interpolation', name)] = moved((k) => interpolationError(value, reference.nodes, dimension, k));
  }
  return tables;
}

function meanOf(tables: readonly Float64Array[]): Float64Array {
  return tables[0].map((_, k) => tables.reduce((total, table) => total + table[k], 0) / tables.length);
}

/** The largest over the directions: the middle of four nodes two apart, by the cubic through them, against the node that stands there. */
function interpolationError(value: Float64Array, nodes: number, dimension: number, k: number): number {
  let largest = 0;
  for (let direction = 0, stride = 1; direction < dimension; direction++, stride *= nodes) {
    const index = Math.floor(k / stride) % nodes;
    const shift = Math.min(Math.max(index, 3), nodes - 4) - index;
    const at = (offset: number): number => value[k + (shift + offset) * stride];
    const error = ((-at(-3) + 9 * at(-1) + 9 * at(1) - at(3)) / 16 - at(0)) / 15;
    if (Math.abs(error) > Math.abs(largest)) largest = error;
  }
  return largest;
}
