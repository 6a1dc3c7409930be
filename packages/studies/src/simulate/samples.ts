/** Sums over the samples of paths: means, shares of bins, and products at lags. */
import { type Histogram, type Lags, nameOf, type StationaryQuantities } from './quantities.ts';

/** Gathers samples of a block of paths. */
export interface Samples {
  /** Takes one sample: by expression, [lanes]. */
  add(values: ReadonlyMap<string, Float64Array>): void;
  /** The averages over the samples: by observable, [lanes]. */
  averages(): ReadonlyMap<string, Float64Array>;
}

/** Starts with no samples. */
export function samplesAccumulator({ observe, density, autocorrelation }: StationaryQuantities, lanes: number): Samples {
  let samples = 0;
  const means = observe.map(() => new Float64Array(lanes));
  const histograms = density.map((histogram) => histogramAccumulator(histogram, lanes));
  const products = autocorrelation.map((lags) => lagAccumulator(lags, lanes));
  return {
    add(values) {
      samples++;
      const valuesOf = (text: string): Float64Array => values.get(text) as Float64Array;
      for (const [k, text] of observe.entries()) accumulate(means[k], valuesOf(text));
      for (const [k, { of }] of density.entries()) histograms[k].add(valuesOf(of));
      for (const [k, { of }] of autocorrelation.entries()) products[k].add(valuesOf(of));
    },
    averages: () =>
      new Map([
        ...means.map((sum, k): [string, Float64Array] => [nameOf.stationary(k), scaled(sum, samples)]),
        ...histograms.flatMap(({ counts }, k) => counts.map((count, bin): [string, Float64Array] => [nameOf.bin(k, bin), scaled(count, samples)])),
        ...products.flatMap(({ averages }, k) => averages(k)),
      ]),
  };
}

function histogramAccumulator({ low, high, bins }: Histogram, lanes: number) {
  const counts = Array.from({ length: bins }, () => new Float64Array(lanes));
  const perWidth = bins / (high - low);
  return {
    counts,
    add(values: Float64Array): void {
      for (let lane = 0; lane < lanes; lane++) {
        const bin = Math.floor((values[lane] - low) * perWidth);
        if (bin >= 0 && bin < bins) counts[bin][lane]++;
      }
    },
  };
}

function lagAccumulator({ spacing, lags }: Lags, lanes: number) {
  const longest = lags * spacing;
  const kept = Array.from({ length: longest + 1 }, () => new Float64Array(lanes));
  const first: Float64Array[] = [];
  const total = new Float64Array(lanes);
  const sums = Array.from({ length: lags + 1 }, () => new Float64Array(lanes));
  let seen = 0;
  return {
    add(values: Float64Array): void {
      accumulate(total, values);
      if (first.length < longest) first.push(values.slice());
      kept[seen % kept.length].set(values);
      for (let lag = 0; lag <= lags && lag * spacing <= seen; lag++) {
        const [sum, earlier] = [sums[lag], kept[(seen - lag * spacing) % kept.length]];
        for (let lane = 0; lane < lanes; lane++) sum[lane] += values[lane] * earlier[lane];
      }
      seen++;
    },
    averages(k: number): [string, Float64Array][] {
      const outer = new Float64Array(lanes);
      const found: [string, Float64Array][] = [
        [nameOf.level(k), scaled(total, seen)],
        [nameOf.product(k, 0), scaled(sums[0], seen)],
      ];
      for (let shift = 1; shift <= longest; shift++) {
        // Products at this shift lack a second factor among the first samples, and a first one among the last.
        accumulate(outer, first[shift - 1]);
        accumulate(outer, kept[(seen - shift) % kept.length]);
        if (shift % spacing !== 0) continue;
        const factors = total.map((value, lane) => (value - outer[lane] / 2) / (seen - shift));
        found.push([nameOf.product(k, shift / spacing), scaled(sums[shift / spacing], seen - shift)], [nameOf.factor(k, shift / spacing), factors]);
      }
      return found;
    },
  };
}

function accumulate(sum: Float64Array, values: Float64Array): void {
  for (let lane = 0; lane < sum.length; lane++) sum[lane] += values[lane];
}

const scaled = (sum: Float64Array, count: number): Float64Array => sum.map((value) => value / count);
