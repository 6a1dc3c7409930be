import { describe, expect, it } from 'vitest';
import { candidatePoints, type Points } from './candidates.ts';
import { searchLines } from './search.ts';

const scoreOf =
  (f: (...y: number[]) => number) =>
  (points: Points): Float64Array =>
    Float64Array.from({ length: points[0].length }, (_, m) => f(...points.map((values) => values[m])));
const start = (...y: number[]): Points => y.map((value) => Float64Array.of(value));

describe('a search along lines', () => {
  it('finds the lowest of several valleys of each component, where they are wider than half a unit', () => {
    const f = (...y: number[]): number => y.reduce((sum, value) => sum + (value - 2.3) ** 2 / 20 - Math.cos(2 * (value - 2.3)), 0);
    const found = searchLines({ starts: start(-4, 0, 5), score: scoreOf(f), seed: ['search'] });
    for (const [value] of found) expect(Math.abs(value - 2.3)).toBeLessThan(2e-3);
  });

  it('follows a valley that lies across the components', () => {
    const f = (y: number, z: number): number => 30 * (y + z - 1) ** 2 + (y - z) ** 2;
    const [[y], [z]] = searchLines({ starts: start(3, -2), score: scoreOf(f), seed: ['search'] });
    expect(f(y, z)).toBeLessThan(f(3, -2) / 20);
  });

  it('makes no start worse, each by itself, and is the same for the same seed', () => {
    const starts = candidatePoints({ dimension: 3, count: 20, seed: ['starts'] });
    const score = scoreOf((...y) => Math.sin(3 * y[0] + y[1]) * Math.cos(y[2] - y[0]));
    const found = searchLines({ starts, score, seed: ['search'] });
    const [before, after] = [score(starts), score(found)];
    for (const [k, value] of after.entries()) expect(value).toBeLessThanOrEqual(before[k]);
    expect(searchLines({ starts, score, seed: ['search'] })).toEqual(found);
    const alone = searchLines({ starts: starts.map((values) => values.slice(4, 5)), score, seed: ['search'] });
    expect(alone.map(([value]) => value)).toEqual(found.map((values) => values[4]));
  });

  it('stays as near as it is told to', () => {
    const [[y]] = searchLines({ starts: start(0), score: scoreOf((value) => -value), seed: ['search'], widest: 0.5 });
    expect(y).toBeCloseTo(0.5 + 0.125 + 0.03 + 0.008 + 0.002, 12);
  });
});

it('candidates have their widths from 1/4 to 8, times the scale, and half of them equal components', () => {
  const [y, z] = candidatePoints({ dimension: 2, count: 2000, seed: ['widths'], scale: [1, 10] });
  expect([y[0], z[0]]).toEqual([0, 0]);
  for (let m = 2; m < 2000; m += 2) expect(z[m]).toBeCloseTo(10 * y[m], 12);
  expect(y.filter((value, m) => m % 2 === 1 && z[m] === 10 * value).length).toBe(0);
  const largest = (from: number): number => Math.max(...y.filter((_, m) => Math.floor(m / 2) % 6 === from).map(Math.abs));
  // The largest of 333 normals lies between 2 and 6 but for a few in 10⁶ cases.
  for (const [place, width] of [0.25, 0.5, 1, 2, 4, 8].entries()) {
    expect(largest(place)).toBeGreaterThan(2 * width);
    expect(largest(place)).toBeLessThan(6 * width);
  }
});
