/**
 * Makes the one number of the shipped models that has no closed form: kappa of the double well, by quadrature.
 *
 *   kappa = E[1/(1 + y1² + y2² + y3² + y4⁴)],  law of y ~ exp(-V),
 *   V = y1²/2 + y3²/2 + y2⁴/4 - y2²/2 + y4⁴/4 - y4²/2 + 0.2 (y1 y2 + y2 y3 + y3 y4)
 *
 * The trapezoidal rule on the whole of R⁴: for integrands that are analytic in a strip |Im y| < d and fall off fast, its error is of order
 * exp(-2πd/h) (Trefethen & Weideman 2014, doi:10.1137/130932132, §5). Here d = 1/√2, from 1 + y4⁴ = 0: h = 0.16 gives 1e-12, halved steps tell.
 *
 * Run: node --import ./tools/node20/register.mjs tools/truths.ts
 */

/** Half-widths of the box; outside, exp(-V) is below 1e-17 of its greatest value. */
const GAUSSIAN_WIDTH = 9.6;
const QUARTIC_WIDTH = 4.8;

/** Computes kappa with step h in every direction. */
export function doubleWellKappa(h: number): number {
  const gaussian = grid(GAUSSIAN_WIDTH, h);
  const quartic = grid(QUARTIC_WIDTH, h);
  let weights = 0;
  let values = 0;
  for (const y2 of quartic) {
    for (const y4 of quartic) {
      const outer = y2 ** 4 / 4 - y2 ** 2 / 2 + y4 ** 4 / 4 - y4 ** 2 / 2;
      // Given y2 and y4 the rest is a product of two one-dimensional weights.
      const first = gaussian.map((y1) => Math.exp(-(y1 ** 2) / 2 - 0.2 * y1 * y2));
      const third = gaussian.map((y3) => Math.exp(-(y3 ** 2) / 2 - 0.2 * y3 * (y2 + y4)));
      const base = 1 + y2 ** 2 + y4 ** 4;
      let sum = 0;
      for (let i = 0; i < gaussian.length; i++) {
        let inner = 0;
        for (let j = 0; j < gaussian.length; j++) inner += third[j] / (base + gaussian[i] ** 2 + gaussian[j] ** 2);
        sum += first[i] * inner;
      }
      const weight = Math.exp(-outer);
      values += weight * sum;
      weights += weight * total(first) * total(third);
    }
  }
  return values / weights;
}

function grid(width: number, h: number): number[] {
  const count = Math.ceil(width / h);
  return Array.from({ length: 2 * count + 1 }, (_, k) => (k - count) * h);
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

if (process.argv[1]?.endsWith('truths.ts')) {
  for (const h of [0.32, 0.16, 0.08]) process.stdout.write(`h = ${h}: kappa = ${doubleWellKappa(h).toPrecision(14)}\n`);
}
