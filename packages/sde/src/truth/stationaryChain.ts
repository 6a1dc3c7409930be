/**
 * The stationary law of a Markov chain with banded rates, by elimination without subtractions.
 *
 * Grassmann, Taksar & Heyman 1985, "Regenerative analysis and steady state distributions for Markov chains": states are taken out one by one and the
 * rates through them added to the others'. Nothing is subtracted, so every mass is positive and right to a few roundings, also in far tails
 * (O'Cinneide 1993). Cost: states × band² multiplications.
 */

/** Rates between states at most `band` apart. */
export interface BandedRates {
  readonly states: number;
  readonly band: number;
  /** [states × (2 band + 1)]: the rate from k to j at k·(2 band + 1) + j - k + band; ≥ 0, what stands on the diagonal is not read. Overwritten. */
  readonly rates: Float64Array;
}

/** Masses are scaled down once one is above this, so that none overflows; what is 1e-380 of the largest may become 0. */
const LARGEST = 1e80;

/**
 * Gives the stationary law, [states].
 *
 * @throws RangeError if a state leads to no earlier one, that is if the chain is not irreducible.
 */
export function stationaryChain({ states, band, rates }: BandedRates): Float64Array {
  const width = 2 * band + 1;
  for (let k = states - 1; k > 0; k--) {
    const first = Math.max(0, k - band);
    const row = k * width - k + band;
    let out = 0;
    for (let j = first; j < k; j++) out += rates[row + j];
    if (!(out > 0 && out < Number.POSITIVE_INFINITY))
      throw new RangeError(`rates must lead from every state to an earlier one, got ${out} from ${k}`);
    for (let i = first; i < k; i++) {
      const own = i * width - i + band;
      const share = rates[own + k] / out;
      rates[own + k] = share;
      if (share === 0) continue;
      for (let j = first; j < k; j++) rates[own + j] += share * rates[row + j];
    }
  }
  const law = new Float64Array(states);
  law[0] = 1;
  for (let k = 1; k < states; k++) {
    for (let i = Math.max(0, k - band); i < k; i++) law[k] += law[i] * rates[i * width - i + band + k];
    if (law[k] > LARGEST) for (let i = 0, by = 1 / law[k]; i <= k; i++) law[i] *= by;
  }
  const total = law.reduce((a, b) => a + b, 0);
  return law.map((mass) => mass / total);
}
