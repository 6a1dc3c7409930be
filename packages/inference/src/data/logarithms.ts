/** Sums of logarithms at the price of multiplications: the logarithm is taken of products, before they leave the range of numbers. */
import { scalarFunction } from '@ergoflow/kernels';

const log = scalarFunction('log');

/** A running sum of logarithms. */
export interface LogSum {
  /** Adds ln x, x > 0; NaN otherwise. */
  add(x: number): void;
  total(): number;
}

/** Starts at 0. */
export function logSum(): LogSum {
  let [sum, product] = [0, 1];
  return {
    add(x) {
      if (!(x > 1e-150 && x < 1e150)) {
        sum += x > 0 ? log(x) : Number.NaN;
        return;
      }
      product *= x;
      if (product > 1e-150 && product < 1e150) return;
      sum += log(product);
      product = 1;
    },
    total: () => sum + log(product),
  };
}
