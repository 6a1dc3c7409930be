/** Weighted geometric means by the reproducible powers of kernels. */
import { evaluate, parseExpression } from '@ergoflow/kernels';

const BY_RATIO = parseExpression('low*(high/low)^share');
const BY_POWERS = parseExpression('low^(1 - share)*high^share');

/**
 * low^(1-share)·high^share, within [low, high] and some units in the last place off.
 *
 * @param low above 0; `high` may be below it.
 * @param share in [0, 1]
 */
export function geometricMean(low: number, high: number, share: number): number {
  const ratio = high / low;
  // The quotient is the better way, but may leave the range of doubles.
  const formula = ratio > 1e-300 && ratio < 1e300 ? BY_RATIO : BY_POWERS;
  const value = evaluate(
    formula,
    new Map([
      ['low', low],
      ['high', high],
      ['share', share],
    ]),
  );
  return Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
}
