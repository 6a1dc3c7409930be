import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import type { JsonObject } from '@ergoflow/runner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linearErrors } from '../fixtures/linearErrors.ts';
import { exactErrors, type LinearModel, oneAndOne, SHARED, TWO_FAST, TWO_SLOW } from '../fixtures/linearModels.ts';
import { runCell } from '../fixtures/runCell.ts';

const file = fileURLToPath(new URL('../../../../models/linear.yaml', import.meta.url));
const CONSTANTS = { a: 1, b: 1, k: 0.5, gamma: 1, sigma: 0.5, alpha: 1, start: 1 };
const SHIPPED: LinearModel = { ...oneAndOne('models/linear.yaml', CONSTANTS), model: readYamlFile(file).value as JsonObject };
const OTHER = oneAndOne('other constants', { a: 0.7, b: -2, k: 1.5, gamma: 2, sigma: 0.3, alpha: 0.8, start: -0.6 });

describe('the closed form', () => {
  const near = (low: number, high: number): fc.Arbitrary<number> => fc.double({ min: low, max: high, noNaN: true });

  test('is what the equations of the moments say, for any constants, also where the fast part oscillates', () => {
    fc.assert(
      fc.property(
        fc.record({
          a: near(-1, 2),
          b: near(-2, 2),
          k: near(-2, 2),
          gamma: near(0.5, 2.5),
          sigma: near(0, 1),
          alpha: near(0.1, 2),
          start: near(-2, 2),
        }),
        fc.constantFrom(1, 0.4, 0.1),
        near(0.2, 1.5),
        (constants, epsilon, time) => {
          const closed = linearErrors(constants, epsilon, time);
          const exact = exactErrors(oneAndOne('any', constants), epsilon, time);
          const size = 1 + Math.abs(closed.weakSquare) + closed.strong;
          expect(Math.abs(closed.strong ** 2 - (exact.get('strong-error') as number) ** 2) / size).toBeLessThan(1e-7);
          expect(Math.abs(closed.weak - (exact.get('weak-error x') as number)) / size).toBeLessThan(1e-7);
          expect(Math.abs(closed.weakSquare - (exact.get('weak-error x^2') as number)) / size).toBeLessThan(1e-7);
        },
      ),
      { numRuns: 25 },
    );
  });

  test.each(['docs/linear.md', 'experiments/linear-check/README.md'])('is the table of %s', (page) => {
    const text = readFileSync(new URL(`../../../../${page}`, import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| (0\.[0-9]+) +\| ([0-9.]+) +\| ([0-9.]+) +\| ([0-9.]+) +\|$/gm)].map((row) => row.slice(1));
    expect(rows.length).toBeGreaterThanOrEqual(4);
    for (const [epsilon, ...written] of rows) {
      const exact = exactErrors(SHIPPED, Number(epsilon), 1);
      for (const [k, name] of ['strong-error', 'weak-error x', 'weak-error x^2'].entries()) {
        const digits = written[k].replace(/^0\.0*|\./g, '').length;
        expect(digits).toBeGreaterThanOrEqual(4);
        expect(Number((exact.get(name) as number).toPrecision(digits)), `${name} at ${epsilon}`).toBe(Number(written[k]));
      }
    }
  });
});

// Together 1e-6 false alarms: the level of each interval is 1 - 1e-6/CASES. What they would see: half-widths of the size that is tested.
const CASES = 40;
const level = 1 - 1e-6 / CASES;

test.each([
  { linear: SHIPPED, epsilon: 0.5, widest: 0.4 },
  { linear: SHIPPED, epsilon: 0.1, widest: 0.3 },
  { linear: SHIPPED, epsilon: 0.02, widest: 0.3 },
  { linear: OTHER, epsilon: 0.2, widest: 0.4 },
  { linear: OTHER, epsilon: 0.02, widest: 0.4 },
  { linear: TWO_FAST, epsilon: 0.1, widest: 0.4 },
  { linear: SHARED, epsilon: 0.1, widest: 0.6 },
  { linear: TWO_SLOW, epsilon: 0.1, widest: 0.4 },
])('each estimate’s interval holds the closed form: $linear.name, ε = $epsilon', ({ linear, epsilon, widest }) => {
  const replicates = 4000;
  const { metrics, failures, count } = runCell({ model: linear.model, epsilon, replicates, settings: { level, check: { min: 500 } } });
  expect(failures).toEqual({});
  expect(count).toBe(replicates);
  for (const [name, exact] of exactErrors(linear, epsilon, 1)) {
    const { estimate, low, high } = metrics[name];
    expect(low, `${name}: ${exact} in ${low}, ${estimate}, ${high}`).toBeLessThanOrEqual(exact);
    expect(high, `${name}: ${exact} in ${low}, ${estimate}, ${high}`).toBeGreaterThanOrEqual(exact);
  }
  // An error by this share of the strong error would be seen in all of them.
  const strong = metrics['strong-error'].estimate;
  for (const name of exactErrors(linear, epsilon, 1).keys()) expect((metrics[name].high - metrics[name].low) / 2).toBeLessThan(widest * strong);
  // The largest distance over the run is not below that at its end.
  expect(metrics['strong-error-sup'].high).toBeGreaterThan(metrics['strong-error'].low);
});
