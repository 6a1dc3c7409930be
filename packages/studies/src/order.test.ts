import { readFileSync } from 'node:fs';
import { assertCoverage, assertProportion, uniforms } from '@ergoflow/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitSets, type Law, NEAR_LAWS, VALUES } from './fixtures/orderSets.ts';
import { fitOrder, ORDER_RULES, type OrderFit } from './order.ts';
import { distinct, type OrderPoint } from './orderCurve.ts';

const exact = (truth: (at: number) => number, values = VALUES): OrderPoint[] =>
  values.map((at) => ({ at, estimate: truth(at), standardError: 1e-9 * Math.abs(truth(at)), systematic: 0 }));

describe('without noise', () => {
  test('finds order, constant and next term of a law that is exactly of its form', () => {
    for (const [C, p, k, q] of [
      [3, 0.5, 2, 1],
      [0.02, 1, -1.5, 0.5],
      [7, 1.7, 0, 1],
    ]) {
      const fit = fitOrder(
        exact((at) => C * at ** p * Math.exp(k * at ** q)),
        0.95,
        q,
      );
      expect(fit.slope).toBeCloseTo(p, 8);
      expect(fit.constant / C).toBeCloseTo(1, 7);
      expect(fit.next).toBeCloseTo(k, 6);
    }
  });

  test('takes points in any order, several at one value, and exact ones', () => {
    const points = exact((at) => 2 * at).map((point) => ({ ...point, standardError: 0 }));
    const fit = fitOrder([...points.slice(3), ...points, ...points.slice(0, 2)], 0.95);
    expect(fit.slope).toBeCloseTo(1, 9);
    expect(fit.verdict).toBe('asymptotic');
  });
});

describe('its interval', () => {
  // False-alarm rate 1e-6 each; a coverage of 0.87 would be seen. The slow test sees 0.93.
  const power = { detects: 0.08 };
  const count = 1500;

  test('holds the order of a power law as often as it says', () => {
    assertCoverage(fitSets({ name: 'pure', count, noise: 0.02, law: (at) => at }), 1, 0.95, power, 'atLeast');
  });

  test.each(NEAR_LAWS)('holds it where the error is %s', (name, law) => {
    assertCoverage(fitSets({ name, count, noise: 0.01, law }), 1, 0.95, power, 'atLeast');
  });

  test('holds the order where the next term is √ε, if it is told so', () => {
    const law: Law = (at, u) => at ** 0.5 * (1 - 0.2 * u ** 0.5);
    assertCoverage(fitSets({ name: 'root', count, noise: 0.003, law, nextOrder: 0.5 }), 0.5, 0.95, power, 'atLeast');
    // Told otherwise it does not: the rule is not so wide as to hold anything.
    const held = fitSets({ name: 'root', count: 500, noise: 0.003, law }).filter(({ low, high }) => low <= 0.5 && 0.5 <= high).length;
    expect(held).toBeLessThan(250);
  });

  test('is wider than that of a fit without a next term by no more than what the term costs', () => {
    // Without noise in k the deviation of the slope would be s/√Σ(L - L̄)² = 0.0098; the term costs a factor of 3.3 on these values.
    const halves = fitSets({ name: 'width', count: 200, noise: 0.02, law: (at) => at }).map(({ low, high }) => (high - low) / 2);
    const median = halves.sort((a, b) => a - b)[100];
    const logs = VALUES.map(Math.log);
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
    const line = 0.02 / Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0));
    expect(median / (1.96 * line)).toBeGreaterThan(2.5);
    expect(median / (1.96 * line)).toBeLessThan(4.5);
  });

  test('grows by a systematic error within its bound, in the worst of its signs', () => {
    const points = exact((at) => at).map((point) => ({ ...point, standardError: 0.01 * point.estimate }));
    const plain = fitOrder(points, 0.95);
    const bound = 0.005;
    const wide = fitOrder(
      points.map((point) => ({ ...point, systematic: bound * point.estimate })),
      0.95,
    );
    const shift = (wide.high - wide.low - plain.high + plain.low) / 2;
    // Each point's worst sign, by fits to moved data.
    const worst = points.reduce((total, _, j) => {
      const moved = points.map((point, k) => ({ ...point, estimate: point.estimate * (k === j ? 1 + bound : 1) }));
      return total + Math.abs(fitOrder(moved, 0.95).slope - plain.slope);
    }, 0);
    expect(shift / worst).toBeCloseTo(1, 1);
  });

  test('grows with scatter beyond the deviations, and not with scatter within them', () => {
    const scatter = [1, -1, 1, -1, 1, -1, 1];
    const data = (size: number): OrderPoint[] =>
      VALUES.map((at, k) => ({ at, estimate: at * (1 + size * 0.01 * scatter[k]), standardError: 0.01 * at, systematic: 0 }));
    const width = (size: number): number => {
      const { low, high } = fitOrder(data(size), 0.95);
      return high - low;
    };
    expect(width(1) / width(0)).toBeLessThan(1.1);
    expect(width(4) / width(0)).toBeGreaterThan(3);
  });
});

