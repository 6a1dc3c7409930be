/** The contract of all schemes, in seconds: contract.slow.test.ts measures the same with more paths, and weak orders on nonlinear equations. */
import { compile } from '@ergoflow/kernels';
import { describe, expect, test } from 'vitest';
import { coupledProgram, stateName } from '../coupled.ts';
import type { Equations } from '../equations.ts';
import { simulate } from '../simulate.ts';
import { FALSE_ALARM_RATE, isHeld, measureOrders } from './fixtures/measureOrder.ts';
import { LINEAR, type LinearProblem, momentOrder, QUIET, QUIET_OSCILLATOR } from './fixtures/momentOrder.ts';
import { momentRows } from './fixtures/momentRows.ts';
import { quietFall, quietLine, quietPair } from './fixtures/orderProblems.ts';
import { ORDER_ROWS } from './fixtures/orderRows.ts';
import { areaForgotten, heunUncorrected, milsteinReversed, noiseTooLarge, twoPointForgotten } from './fixtures/wrongSchemes.ts';
import type { Scheme } from './scheme.ts';
import { SCHEMES } from './table.ts';

const FAST = { levels: 6, paths: 25, seed: 3 } as const;
const strongRows = ORDER_ROWS.filter(({ order }) => order === 'strong').map((row) => ({ ...row, name: row.scheme.name, place: row.problem.name }));

// 20 batches of 25 paths, Student's quantile at 1e-6; what an interval can tell is asserted by `isHeld` itself: half an order.
describe(`strong orders, each missed with probability ${FALSE_ALARM_RATE} though the scheme has it`, () => {
  test.each(strongRows)('$name has strong order $expected with $kind noise ($place), and not half an order less or more', (row) => {
    const { strong } = measureOrders(row.scheme, row.problem, { ...FAST, coarsest: row.coarsest });
    expect(strong.lost).toBe(0);
    expect(isHeld(strong, row.expected), JSON.stringify(strong)).toBe(true);
  });

  test.each([
    ['heun-uncorrected', heunUncorrected, 'milstein', 'diagonal'],
    ['milstein-reversed', milsteinReversed, 'milstein', 'diagonal'],
    ['milstein-reversed', milsteinReversed, 'milstein', 'commutative'],
    ['noise-too-large', noiseTooLarge, 'milstein', 'additive'],
    ['area-forgotten', areaForgotten, 'strong-three-halves', 'additive'],
  ] as const)('%s fails', (_, wrong, model, kind) => {
    const row = strongRows.find((other) => other.name === model && other.kind === kind) as (typeof strongRows)[number];
    const { strong } = measureOrders(wrong, row.problem, { ...FAST, coarsest: row.coarsest });
    expect(isHeld(strong, row.expected), JSON.stringify(strong)).toBe(false);
    expect(strong.slope).toBeLessThan(row.expected - 0.3);
  });
});

const affineRows = momentRows().map((row) => ({ ...row, name: row.scheme.name }));

// No sampling: the interval is the steps' effect on the order alone.
describe('weak orders on linear equations, where moments are exact', () => {
  test.each(affineRows)('$name has weak order $expected with $kind noise, and not half an order less or more', ({ scheme, problem, expected }) => {
    const { order, half, errors } = momentOrder(scheme, problem);
    expect(Math.abs(order - expected), JSON.stringify({ order, half, errors })).toBeLessThanOrEqual(Math.max(half, 0.01));
    expect(half).toBeLessThan(0.25);
  });

  test.each([
    ['heun-uncorrected', heunUncorrected, 'diagonal', 1],
    ['noise-too-large', noiseTooLarge, 'additive', 1],
    ['two-point-forgotten', twoPointForgotten, 'general', 2],
  ] as const)('%s fails', (_, wrong, kind, expected) => {
    const { order, half } = momentOrder(wrong, LINEAR[kind]);
    expect(Math.abs(order - expected)).toBeGreaterThan(Math.max(half, 0.4));
  });
});

/** Orders without noise, the last one between steps and half as long, and what the one before says of it. */
function quietOrder(scheme: Scheme, equations: Equations, start: Readonly<Record<string, number>>, end: Readonly<Record<string, number>>) {
  const errors = [16, 32, 64, 128].map((count) => {
    const program = coupledProgram({ members: [{ name: 'm', equations, scheme, substeps: 1 }] });
    const states = Object.fromEntries(Object.entries(start).map(([name, value]) => [stateName('m', name), Float64Array.of(value)]));
    const failures = simulate({
      kernel: compile(program),
      from: 0,
      to: 1,
      steps: count,
      dt: 1 / count,
      uniforms: { epsilon: Float64Array.of(1) },
      states,
      streams: {},
    });
    expect(failures).toEqual([]);
    return Object.entries(end).reduce((sum, [name, value]) => sum + Math.abs(states[stateName('m', name)][0] - value), 0);
  });
  const slopes = errors.slice(1).map((error, k) => Math.log2(errors[k] / error));
  return { order: slopes[2], half: Math.abs(slopes[2] - slopes[1]) / (Math.SQRT2 - 1), errors };
}

describe('orders without noise', () => {
  const nonlinear = [...SCHEMES.values()].filter((scheme) => scheme.refuses(quietFall.equations) === null);
  const linear: readonly (readonly [string, LinearProblem])[] = [
    ['exponential-euler', QUIET],
    ['baoab', QUIET_OSCILLATOR],
  ];

  test('every scheme is in one of the tests below', () => {
    const names = [...nonlinear.map(({ name }) => name), ...linear.map(([name]) => name), 'projective-integration', 'heterogeneous-multiscale'];
    expect(names.sort()).toEqual([...SCHEMES.keys()].sort());
  });

  test.each(nonlinear.map((scheme) => [scheme.name, scheme] as const))('%s on a nonlinear equation', (_, scheme) => {
    const { order, half, errors } = quietOrder(scheme, quietFall.equations, quietFall.start, quietFall.end);
    expect(Math.abs(order - scheme.zeroNoiseOrder), JSON.stringify(errors)).toBeLessThanOrEqual(Math.max(half, 0.01));
    expect(half).toBeLessThan(0.25);
  });

  test.each(linear)('%s on a linear equation', (name, problem) => {
    const scheme = SCHEMES.get(name) as Scheme;
    const { order, half, errors } = momentOrder(scheme, problem);
    expect(Math.abs(order - scheme.zeroNoiseOrder), JSON.stringify(errors)).toBeLessThanOrEqual(Math.max(half, 0.01));
    expect(half).toBeLessThan(0.25);
  });

  test.each([
    ['projective-integration', quietPair],
    ['heterogeneous-multiscale', quietLine],
  ] as const)('%s on a slow and a fast equation', (name, { equations, start, end }) => {
    const scheme = SCHEMES.get(name) as Scheme;
    const { order, half, errors } = quietOrder(scheme, equations, start, end);
    expect(Math.abs(order - scheme.zeroNoiseOrder), JSON.stringify(errors)).toBeLessThanOrEqual(Math.max(half, 0.01));
    expect(half).toBeLessThan(0.25);
  });
});
