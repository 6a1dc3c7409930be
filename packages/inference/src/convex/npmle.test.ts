import { documentOf } from '@ergoflow/input';
import { parameterValues, readModel } from '@ergoflow/sde';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherQuadratic } from '../data/gatherQuadratic.ts';
import { knownDiffusion } from '../data/knownDiffusion.ts';
import { inner } from '../data/quadraticForm.ts';
import { transitionsOf } from '../data/transitions.ts';
import { averagedPaths, shippedModel } from '../fixtures/averagedPaths.ts';
import { chebyshevNodes } from '../nodes/chebyshev.ts';
import { rangesOf } from '../nodes/choose.ts';
import { bestLaw, nodeStatistics } from './bestLaw.ts';
import { coefficientTable } from './coefficientTable.ts';
import { npmle } from './npmle.ts';
import { quadraticObjective } from './objective.ts';
import { simplexMinimum } from './simplex.ts';

const model = readModel(
  documentOf({
    slow: { x: { drift: '2*exp(-(x - y)^2) - x/2 + y/(1 + y^4)', noise: 0.6 } },
    fast: { y: { drift: '-y', noise: 1 } },
  } as never),
);
const parameters = parameterValues(model);

/** A path of a drift that is in the hull of the model's. */
function somePath(count: number) {
  const times = Float64Array.from({ length: count + 1 }, (_, k) => 0.05 * k);
  const x = new Float64Array(count + 1);
  for (let k = 0; k < count; k++) {
    const noise = 0.6 * Math.sqrt(0.05) * Math.SQRT2 * Math.sin(12.9898 * k * k + 1.7 * k);
    x[k + 1] = x[k] + 0.05 * (Math.sin(2 * x[k]) / 3 - x[k] / 2) + noise;
  }
  return transitionsOf([{ times, values: [x] }]);
}

const transitions = somePath(6000);
const nodes = chebyshevNodes(rangesOf(transitions.from)[0], 32);
const statistics = gatherQuadratic(transitions, nodes, knownDiffusion(model, parameters));
const coefficients = coefficientTable(model, parameters, nodes.points, 'drift');
const objective = quadraticObjective(statistics);

/** Many steps of an exponentiated gradient (multiplicative weights) on a fine grid: slow, and nothing in common with active sets. */
function bruteForce(grid: Float64Array): { upper: number; lower: number } {
  const table = coefficients([grid]);
  const { size } = objective;
  let weights = new Float64Array(grid.length).fill(1 / grid.length);
  let [upper, lower, rate] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-2];
  for (let step = 0; step < 4000; step++) {
    const mean = new Float64Array(size);
    for (let m = 0; m < grid.length; m++) for (let k = 0; k < size; k++) mean[k] += weights[m] * table[m * size + k];
    const gradient = objective.gradient(mean);
    const scores = grid.map((_, m) => inner(gradient, table.subarray(m * size, (m + 1) * size)));
    const value = objective.value(mean);
    rate = value < upper ? rate * 1.05 : rate * 0.5;
    upper = Math.min(upper, value);
    const least = Math.min(...scores);
    lower = Math.max(lower, value - inner(gradient, mean) + least);
    const moved = weights.map((weight, m) => weight * Math.exp(-rate * (scores[m] - least)));
    const total = moved.reduce((a, b) => a + b);
    weights = moved.map((weight) => weight / total);
  }
  return { upper, lower };
}

