import type { JsonObject } from '@ergoflow/runner';
import { SCHEMES } from '@ergoflow/sde';
import { expect, test } from 'vitest';
import type { OrderedMetric } from '../averagingError/results.ts';
import { outcomeOf, planOf as planCell } from '../fixtures/studyRuns.ts';
import { type CellPlan, type CellResult, SettingError } from '../study.ts';
import { stepSize } from './stepSize.ts';

interface Asked {
  readonly epsilon?: number;
  readonly step: number;
  readonly scheme: string;
}

const planOf = (model: JsonObject, asked: Asked, replicates: number, settings: JsonObject = {}, seed = 7): CellPlan =>
  planCell(stepSize, { model, axes: { epsilon: 1, ...asked }, settings, replicates, seed });

function resultOf(model: JsonObject, asked: Asked, replicates: number, settings: JsonObject = {}): CellResult {
  const { works, result } = planOf(model, asked, replicates, settings);
  return result([outcomeOf(stepSize, works[0], 500)]);
}

const [A, S] = [0.2, 0.3];
const geometric: JsonObject = { name: 'geometric', slow: { x: { drift: `${A}*x`, noise: `${S}*x`, start: 1 } } };

/** E(X_h - X)² and E X_h² - E X² of Euler–Maruyama for dX = aX dt + sX dW, X₀ = 1: each a product over the steps of one expectation. */
function eulerErrors(step: number): { readonly strong: number; readonly weak: number } {
  const n = Math.round(1 / step);
  const own = ((1 + A * step) ** 2 + S * S * step) ** n;
  const exact = Math.exp(2 * A + S * S);
  const mixed = (Math.exp(A * step) * (1 + A * step + S * S * step)) ** n;
  return { strong: Math.sqrt(own - 2 * mixed + exact), weak: own - exact };
}

// Level 1 - 1e-6: each interval misses with probability 1e-6; the half-widths asserted are what it can tell.
test('errors of Euler–Maruyama for geometric Brownian motion are those of the closed form', () => {
  const { metrics, count, failures } = resultOf(geometric, { step: 1 / 16, scheme: 'euler-maruyama' }, 20_000, { level: 1 - 1e-6 });
  expect([count, failures]).toEqual([20_000, {}]);
  const { strong, weak } = eulerErrors(1 / 16);
  const [found, square] = [metrics['strong-error'], metrics['weak-error x^2']];
  expect(found.low).toBeLessThan(strong);
  expect(found.high).toBeGreaterThan(strong);
  expect(found.high / found.low).toBeLessThan(1.35);
  expect(square.low).toBeLessThan(weak);
  expect(square.high).toBeGreaterThan(weak);
  expect(square.high - square.low).toBeLessThan(1.5 * Math.abs(weak));
});

test('orders of Euler–Maruyama and Milstein are told apart, with their theory beside them', () => {
  const steps = [1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128];
  const cells = ['euler-maruyama', 'milstein'].flatMap((scheme) => steps.map((step) => resultOf(geometric, { step, scheme }, 2500)));
  const fits = stepSize.fit(cells, new Set(), 1 - 1e-6);
  const strong = fits.filter(({ metric }) => metric === 'strong-error');
  expect(strong.map(({ where, against, expected }) => [where, against, expected])).toEqual([
    [{ epsilon: 1, scheme: 'euler-maruyama' }, 'step', 0.5],
    [{ epsilon: 1, scheme: 'milstein' }, 'step', 1],
  ]);
  for (const { low, high, expected } of strong as { low: number; high: number; expected: number }[]) {
    expect(low).toBeLessThan(expected);
    expect(high).toBeGreaterThan(expected);
    expect(Math.max(high - expected, expected - low)).toBeLessThan(0.4);
  }
  expect(fits.filter(({ metric }) => metric === 'weak-error x').map(({ expected }) => expected)).toEqual([1, 1]);
});

test('the reference’s own error covers what a sixteen times finer reference finds', () => {
  const cubic: JsonObject = { name: 'cubic', slow: { x: { drift: 'x - x^3', noise: 1, start: 0.5 } } };
  const asked = { step: 1 / 8, scheme: 'strong-three-halves' };
  const [coarse, fine] = [4, 64].map(
    (refinement) => resultOf(cubic, asked, 2000, { reference: { refinement } }).metrics['strong-error'] as OrderedMetric,
  );
  // The paths of both are the same only in law: their Monte Carlo errors add up.
  expect(Math.abs(coarse.estimate - fine.estimate)).toBeLessThan(coarse.budget.reference + coarse.budget.monteCarlo + fine.budget.monteCarlo);
  expect(coarse.budget.reference).toBeLessThan(0.5 * coarse.estimate);
  expect(fine.budget.reference).toBeLessThan(0.05 * fine.estimate);
});

