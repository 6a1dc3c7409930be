/** One contract for all bijections: both ways invert each other, log-determinants are those of the exact Jacobian, and nothing is lost in tails or gradients. */
import { uniforms } from '@ergoflow/testing';
import { describe, expect, it } from 'vitest';
import {
  gradientRun,
  jacobianRun,
  largestError,
  logDeterminant,
  type RunOptions,
  scatteredWeights,
  startWeights,
} from '../fixtures/bijectionCase.ts';
import { BIJECTIONS, BOUND, SPLINES } from '../fixtures/bijections.ts';
import type { Bijection } from '../flow.ts';
import { couplingRows } from './coupling.ts';

const COUNT = 32;
const DIRECTIONS = ['forward', 'inverse'] as const;

type Subject = Omit<RunOptions, 'direction' | 'count'>;

/** Throws unless both ways invert each other at the points, and their log-determinants cancel. */
function goesBackAndForth(subject: Subject, weights: Float64Array, batches: readonly Float64Array[], context: Float64Array): void {
  const { dimension: d } = subject;
  const count = batches[0].length / d;
  const runs = {
    forward: jacobianRun({ ...subject, count, direction: 'forward' }),
    inverse: jacobianRun({ ...subject, count, direction: 'inverse' }),
  };
  for (const [there, back, points] of batches.flatMap((batch) => [['forward', 'inverse', batch] as const, ['inverse', 'forward', batch] as const])) {
    const first = runs[there](weights, points, context);
    const second = runs[back](weights, first.value, context);
    for (const [k, x] of points.entries()) {
      const [row, point] = [Math.floor(k / count), k % count];
      // What rounding the values between to 1e-12 of their size can do at most, which is below 1e-10 wherever the map is not steep and the values are not far out.
      let steepness = 1 + Math.abs(x);
      for (let column = 0; column < d; column++) {
        steepness += Math.abs(second.jacobian[(row * d + column) * count + point]) * (1 + Math.abs(first.value[column * count + point]));
      }
      expect(Math.abs(second.value[k] - x)).toBeLessThan(1e-12 * steepness);
    }
    const opposite = second.logDet.map((x) => -x);
    expect(largestError(opposite, first.logDet)).toBeLessThan(1e-10);
  }
}

/** Throws unless the log-determinant is that of the Jacobian. */
function hasItsLogDeterminant(subject: Subject, weights: Float64Array, points: Float64Array, context: Float64Array): void {
  const { dimension } = subject;
  const count = points.length / dimension;
  for (const direction of DIRECTIONS) {
    const { logDet, jacobian } = jacobianRun({ ...subject, direction, count })(weights, points, context);
    const exact = Float64Array.from({ length: count }, (_, k) => logDeterminant(jacobian, dimension, count, k));
    expect(largestError(logDet, exact)).toBeLessThan(1e-10);
  }
}

/** A direction without pattern. */
const along = (part: string, length: number): Float64Array => uniforms(`direction ${part}`, length).map((u) => 2 * u - 1);

function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k] * b[k];
  return total;
}

const CASES = Object.entries(BIJECTIONS).flatMap(([name, make]) =>
  [1, 2, 3, 5].flatMap((d) => (make.length < 2 ? [0] : [0, 2]).map((c) => ({ name, make, d, c }))),
);

