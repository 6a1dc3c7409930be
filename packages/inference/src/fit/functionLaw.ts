/**
 * Laws that depend on the slow state, as laws of functions: y(x) = mean + scale · Σ_k a_k ζ_k T_k(c(x)), c the slow state in units of the visited range.
 *
 * A weighted set of such functions gives a law at each x, and the averages at all nodes stay linear in the weights; so reference, evidence and exact
 * solution are those of laws of y alone, on coefficients ζ instead of values y. Chebyshev polynomials of each slow component up to degree 3, each
 * half as wide as the one before: a reference that is smooth, not constant.
 */
import type { Model } from '@ergoflow/sde';
import type { Points } from '../convex/candidates.ts';
import { evaluateCoefficients } from '../equations/evaluateCoefficients.ts';

/** Widths a_k: of the constant, and of the polynomials of degree 1 to 3. */
const WIDTHS = [1, 1, 0.5, 0.25] as const;

/** Coefficients ζ for each fast component. */
export const functionTerms = (slowDimension: number): number => 1 + slowDimension * (WIDTHS.length - 1);

/** The slow state in units of the visited range. */
export interface Context {
  /** [dx] */
  readonly middle: readonly number[];
  readonly half: readonly number[];
}

/** Σ_k a_k ζ_k T_k at one slow state: the factors of ζ. */
function factorsAt({ middle, half }: Context, state: readonly number[]): number[] {
  const out: number[] = [WIDTHS[0]];
  for (const [p, x] of state.entries()) {
    const c = (x - middle[p]) / half[p];
    let [before, now] = [1, c];
    for (let k = 1; k < WIDTHS.length; k++) {
      out.push(WIDTHS[k] * now);
      [before, now] = [now, 2 * c * now - before];
    }
  }
  return out;
}

/** Values [d] of [M] at a slow state of functions given by coefficients, [d · terms] of [M]. */
export function functionValues(coefficients: Points, context: Context, state: readonly number[]): Points {
  const factors = factorsAt(context, state);
  const terms = factors.length;
  return Array.from({ length: coefficients.length / terms }, (_, j) =>
    Float64Array.from({ length: coefficients[0].length }, (_unused, m) => {
      let value = 0;
      for (let k = 0; k < terms; k++) value += factors[k] * coefficients[j * terms + k][m];
      return value;
    }),
  );
}

/** Rows of the coefficients at nodes, each with its own fast states: [M × parts · n], part after part. */
export function ownTable(
  model: Model,
  parameters: ReadonlyMap<string, number>,
  nodes: readonly Float64Array[],
  want: 'drift' | 'both',
  fastAt: (node: number) => Points,
): Float64Array {
  const n = nodes[0].length;
  let table = new Float64Array(0);
  for (let i = 0; i < n; i++) {
    const slow = nodes.map((values) => values.subarray(i, i + 1));
    const { drift, diffusion } = evaluateCoefficients({ model, parameters, slow, fast: fastAt(i), want });
    const parts = [...drift, ...diffusion];
    const samples = parts[0].length;
    const size = parts.length * n;
    if (i === 0) table = new Float64Array(samples * size);
    for (const [c, values] of parts.entries()) for (let m = 0; m < samples; m++) table[m * size + c * n + i] = values[m];
  }
  return table;
}
