/**
 * Sobol' points in up to 21 dimensions, in Gray-code order.
 *
 * Sources: Sobol' 1967 (doi:10.1016/0041-5553(67)90144-9); Antonov & Saleev 1979 (Gray code, doi:10.1016/0041-5553(79)90085-5); primitive polynomials and
 * initial direction numbers of Joe & Kuo 2008 (doi:10.1137/070709359), their table new-joe-kuo-6, first 21 dimensions.
 */

/** Dimensions there are direction numbers for. */
export const SOBOL_DIMENSIONS = 21;

/** Bits of a coordinate. */
const BITS = 32;

/** From the second dimension on: the polynomial's inner coefficients as a binary number, then m_1, m_2, …, as many as its degree. */
const JOE_KUO: readonly (readonly [number, ...number[]])[] = [
  [0, 1],
  [1, 1, 3],
  [1, 1, 3, 1],
  [2, 1, 1, 1],
  [1, 1, 1, 3, 3],
  [4, 1, 3, 5, 13],
  [2, 1, 1, 5, 5, 17],
  [4, 1, 1, 5, 5, 5],
  [7, 1, 1, 7, 11, 19],
  [11, 1, 1, 5, 1, 1],
  [13, 1, 1, 1, 3, 11],
  [14, 1, 3, 5, 5, 31],
  [1, 1, 3, 3, 9, 7, 49],
  [13, 1, 1, 1, 15, 21, 21],
  [16, 1, 3, 1, 13, 27, 49],
  [19, 1, 1, 1, 15, 7, 5],
  [22, 1, 3, 1, 15, 13, 25],
  [25, 1, 1, 5, 5, 19, 61],
  [1, 1, 3, 7, 11, 23, 15, 103],
  [4, 1, 3, 7, 13, 13, 15, 69],
];

/**
 * Gives one coordinate of the first points, as whole numbers x of 32 bits: the coordinate is x/2^32. The first point is 0.
 *
 * @param dimension From 0 to 20.
 * @param count At most 2^32.
 */
export function sobolCoordinate(dimension: number, count: number): Uint32Array {
  const directions = directionNumbers(dimension);
  const words = new Uint32Array(count);
  for (let k = 1; k < count; k += 1) {
    // The bit in which the Gray codes of k - 1 and k differ is the number of zeros at the end of k.
    words[k] = words[k - 1] ^ directions[31 - Math.clz32(k & -k)];
  }
  return words;
}

/** v_k = m_k·2^(32-k); m_k = 2a_1·m_(k-1) ⊕ … ⊕ 2^s·m_(k-s) ⊕ m_(k-s), as in Joe & Kuo 2008, (1.1). */
function directionNumbers(dimension: number): Uint32Array {
  const v = new Uint32Array(BITS);
  if (dimension === 0) {
    for (let k = 0; k < BITS; k += 1) v[k] = 2 ** (31 - k);
    return v;
  }
  const [a, ...m] = JOE_KUO[dimension - 1];
  const s = m.length;
  for (let k = 0; k < BITS; k += 1) {
    if (k < s) {
      v[k] = m[k] * 2 ** (31 - k);
      continue;
    }
    v[k] = v[k - s] ^ (v[k - s] >>> s);
    for (let j = 1; j < s; j += 1) if ((a >>> (s - 1 - j)) & 1) v[k] ^= v[k - j];
  }
  return v;
}
