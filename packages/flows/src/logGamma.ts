/**
 * ln Γ(x) for x > 0: Stirling's series at x + n ≥ 12, and Γ(x) = Γ(x + n)/(x (x+1) … (x+n-1)).
 *
 * Abramowitz & Stegun 1964, 6.1.40; the first term left out is below 2e-16 at 12.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { HALF_LOG_TWO_PI } from './bases/normal.ts';

const log = scalarFunction('log');

/** Computes ln Γ(x) within 1e-14·max(1, |ln Γ(x)|); x > 0, not checked. */
export function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < 12) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  const series = SERIES.reduceRight((sum, coefficient) => sum * square + coefficient, 0) * inverse;
  return (shifted - 0.5) * log(shifted) - shifted + HALF_LOG_TWO_PI + series - log(product);
}

/** B₂ₖ/(2k (2k-1)), k = 1, 2, …. */
const SERIES = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
