import { expect, it } from 'vitest';
import { separate } from './separable.ts';

const xs = Array.from({ length: 30 }, (_, i) => -1 + i / 15);
const ys = Array.from({ length: 20 }, (_, m) => Math.sin(3 * m));
const tableOf = (b: (x: number, y: number) => number): Float64Array => Float64Array.from(xs.flatMap((x) => ys.map((y) => b(x, y))));

it.each([
  ['(2x - x³)/(1 + y²)', (x: number, y: number): number => (2 * x - x ** 3) / (1 + y * y), 1],
  ['sin(x + y)', (x: number, y: number): number => Math.sin(x + y), 2],
  ['(x + y)³', (x: number, y: number): number => (x + y) ** 3, 4],
  ['0', (): number => 0, 0],
])('%s has its number of terms, and they span it', (_, b, rank) => {
  const table = tableOf(b);
  const found = separate(table, xs.length);
  expect(found.rank).toBe(rank);
  for (const [a, f] of found.functions.entries()) {
    for (const [c, h] of found.functions.entries()) expect(f.reduce((sum, value, i) => sum + value * h[i], 0)).toBeCloseTo(a === c ? 1 : 0, 12);
  }
  for (let m = 0; m < ys.length; m++) {
    const column = xs.map((_, i) => table[i * ys.length + m]);
    const rest = found.functions.reduce((values, f) => {
      const part = values.reduce((sum, value, i) => sum + value * f[i], 0);
      return values.map((value, i) => value - part * f[i]);
    }, column);
    expect(Math.max(...rest.map(Math.abs))).toBeLessThan(1e-11);
  }
});
