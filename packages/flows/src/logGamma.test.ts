import { expect, it } from 'vitest';
import { logGamma } from './logGamma.ts';

it('ln Γ has its values at whole and half numbers', () => {
  let factorial = 0;
  let half = Math.log(Math.sqrt(Math.PI));
  for (let n = 1; n < 60; n++) {
    expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-14 * Math.max(1, factorial));
    expect(Math.abs(logGamma(n - 0.5) - half)).toBeLessThan(1e-14 * Math.max(1, half));
    factorial += Math.log(n);
    half += Math.log(n - 0.5);
  }
});

it('ln Γ obeys the duplication formula in between', () => {
  for (let x = 0.05; x < 20; x += 0.37) {
    const twice = logGamma(x) + logGamma(x + 0.5) - (1 - 2 * x) * Math.LN2 - 0.5 * Math.log(Math.PI);
    expect(Math.abs(logGamma(2 * x) - twice)).toBeLessThan(1e-13 * Math.max(1, Math.abs(twice)));
  }
});