describe('the verdict', () => {
  // False-alarm rate 1e-6 each; a share that is off by 0.1 would be seen.
  const power = { detects: 0.1 };
  const count = 1400;
  const share = (verdict: string, all: readonly OrderFit[]): number => all.filter((fit) => fit.verdict === verdict).length;

  const asymptotic: [string, number, Law][] = [
    ['a power law', 0.01, (at) => at ** 0.5],
    ['a power law up to 10 %', 0.01, (at, u) => at * (1 - 0.1 * u)],
    ['a power law up to 30 %, whose largest values can be left out', 0.003, (at, u) => at * (1 + 0.3 * u)],
  ];
  test.each(asymptotic)('is asymptotic for %s', (name, noise, law) => {
    assertProportion(share('asymptotic', fitSets({ name, count, noise, law })), count, 0.95, power, 'atLeast');
  });

  const preAsymptotic: [string, number, Law][] = [
    ['a slope that goes from 1 to 2', 0.003, (at, u) => at * (1 + 5 * u)],
    ['a next term as large as the first at the middle of the range', 0.003, (at, u) => at ** 0.5 * (1 + 3 * u)],
    ['a slope that goes from ½ to 0', 0.003, (at, u) => at / (1 + 10 * u)],
  ];
  test.each(preAsymptotic)('is pre-asymptotic for %s', (name, noise, law) => {
    assertProportion(share('pre-asymptotic', fitSets({ name, count, noise, law })), count, 0.95, power, 'atLeast');
  });

  const noiseLimited: [string, number, Law][] = [
    ['nothing but noise', 1, () => 0],
    ['a power law with 30 % noise', 0.3, (at) => at],
  ];
  test.each(noiseLimited)('is noise-limited for %s', (name, noise, law) => {
    assertProportion(share('noise-limited', fitSets({ name, count, noise, law })), count, 0.95, power, 'atLeast');
  });

  test.each([0.03, 0.01])('is asymptotic in one case of ten at most where the slope goes from ½ to 0, at a noise of %d', (noise) => {
    const all = fitSets({ name: `saturated ${noise}`, count, noise, law: (at, u) => at / (1 + 10 * u) });
    assertProportion(share('asymptotic', all), count, 0.1, power, 'atMost');
  });

  test('leaves out the largest values where the slope still changes, and says how many', () => {
    const fit = fitOrder(
      VALUES.map((at) => {
        const estimate = at / (1 + (0.5 * at) / 0.1);
        return { at, estimate, standardError: 0.002 * estimate, systematic: 0 };
      }),
      0.95,
    );
    expect(fit.points).toBeLessThan(VALUES.length);
    expect(fit.to).toBeLessThan(0.1);
    expect(fit.from).toBe(VALUES.at(-1));
    expect(fit.reason).toContain(`without the ${VALUES.length - fit.points} largest`);
  });

  test('does not turn on the level of the interval', () => {
    const verdicts = (level: number): string[] =>
      fitSets({ name: 'levels', count: 300, noise: 0.02, law: (at, u) => at * (1 - 0.2 * u), level }).map(({ verdict }) => verdict);
    expect(verdicts(0.999)).toEqual(verdicts(0.5));
  });

  test('tells why two or three values are too few, and that errors of step and reference hide the order', () => {
    for (const count of [2, 3]) {
      const fit = fitOrder(
        exact((at) => at, VALUES.slice(0, count)),
        0.95,
      );
      expect(fit.verdict).toBe('pre-asymptotic');
      expect(fit.reason).toContain(`${count} values cannot show`);
    }
    const hidden = fitOrder(
      exact((at) => at).map((point) => ({ ...point, systematic: 0.5 * point.at })),
      0.95,
    );
    expect(hidden.verdict).toBe('noise-limited');
    expect(hidden.reason).toContain('step and reference');
  });
});

