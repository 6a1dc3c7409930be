/** One contract for all bijections: both ways invert each other, log-determinants are those of the exact Jacobian, tails and gradients are finite. */
import { uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import { logDeterminant, runBijection, scatteredWeights } from '../fixtures/bijectionCase.ts';
import type { Bijection } from '../flow.ts';
import { affine } from '../transformers/affine.ts';
import { rationalQuadraticSpline } from '../transformers/rationalQuadraticSpline.ts';
import { packWeights } from '../weights.ts';
import { coupling, couplingRows } from './coupling.ts';
import { elementwiseAffine } from './elementwiseAffine.ts';

const NET = { hidden: [8, 6], activation: 'tanh' } as const;
const COUNT = 32;

/** All bijections, by dimension and rows of the context. */
const BIJECTIONS: Readonly<Record<string, (d: number, c: number) => Bijection>> = {
  'elementwise affine': (d, c) => elementwiseAffine(d, c, 2, NET),
  'affine coupling': (d, c) => coupling(couplingRows(d, 0), c, affine(2), NET),
  'relu affine coupling': (d, c) => coupling(couplingRows(d, 1), c, affine(2), { ...NET, activation: 'relu' }),
  'spline coupling': (d, c) => coupling(couplingRows(d, 0), c, rationalQuadraticSpline(5, 3), NET),
  'elementwise spline': (d, c) => coupling(Array(d).fill(true), c, rationalQuadraticSpline(8, 3), NET),
};

const CASES = Object.entries(BIJECTIONS).flatMap(([name, make]) => [1, 2, 3, 5].flatMap((d) => [0, 2].map((c) => ({ name, make, d, c }))));

describe.each(CASES)('$name in $d dimensions, $c of context,', ({ name, make, d, c }) => {
  const bijection = make(d, c);
  const context = uniforms(`context ${name}`, c * COUNT).map((u) => 4 * u - 2);
  const points = uniforms(`points ${name} ${d}`, d * COUNT).map((u) => 8 * u - 4);
  const common = { dimension: d, contextDimension: c, weights: scatteredWeights(bijection, name), context };

  it('goes back and forth within 1e-10', () => {
    const there = runBijection(bijection, { ...common, direction: 'forward', points });
    const back = runBijection(bijection, { ...common, direction: 'inverse', points: there.value });
    for (const [k, x] of points.entries()) expect(Math.abs(back.value[k] - x)).toBeLessThan(1e-10);
    for (const [k, logDet] of there.logDet.entries()) expect(Math.abs(back.logDet[k] + logDet)).toBeLessThan(1e-10);
    const first = runBijection(bijection, { ...common, direction: 'inverse', points });
    const again = runBijection(bijection, { ...common, direction: 'forward', points: first.value });
    for (const [k, x] of points.entries()) expect(Math.abs(again.value[k] - x)).toBeLessThan(1e-10);
  });

  it.each(['forward', 'inverse'] as const)('%s has the log-determinant of its Jacobian within 1e-10', (direction) => {
    const { logDet, jacobian } = runBijection(bijection, { ...common, direction, points });
    for (const [k, found] of logDet.entries()) expect(Math.abs(found - logDeterminant(jacobian, d, COUNT, k))).toBeLessThan(1e-10);
  });

  it('starts at the identity', () => {
    const source = uniforms('start', 10_000);
    let next = 0;
    const start = packWeights(
      bijection.weights,
      bijection.start(() => source[next++]),
    );
    const { value, logDet } = runBijection(bijection, { ...common, weights: start, direction: 'forward', points });
    for (const [k, x] of points.entries()) expect(Math.abs(value[k] - x)).toBeLessThan(1e-13);
    expect(Math.max(...logDet.map(Math.abs))).toBeLessThan(1e-13);
  });
});
