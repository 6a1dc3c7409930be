import { expect, test } from 'vitest';
import { stationaryChain } from './stationaryChain.ts';

const banded = (states: number, band: number, rate: (from: number, to: number) => number) => {
  const width = 2 * band + 1;
  const rates = new Float64Array(states * width);
  for (let i = 0; i < states; i++) {
    for (let j = Math.max(0, i - band); j <= Math.min(states - 1, i + band); j++) if (j !== i) rates[i * width + j - i + band] = rate(i, j);
  }
  return { states, band, rates };
};

test('a birth–death chain has the law of detailed balance to rounding, over 600 powers of ten', () => {
  const law = stationaryChain(banded(301, 1, (i, j) => (j > i ? 0.01 : 1)));
  for (const k of [0, 1, 50, 150]) expect(law[k] / (0.99 * 0.01 ** k)).toBeCloseTo(1, 12);
  expect(law.every((mass) => mass >= 0)).toBe(true);
});

test('masses that grow by 1e600 do not overflow', () => {
  const law = stationaryChain(banded(301, 1, (i, j) => (j > i ? 1 : 0.01)));
  expect(law[300]).toBeCloseTo(0.99, 12);
});

test('flow in equals flow out in every state of a chain without detailed balance', () => {
  const rate = (i: number, j: number): number => 1 + ((7 * i + 13 * j) % 11);
  const law = stationaryChain(banded(40, 6, rate));
  expect(law.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
  for (let k = 0; k < 40; k++) {
    let [into, out] = [0, 0];
    for (let j = Math.max(0, k - 6); j <= Math.min(39, k + 6); j++) {
      if (j === k) continue;
      into += law[j] * rate(j, k);
      out += law[k] * rate(k, j);
    }
    expect(into / out).toBeCloseTo(1, 12);
  }
});

test('a chain with a state of no return is refused', () => {
  expect(() => stationaryChain(banded(3, 1, (i, j) => (i === 2 && j === 1 ? 0 : 1)))).toThrow('lead from every state to an earlier one');
});
