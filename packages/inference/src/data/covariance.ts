/** Small symmetric matrices as lower triangles, row by row (11, 21, 22, 31, …): inverse and determinant by Cholesky's factor. */

/** The slow noise σσᵀ where it does not depend on the fast variables: one matrix, or one for each state. */
export type KnownDiffusion =
  | { readonly kind: 'constant'; readonly entries: readonly number[] }
  /** `at` takes [dx] of [K] and gives [dx (dx + 1)/2] of [K]. */
  | { readonly kind: 'states'; readonly at: (states: readonly Float64Array[]) => readonly Float64Array[] };

/** Place of entry (i, j), i ≥ j, in a lower triangle. */
export const triangle = (i: number, j: number): number => (i * (i + 1)) / 2 + j;

/**
 * Factors A = L Lᵀ in place.
 *
 * @param entries [size (size + 1)/2]
 * @returns det A, or NaN where A is not positive definite.
 */
export function factor(entries: Float64Array, size: number): number {
  let determinant = 1;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = entries[triangle(i, j)];
      for (let k = 0; k < j; k++) rest -= entries[triangle(i, k)] * entries[triangle(j, k)];
      if (i !== j) {
        entries[triangle(i, j)] = rest / entries[triangle(j, j)];
      } else {
        if (!(rest > 0)) return Number.NaN;
        determinant *= rest;
        entries[triangle(i, i)] = Math.sqrt(rest);
      }
    }
  }
  return determinant;
}

/** Solves L z = x in place, L as {@link factor} leaves it. */
export function forward(lower: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[triangle(i, k)] * x[k];
    x[i] /= lower[triangle(i, i)];
  }
}

/** Solves Lᵀ z = x in place. */
export function backward(lower: Float64Array, size: number, x: Float64Array): void {
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i] -= lower[triangle(k, i)] * x[k];
    x[i] /= lower[triangle(i, i)];
  }
}

/** Replaces A by A⁻¹, in place, and gives det A, or NaN where A is not positive definite. */
export function invert(entries: Float64Array, size: number): number {
  if (size === 1) {
    const value = entries[0];
    entries[0] = 1 / value;
    return value > 0 ? value : Number.NaN;
  }
  const determinant = factor(entries, size);
  const lower = entries.slice();
  const column = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    column.fill(0);
    column[j] = 1;
    forward(lower, size, column);
    backward(lower, size, column);
    for (let i = j; i < size; i++) entries[triangle(i, j)] = column[i];
  }
  return determinant;
}