test('results have the same bits however the replicates are cut into tasks', () => {
  const { works, result } = planOf(geometric, { step: 0.25, scheme: 'weak-two' }, 60);
  expect(result([outcomeOf(stepSize, works[0], 60)])).toEqual(result([outcomeOf(stepSize, works[0], 7)]));
});

test('a slow–fast model starts its fast variables from their law, and all three paths from one state', () => {
  const model: JsonObject = {
    name: 'linear',
    slow: { x: { drift: '-x + y', noise: 0.5, start: 1 } },
    fast: { y: { drift: '-(y - 0.5*x)', noise: 1 } },
    truth: { drift: { x: '-0.5*x' } },
  };
  const { metrics } = resultOf(model, { epsilon: 0.1, step: 0.01, scheme: 'euler-maruyama' }, 500);
  expect(metrics['strong-error'].estimate).toBeLessThan(0.02);
  expect(metrics['strong-error'].estimate).toBeGreaterThan(0.002);
  // A multiscale scheme is measured against the averaged equation, at steps that no direct scheme could take.
  const multiscale = resultOf(model, { epsilon: 1e-4, step: 0.05, scheme: 'heterogeneous-multiscale' }, 500).metrics['strong-error'] as OrderedMetric;
  expect(multiscale.orders.expected).toBe(0.5);
  // ε* = 0.05/2: fluctuations of variance 2·½·ε*·(1 - e^-1)/(2·½) = 0.016, and the rest of the step.
  expect(multiscale.estimate).toBeGreaterThan(0.08);
  expect(multiscale.estimate).toBeLessThan(0.2);
});

test('paths that cannot be used are counted by kind and left out', () => {
  const explosive: JsonObject = { name: 'explosive', slow: { x: { drift: 'x^3', noise: 1, start: 1 } } };
  const { count, failures } = resultOf(explosive, { step: 1 / 8, scheme: 'euler-maruyama' }, 200);
  expect(failures['non-finite']).toBeGreaterThan(50);
  expect(count).toBe(200 - failures['non-finite']);
  const implicit = resultOf(explosive, { step: 1 / 8, scheme: 'drift-implicit-euler' }, 200);
  expect(implicit.failures['not-converged']).toBeGreaterThan(50);
});

test.each([
  [
    { scheme: 'strong-three-halves', step: 0.25 },
    {},
    'strong-three-halves cannot step geometric: its noise depends on the state',
    ['axes', 'scheme'],
  ],
  [{ scheme: 'baoab', step: 0.25 }, {}, 'baoab cannot step geometric: all variables must be pairs of a position', ['axes', 'scheme']],
  [{ scheme: 'projective-integration', step: 0.25 }, {}, 'it needs slow and fast variables', ['axes', 'scheme']],
  [
    { scheme: 'milstein', step: 0.3 },
    {},
    'step must go into the horizon 1 a whole number of times, got 0.3: the nearest that does is 0.333',
    ['axes', 'step'],
  ],
  [{ scheme: 'milstein', step: 0.25 }, { testFunctions: ['x', 'y'] }, 'test function "y" cannot be used', ['testFunctions', 1]],
  [
    { scheme: 'milstein', step: 0.25 },
    { reference: { scheme: 'strong-three-halves' } },
    'strong-three-halves cannot be the reference',
    ['reference', 'scheme'],
  ],
  [
    { scheme: 'milstein', step: 0.25 },
    { reference: { scheme: 'milsten' } },
    'reference.scheme must be one of euler-maruyama, ',
    ['reference', 'scheme'],
  ],
] as [Asked, JsonObject, string, string[]][])('%o with %o is refused: %s', (asked, settings, message, path) => {
  const attempt = (): unknown => planOf(geometric, asked, 10, settings);
  expect(attempt).toThrow(SettingError);
  expect(attempt).toThrow(message);
  try {
    attempt();
  } catch (error) {
    expect((error as SettingError).path).toEqual(path);
  }
});

test('every scheme can be asked for', () => {
  expect(stepSize.axes.scheme.oneOf).toEqual([...SCHEMES.keys()]);
});