describe('for any data', () => {
  const point = fc.record({
    at: fc.double({ min: 1e-6, max: 10, noNaN: true }),
    estimate: fc.oneof(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.constant(0)),
    standardError: fc.oneof(fc.double({ min: 0, max: 1e3, noNaN: true }), fc.constant(0)),
    systematic: fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constant(0)),
  });
  const data = fc.array(point, { minLength: 2, maxLength: 9 }).filter((points) => distinct(points) > 1);

  test('gives numbers, the slope within its interval, and a reason', () => {
    fc.assert(
      fc.property(data, (points) => {
        const { verdict, reason, level: _, ...numbers } = fitOrder(points, 0.95);
        for (const [name, value] of Object.entries(numbers)) expect(Number.isFinite(value), `${name} of ${JSON.stringify(points)}`).toBe(true);
        expect(numbers.low).toBeLessThanOrEqual(numbers.slope);
        expect(numbers.slope).toBeLessThanOrEqual(numbers.high);
        expect(['asymptotic', 'pre-asymptotic', 'noise-limited']).toContain(verdict);
        expect(reason).not.toMatch(/NaN|undefined/);
      }),
    );
  });

  test('does not change its order with the units of either axis', () => {
    const random = uniforms('units', 7);
    const points = VALUES.map((at, k) => {
      const estimate = at ** 0.7 * (1 + 0.03 * (random[k] - 0.5));
      return { at, estimate, standardError: 0.01 * estimate, systematic: 0.001 * estimate };
    });
    const fit = fitOrder(points, 0.95);
    for (const [x, y] of [
      [1e-3, 1],
      [1, 1e9],
      [37, 1e-7],
    ]) {
      const other = fitOrder(
        points.map((p) => ({ at: x * p.at, estimate: y * p.estimate, standardError: y * p.standardError, systematic: y * p.systematic })),
        0.95,
      );
      expect(other.slope).toBeCloseTo(fit.slope, 8);
      expect(other.high - other.low).toBeCloseTo(fit.high - fit.low, 8);
      expect(other.verdict).toBe(fit.verdict);
      expect(other.next * x).toBeCloseTo(fit.next, 6);
    }
  });

  test('errors that are all 0 are no order', () => {
    const fit = fitOrder(
      VALUES.map((at) => ({ at, estimate: 0, standardError: 0, systematic: 0 })),
      0.95,
    );
    expect(fit.verdict).toBe('noise-limited');
  });
});

test.each([
  [{ at: 0 }, 'at must be positive and finite, got 0'],
  [{ at: Number.NaN }, 'at must be positive and finite, got NaN'],
  [{ estimate: Number.POSITIVE_INFINITY }, 'estimate must be finite, got Infinity'],
  [{ standardError: -1 }, 'standardError must be finite and not negative, got -1'],
  [{ systematic: Number.NaN }, 'systematic must be finite and not negative, got NaN'],
])('refuses a point with %j by name', (change, message) => {
  const points = exact((at) => at);
  expect(() => fitOrder([...points.slice(1), { ...points[0], ...change }], 0.95)).toThrow(message);
});

test('refuses a level, a next order and a range that cannot be', () => {
  const points = exact((at) => at);
  expect(() => fitOrder(points, 1)).toThrow('level must be in (0, 1), got 1');
  expect(() => fitOrder(points, 0.95, 0)).toThrow('nextOrder must be positive and finite, got 0');
  expect(() => fitOrder([points[0], points[0]], 0.95)).toThrow('points must have two different values of at, got 1');
  expect(() => fitOrder([], 0.95)).toThrow('points must have two different values of at, got 0');
});

test('the documentation has each number that the verdict turns on', () => {
  const text = readFileSync(new URL('../../../docs/orders.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(ORDER_RULES)) {
    const row = new RegExp(`^\\| \`${name}\` +\\| ${Number(value.toFixed(2))} `, 'm');
    expect(text, name).toMatch(row);
  }
});
