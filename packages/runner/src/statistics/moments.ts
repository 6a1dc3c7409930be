/** Mergeable moments of several observables: exact sums of values and products, so that any partition of the replicates gives the same bits. */
import { addExactly, addProductExactly, exactTotal, type Partials, roundFraction, SCALE } from './exactSum.ts';

/** Which moments are kept. */
export interface MomentsLayout {
  /** The observables. */
  readonly names: readonly string[];
  /** Pairs of indices whose products are summed; [k, k] for a variance. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** The moments of a number of replicates; plain data. */
export interface MomentsRecord {
  readonly count: number;
  readonly sums: readonly Partials[];
  readonly products: readonly Partials[];
  readonly minima: readonly number[];
  readonly maxima: readonly number[];
}

/** Gathers moments. */
export interface MomentsAccumulator {
  /** Adds one replicate: [observables], all finite. */
  add(values: Float64Array): void;
  /** Adds what another accumulator of the same layout gathered. */
  merge(record: MomentsRecord): void;
  record(): MomentsRecord;
}

/** Starts with no replicates. */
export function momentsAccumulator({ names, pairs }: MomentsLayout): MomentsAccumulator {
  let count = 0;
  const sums: Partials[] = names.map(() => []);
  const products: Partials[] = pairs.map(() => []);
  const minima = names.map(() => Number.POSITIVE_INFINITY);
  const maxima = names.map(() => Number.NEGATIVE_INFINITY);
  const extremes = (low: readonly number[], high: readonly number[]): void => {
    for (let k = 0; k < names.length; k++) {
      minima[k] = Math.min(minima[k], low[k]);
      maxima[k] = Math.max(maxima[k], high[k]);
    }
  };
  return {
    add(values) {
      count++;
      for (let k = 0; k < names.length; k++) {
        addExactly(sums[k], values[k]);
        if (values[k] < minima[k]) minima[k] = values[k];
        if (values[k] > maxima[k]) maxima[k] = values[k];
      }
      for (let k = 0; k < pairs.length; k++) addProductExactly(products[k], values[pairs[k][0]], values[pairs[k][1]]);
    },
    merge(record) {
      if (record.sums.length !== names.length || record.products.length !== pairs.length) {
        throw new RangeError(
          `moments must have ${names.length} observables and ${pairs.length} products, got ${record.sums.length} and ${record.products.length}`,
        );
      }
      if (record.count === 0) return;
      count += record.count;
      for (const [k, partials] of record.sums.entries()) for (const partial of partials) addExactly(sums[k], partial);
      for (const [k, partials] of record.products.entries()) for (const partial of partials) addExactly(products[k], partial);
      extremes(record.minima, record.maxima);
    },
    record: () => ({
      count,
      sums: sums.map((partials) => [...partials]),
      products: products.map((partials) => [...partials]),
      minima: count === 0 ? [] : [...minima],
      maxima: count === 0 ? [] : [...maxima],
    }),
  };
}

/** Mean of an observable, correctly rounded; NaN without replicates. */
export function mean(record: MomentsRecord, layout: MomentsLayout, name: string): number {
  if (record.count === 0) return Number.NaN;
  return roundFraction(exactTotal(record.sums[indexOf(layout, name)]), BigInt(record.count) << SCALE);
}

/** Unbiased variance of an observable, correctly rounded; NaN for fewer than two replicates. */
export function variance(record: MomentsRecord, layout: MomentsLayout, name: string): number {
  return covariance(record, layout, name, name);
}

/** Unbiased covariance of two observables whose product the layout lists, correctly rounded; NaN for fewer than two replicates. */
export function covariance(record: MomentsRecord, layout: MomentsLayout, a: string, b: string): number {
  if (record.count < 2) return Number.NaN;
  const [i, j] = [indexOf(layout, a), indexOf(layout, b)];
  const pair = layout.pairs.findIndex(([p, q]) => (p === i && q === j) || (p === j && q === i));
  if (pair < 0) throw new RangeError(`the product of ${a} and ${b} must be listed in the layout`);
  const n = BigInt(record.count);
  // (Σab - ΣaΣb/n)/(n - 1) over the common denominator; sums carry 2^SCALE each.
  const top = n * (exactTotal(record.products[pair]) << SCALE) - exactTotal(record.sums[i]) * exactTotal(record.sums[j]);
  return roundFraction(top, (n * (n - 1n)) << (2n * SCALE));
}

function indexOf({ names }: MomentsLayout, name: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw new RangeError(`the layout must have the observable ${name}; it has ${names.slice(0, 20).join(', ')}`);
  return index;
}