describe.each(CASES)('$name in $d dimensions with $c of context', ({ name, make, d, c }) => {
  const bijection = make(d, c);
  const subject: Subject = { bijection, dimension: d, contextDimension: c };
  const context = uniforms(`context ${name}`, c * COUNT).map((u) => 4 * u - 2);
  const points = uniforms(`points ${name} ${d}`, d * COUNT).map((u) => 8 * u - 4);
  const weights = scatteredWeights(bijection.weights, name);
  const start = startWeights(bijection, name);
  // Whole batches in the tails, and batches of all kinds: a single lane's NaN must not reach the gradients of weights that all lanes share.
  const edges = [0, BOUND, -BOUND, BOUND * (1 - 2 ** -52), BOUND / 2, -BOUND / 5, 1e3, -1e3, 1e6, -1e6, BOUND + 1e-9, 1e-300, -0.6, 0.6, 1.8, -1.8];
  const batches: Readonly<Record<string, Float64Array>> = {
    'all at 1e6': new Float64Array(d * 16).fill(1e6),
    'all at -1e3': new Float64Array(d * 16).fill(-1e3),
    'all at the bound': new Float64Array(d * 16).fill(BOUND),
    'of all kinds': Float64Array.from({ length: d * 16 }, (_, k) => edges[(k + Math.floor(k / 16) * 5) % 16]),
  };

  it('goes back and forth', () => goesBackAndForth(subject, weights, [points], context));

  it('goes back and forth at knots, bounds, 0 and in tails', () => goesBackAndForth(subject, weights, Object.values(batches), context));

  it('has the log-determinant of its Jacobian within 1e-10, both ways', () => hasItsLogDeterminant(subject, weights, points, context));

  it('starts at the identity, or at a permutation', () => {
    const { value, logDet } = jacobianRun({ ...subject, count: COUNT, direction: 'forward' })(start, points, context);
    const isPermutation = bijection.weights.length === 0;
    const [found, wanted] = isPermutation ? [value.slice().sort(), points.slice().sort()] : [value, points];
    expect(largestError(found, wanted)).toBeLessThan(1e-14);
    expect(Math.max(...logDet.map(Math.abs))).toBeLessThan(1e-14);
  });

  it('is finite with all its gradients at knots, bounds, 0 and in tails, in float64 and float32', () => {
    const settings = { scattered: weights, start, large: scatteredWeights(bijection.weights, name, 6) };
    for (const direction of DIRECTIONS) {
      for (const precision of ['float64', 'float32'] as const) {
        const run = gradientRun({ ...subject, count: 16, direction, precision });
        for (const [setting, values] of Object.entries(settings)) {
          for (const [batch, at] of Object.entries(batches)) {
            const wrong = Object.entries(run(values, at, context)).filter(([, numbers]) => !numbers.every(Number.isFinite));
            const where = `${direction}, ${precision}, weights ${setting}, ${batch}`;
            expect(
              wrong.map(([part]) => part),
              where,
            ).toEqual([]);
          }
        }
      }
    }
  });

  it('has the derivatives of central differences, by weights, points and context', () => {
    for (const direction of DIRECTIONS) {
      const run = gradientRun({ ...subject, count: COUNT, direction });
      const exact = run(weights, points, context);
      const lossRun = gradientRun({ ...subject, count: COUNT, direction, lossOnly: true });
      const lossAt = (step: number, part: string): number => {
        const moved = (values: Float64Array, own: string): Float64Array =>
          own === part ? values.map((x, k) => x + step * along(part, values.length)[k]) : values;
        return lossRun(moved(weights, 'weights'), moved(points, 'x'), moved(context, 'context')).loss[0];
      };
      const derivatives: Record<string, ArrayLike<number>> = {
        x: exact['d x'],
        context: exact['d context'] ?? [],
        weights: bijection.weights.flatMap((weight) => [...exact[`d ${weight.name}`]]),
      };
      for (const [part, derivative] of Object.entries(derivatives)) {
        const slope = inner(derivative, along(part, derivative.length));
        const h = 1e-5;
        const difference = (8 * (lossAt(h, part) - lossAt(-h, part)) - (lossAt(2 * h, part) - lossAt(-2 * h, part))) / (12 * h);
        expect(Math.abs(difference - slope) / (1 + Math.abs(slope)), `${direction} by ${part}`).toBeLessThan(1e-7);
      }
    }
  });
});

