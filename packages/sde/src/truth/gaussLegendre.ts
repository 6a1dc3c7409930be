/** Gauss–Legendre's rule: exact for polynomials of degree 2n - 1 (Abramowitz & Stegun 25.4.29). */

const square = (x: number): number => x * x;

/** Nodes and weights on [0, 1]. */
export interface Rule {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/** Makes the rule of n nodes, n from 1 to 64, by Newton's iteration on the Legendre polynomial; its start is the bracket between sign changes. */
export function gaussLegendre(n: number): Rule {
  const legendre = (x: number): { readonly value: number; readonly slope: number } => {
    let [before, value] = [1, x];
    for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
    return { value, slope: (n * (x * value - before)) / (x * x - 1) };
  };
  const nodes: number[] = [];
  // Roots are at least 1/n² apart, so this grid holds at most one in a cell.
  const cells = 2 * n * n + 1;
  for (let k = 0; k < cells; k++) {
    let [low, high] = [-1 + (2 * k) / cells, -1 + (2 * (k + 1)) / cells];
    const sign = legendre(low).value < 0;
    if (sign === legendre(high).value < 0) continue;
    for (let halving = 0; halving < 60; halving++) {
      const middle = (low + high) / 2;
      if (legendre(middle).value < 0 === sign) low = middle;
      else high = middle;
    }
    nodes.push((low + high) / 2);
  }
  return {
    nodes: nodes.map((x) => (1 + x) / 2),
    weights: nodes.map((x) => 1 / ((1 - x * x) * square(legendre(x).slope))),
  };
}