describe('the best law', () => {
  const best = npmle({ objective, coefficients, dimension: 1, seed: ['test'] });

  it('is as good as a brute force over a fine grid finds, from above and from below', () => {
    const { upper, lower } = bruteForce(Float64Array.from({ length: 801 }, (_, m) => -20 + m / 20));
    expect(upper - lower).toBeLessThan(0.2);
    expect(best.nll).toBeLessThan(upper + best.gap);
    // A law on the line may be better than all on the grid by what one step of it makes.
    expect(best.nll).toBeGreaterThan(lower - 0.02);
  });

  it('has weights of a law, and its value is that of its atoms', () => {
    expect(best.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(Math.min(...best.weights)).toBeGreaterThan(0);
    const table = coefficients(best.atoms);
    const mean = new Float64Array(objective.size);
    for (const [a, weight] of best.weights.entries()) for (let k = 0; k < mean.length; k++) mean[k] += weight * table[a * mean.length + k];
    expect(Math.abs(objective.value(mean) - best.nll)).toBeLessThan(1e-8);
  });

  it('says that it has converged, and no point of a fine grid violates the gap', () => {
    expect(best).toMatchObject({ converged: true, isCertificate: true });
    expect(best.gap).toBeLessThanOrEqual(1e-3);
    const gradient = objective.gradient(best.averaged);
    const table = coefficients([Float64Array.from({ length: 40_001 }, (_, m) => -20 + m / 1000)]);
    let largest = 0;
    for (let m = 0; m < 40_001; m++) {
      largest = Math.max(largest, inner(gradient, best.averaged) - inner(gradient, table.subarray(m * objective.size, (m + 1) * objective.size)));
    }
    expect(largest).toBeLessThanOrEqual(2e-3);
  });

  it('is the same for the same seed, and within the gaps for another', () => {
    expect(npmle({ objective, coefficients, dimension: 1, seed: ['test'] })).toEqual(best);
    const other = npmle({ objective, coefficients, dimension: 1, seed: ['other'] });
    expect(other.atoms).not.toEqual(best.atoms);
    expect(Math.abs(other.nll - best.nll)).toBeLessThanOrEqual(best.gap + other.gap);
  });

  it('of a coarse gap asked for lies above the optimum by no more than the gap it states', () => {
    for (const gap of [3, 0.3, 0.03]) {
      const coarse = npmle({ objective, coefficients, dimension: 1, seed: ['test'], gap });
      expect(coarse.nll - best.nll).toBeLessThanOrEqual(coarse.gap + 1e-3);
    }
  });
});

it('a minimum over the simplex satisfies the conditions of Karush, Kuhn and Tucker', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 7 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      (m, r, stream) => {
        const next = (): number => stream.next().value as number;
        const points = Array.from({ length: m }, () => Float64Array.from({ length: r }, next));
        const target = Float64Array.from({ length: r }, next);
        const quadratic = points.map((a) => Float64Array.from(points, (b) => inner(a, b)));
        const linear = Float64Array.from(points, (a) => inner(a, target));
        // From the best vertex, atoms come in by the steepest descent, as they do in use.
        let weights = new Float64Array(m);
        weights[0] = 1;
        const slopes = (): Float64Array => linear.map((value, a) => inner(quadratic[a], weights) - value);
        for (let step = 0; step < 50; step++) {
          const slope = slopes();
          if (inner(slope, weights) - Math.min(...slope) < 1e-9) break;
          const active = Array.from({ length: m }, (_, a) => a).filter((a) => weights[a] > 0 || slope[a] === Math.min(...slope));
          const own = simplexMinimum(
            active.map((a) => Float64Array.from(active, (b) => quadratic[a][b])),
            Float64Array.from(active, (a) => linear[a]),
            Float64Array.from(active, (a) => weights[a]),
          );
          weights = new Float64Array(m);
          for (const [k, a] of active.entries()) weights[a] = own[k];
        }
        expect(inner(slopes(), weights) - Math.min(...slopes())).toBeLessThan(1e-7);
      },
    ),
  );
});

it('the best law of a drift of one term has the factor of least squares, cut at what the term can be', () => {
  // b = f(x)/(1 + …), so the averaged drift is κ f(x) with κ in (0, 1].
  const doubleWell = shippedModel('double-well');
  const own = parameterValues(doubleWell);
  const f = (x: number): number => 2 * x - x ** 3;
  for (const path of averagedPaths(doubleWell, 12, 500, 0.02, 3)) {
    const gathered = nodeStatistics({ model: doubleWell, parameters: own, transitions: transitionsOf([path]), seed: ['one term'] });
    if (gathered.kind !== 'quadratic') throw new TypeError('the statistics must be quadratic');
    const found = bestLaw({ model: doubleWell, parameters: own, gathered, seed: ['one term'] });
    const [x] = path.values;
    let [square, product] = [0, 0];
    for (let k = 0; k < 500; k++) {
      square += f(x[k]) ** 2 * 0.02;
      product += f(x[k]) * (x[k + 1] - x[k]);
    }
    const factor = Math.min(1, Math.max(0, product / square));
    // An error of the factor costs ½ error² square/σ² nats at least, and that is within the gap.
    const error = Math.sqrt((2 * 1e-3 * 0.25) / square);
    for (const [i, node] of gathered.nodes.points[0].entries()) {
      expect(Math.abs(found.drift[0][i] - factor * f(node))).toBeLessThanOrEqual(error * Math.abs(f(node)) + 1e-12);
    }
  }
});
