/** The quadratic statistics as a function: NLL, gradient and products, for drifts stacked as [dx × n], component after component. */
import type { QuadraticStatistics } from './quadratic.ts';

/** Number of values of a stacked drift. */
export const stackedSize = ({ nodes, moment }: QuadraticStatistics): number => moment.length * nodes[0].length;

/** G b̄, stacked. */
export function gramTimes({ nodes, gram }: QuadraticStatistics, drift: Float64Array): Float64Array {
  const n = nodes[0].length;
  const out = new Float64Array(drift.length);
  for (const [p, row] of gram.entries()) {
    for (const [q, block] of row.entries()) {
      for (let i = 0; i < n; i++) {
        let total = 0;
        for (let j = 0; j < n; j++) total += block[i * n + j] * drift[q * n + j];
        out[p * n + i] += total;
      }
    }
  }
  return out;
}

/** v, stacked. */
export function stackedMoment({ nodes, moment }: QuadraticStatistics): Float64Array {
  const n = nodes[0].length;
  const out = new Float64Array(moment.length * n);
  for (const [p, values] of moment.entries()) out.set(values, p * n);
  return out;
}

/** NLL(b̄) in nats. */
export function quadraticNll(statistics: QuadraticStatistics, drift: Float64Array): number {
  return statistics.zeroDrift + inner(gramTimes(statistics, drift), drift) / 2 - inner(stackedMoment(statistics), drift);
}

/** Σ a_k b_k. */
export function inner(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * b[k];
  return total;
}

/**
 * The same statistics for drifts b̄ = Σ_k c_k f_k of few terms: gram [r × r] and moment [r] of the coefficients, as one component.
 *
 * @param functions [r] of [dx·n], stacked.
 * @returns gram [r × r] row by row, moment [r].
 */
export function compress(
  statistics: QuadraticStatistics,
  functions: readonly Float64Array[],
): { readonly gram: Float64Array; readonly moment: Float64Array } {
  const rank = functions.length;
  const gram = new Float64Array(rank * rank);
  const moment = stackedMoment(statistics);
  for (const [a, f] of functions.entries()) {
    const product = gramTimes(statistics, f);
    for (const [b, h] of functions.entries()) gram[a * rank + b] = inner(product, h);
  }
  return { gram, moment: Float64Array.from(functions, (f) => inner(moment, f)) };
}
