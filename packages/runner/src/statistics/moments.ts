/** Mergeable moments of several observables: exact sums of values and products, so that any partition of the replicates gives the same record. */
import { addExactly, addPartials, addProductExactly, canonical, exactTotal, type Partials, SCALE } from './exactSum.ts';
import { roundFraction } from './roundFraction.ts';

/** Which moments are kept. */
export interface MomentsLayout {
  /** The observables. */
  readonly names: readonly string[];
  /** Pairs of indices whose products are summed; [k, k] for a variance. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** The moments of a number of replicates; plain data. It depends on the replicates alone: not on their order, nor on how they were merged. */
export interface MomentsRecord {
  readonly count: number;
  readonly sums: readonly Partials[];
  readonly products: readonly Partials[];
  /** By observable; empty without replicates. 0 stands for -0 too. */
  readonly minima: readonly number[];
  readonly maxima: readonly number[];
}

/** Gathers moments. */
export interface MomentsAccumulator {
  /**
   * Adds one replicate: [observables].
   *
   * @throws RangeError for values, and products of the layout's pairs, that are NaN or larger in size than 2^970 ≈ 9.98e291.
   */
  add(values: Float64Array): void;
  record(): MomentsRecord;
}

/** Starts with no replicates. */
export function momentsAccumulator({ names, pairs }: MomentsLayout): MomentsAccumulator {
  let count = 0;
  const sums: Partials[] = names.map(() => []);
  const products: Partials[] = pairs.map(() => []);
  const minima = names.map(() => Number.POSITIVE_INFINITY);
  const maxima = names.map(() => Number.NEGATIVE_INFINITY);
  return {
    add(values) {
      count++;
      for (let k = 0; k < names.length; k++) {
        addExactly(sums[k], values[k]);
        // -0 and 0 are one value; which of them came first must not show.
        const value = values[k] + 0;
        if (value < minima[k]) minima[k] = value;
        if (value > maxima[k]) maxima[k] = value;
      }
      for (let k = 0; k < pairs.length; k++) addProductExactly(products[k], values[pairs[k][0]], values[pairs[k][1]]);
    },
    record: () => ({
      count,
      sums: sums.map(canonical),
      products: products.map(canonical),
      minima: count === 0 ? [] : [...minima],
      maxima: count === 0 ? [] : [...maxima],
    }),
  };
}

/**
 * Merges records of one layout.
 *
 * @param records At least one.
 * @throws RangeError if they differ in their number of observables or products.
 */
export function mergeRecords(records: readonly MomentsRecord[]): MomentsRecord {
  const [{ sums, products }] = records;
  for (const other of records) {
    if (other.sums.length === sums.length && other.products.length === products.length) continue;
    throw new RangeError(
      `moments must have ${sums.length} observables and ${products.length} products, got ${other.sums.length} and ${other.products.length}`,
    );
  }
  const filled = records.filter(({ count }) => count > 0);
  const total = (k: number, of: 'sums' | 'products'): Partials => {
    const partials: Partials = [];
    for (const record of filled) addPartials(partials, record[of][k]);
    return canonical(partials);
  };
  const extreme = (of: 'minima' | 'maxima', beats: (a: number, b: number) => boolean): number[] =>
    filled.length === 0
      ? []
      : sums.map((_, k) => filled.reduce((best, record) => (beats(record[of][k], best) ? record[of][k] : best), filled[0][of][k]));
  return {
    count: filled.reduce((sum, { count }) => sum + count, 0),
    sums: sums.map((_, k) => total(k, 'sums')),
    products: products.map((_, k) => total(k, 'products')),
    minima: extreme('minima', (a, b) => a < b),
    maxima: extreme('maxima', (a, b) => a > b),
  };
}

/** Mean of an observable, correctly rounded; NaN without replicates. */
export function mean(record: MomentsRecord, layout: MomentsLayout, name: string): number {
  if (record.count === 0) return Number.NaN;
  return roundFraction(exactTotal(record.sums[indexOf(layout, name)]), BigInt(record.count) << SCALE);
}

/** Unbiased variance of an observable, as {@link covariance}; never below 0. */
export function variance(record: MomentsRecord, layout: MomentsLayout, name: string): number {
  // Squares below 2^-969 are rounded, which could tip the difference of two equal sums.
  return Math.max(0, covariance(record, layout, name, name));
}

/**
 * Unbiased covariance of two observables whose product the layout lists, (Σab - ΣaΣb/n)/(n - 1); NaN for fewer than two replicates.
 *
 * Correctly rounded where no product is below 2^-969 ≈ 2e-292 in size (but for 0), else at most 2^-1071 off besides.
 */
export function covariance(record: MomentsRecord, layout: MomentsLayout, a: string, b: string): number {
  if (record.count < 2) return Number.NaN;
  const [i, j] = [indexOf(layout, a), indexOf(layout, b)];
  const pair = layout.pairs.findIndex(([p, q]) => (p === i && q === j) || (p === j && q === i));
  if (pair < 0) throw new RangeError(`the product of ${a} and ${b} must be listed in the layout`);
  const n = BigInt(record.count);
  // Over the common denominator; sums carry 2^SCALE each.
  const top = n * (exactTotal(record.products[pair]) << SCALE) - exactTotal(record.sums[i]) * exactTotal(record.sums[j]);
  return roundFraction(top, (n * (n - 1n)) << (2n * SCALE));
}

function indexOf({ names }: MomentsLayout, name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new RangeError(`the layout must have the observable ${name}; it has ${names.slice(0, 20).join(', ')}`);
  return index;
}