describe.each(SPLINES)('%s', (name) => {
  it('is the identity beyond the bound, with derivative 1 and no gradient by its weights', () => {
    const bijection = BIJECTIONS[name](3, 2);
    const points = uniforms('tails', 48).map((u, k) => (k % 2 === 0 ? 1 : -1) * (BOUND + 10 ** (9 * u - 3)));
    const [weights, context] = [scatteredWeights(bijection.weights, name, 3), uniforms('context', 32)];
    for (const direction of DIRECTIONS) {
      const options = { bijection, dimension: 3, contextDimension: 2, count: 16, direction };
      const { value, logDet, jacobian } = jacobianRun(options)(weights, points, context);
      expect(value).toEqual(points);
      expect(logDet.every((x) => x === 0)).toBe(true);
      expect([...jacobian].map(Math.abs)).toEqual(Array.from({ length: 9 * 16 }, (_, k) => (Math.floor(k / 16) % 4 === 0 ? 1 : 0)));
      const gradients = gradientRun(options)(weights, points, context);
      for (const weight of bijection.weights) expect(gradients[`d ${weight.name}`].every((x) => x === 0)).toBe(true);
    }
  });
});

describe('the rows that a row depends on', () => {
  it.each(Object.keys(BIJECTIONS).filter((name) => name.includes('autoregressive')))('of an %s are exactly those up to it', (name) => {
    const bijection = BIJECTIONS[name](5, 2);
    const points = uniforms('within', 5 * 16).map((u) => 4 * u - 2);
    for (const direction of DIRECTIONS) {
      const run = jacobianRun({ bijection, dimension: 5, contextDimension: 2, count: 16, direction });
      const { jacobian } = run(scatteredWeights(bijection.weights, name), points, uniforms('context', 32));
      for (let row = 0; row < 5; row++) {
        for (let column = 0; column < 5; column++) {
          const entries = jacobian.subarray((row * 5 + column) * 16, (row * 5 + column + 1) * 16);
          const isRight = entries.every((x) => (column > row ? x === 0 : x !== 0));
          expect(isRight, `${direction} ${row} by ${column}`).toBe(true);
        }
      }
    }
  });

  it('of six couplings are all', () => {
    for (const d of [2, 3, 4, 5, 8, 20]) {
      let depends = Array.from({ length: d }, (_, row) => new Set([row]));
      for (let layer = 0; layer < 6; layer++) {
        const isMapped = couplingRows(d, layer);
        const kept = [...depends.keys()].filter((row) => !isMapped[row]).flatMap((row) => [...depends[row]]);
        depends = depends.map((before, row) => (isMapped[row] ? new Set([...before, ...kept]) : before));
      }
      const counts = depends.map((rows) => rows.size);
      expect(counts, `${d} rows`).toEqual(counts.map(() => d));
    }
  });
});

describe('the laws', () => {
  const bijection = BIJECTIONS['affine coupling'](3, 0);
  const weights = scatteredWeights(bijection.weights, 'wrong');
  const points = uniforms('wrong', 48).map((u) => 4 * u - 2);
  const none = new Float64Array(0);
  const subject = (wrong: Partial<Bijection>): Subject => ({ bijection: { ...bijection, ...wrong }, dimension: 3, contextDimension: 0 });
  const scaled =
    (direction: 'forward' | 'inverse'): Bijection['forward'] =>
    (g, given, x, context) => {
      const { value, logDet } = bijection[direction](g, given, x, context);
      return { value, logDet: g.multiply(g.constant(0.999), logDet) };
    };

  it('find a log-determinant that is wrong on both sides, though both sides agree', () => {
    const wrong = subject({ forward: scaled('forward'), inverse: scaled('inverse') });
    expect(() => goesBackAndForth(wrong, weights, [points], none)).not.toThrow();
    expect(() => hasItsLogDeterminant(wrong, weights, points, none)).toThrow();
  });

  it('find an inverse of another map', () => {
    const other = subject({ inverse: (g, given, y, context) => bijection.inverse(g, given, g.multiply(y, g.constant(1 + 1e-9)), context) });
    expect(() => goesBackAndForth(other, weights, [points], none)).toThrow();
  });
});
