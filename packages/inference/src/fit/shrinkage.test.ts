/** The exact solution under relative entropy, its coordinates, its evidence and its field: against closed forms and quadrature. */
import { describe, expect, it } from 'vitest';
import type { AveragedObjective } from '../convex/objective.ts';
import { inner } from '../data/quadraticForm.ts';
import { fieldOf } from './curves.ts';
import { normalSource } from './normals.ts';
import { chooseReference, evidences, referencePoints } from './reference.ts';
import { shrink } from './shrink.ts';
import { tiltedLaw } from './tiltedLaw.ts';
import { visible } from './visible.ts';

/** ½ uᵀ C u - l·u + c, C = diag. */
function bowl(diagonal: readonly number[], linear: readonly number[], constant: number): AveragedObjective {
  return {
    size: diagonal.length,
    isQuadratic: true,
    value: (u) => constant + diagonal.reduce((total, d, k) => total + (d * u[k] * u[k]) / 2 - linear[k] * u[k], 0),
    gradient: (u) => u.map((x, k) => diagonal[k] * x - linear[k]),
    curvature: (_, v) => v.map((x, k) => diagonal[k] * x),
  };
}

const table = (rows: number, size: number, name: string): Float64Array => normalSource([name], size, rows).at(0).slice();

describe('the coordinates that data see', () => {
  const objective = bowl([3, 0.5, 20, 1e-9], [1, -2, 5, 0], 7);

  it('turn the likelihood into a round bowl on the span of the candidates', () => {
    const seen = visible(objective, table(30, 4, 'span'));
    expect(seen.rank).toBe(3);
    const u = Float64Array.of(0.3, -0.2, 0.7, 1.5);
    const z = seen.project(u);
    const around = seen.least + z.reduce((total, value, k) => total + (value - seen.target[k]) ** 2, 0) / 2;
    expect(Math.abs(around - objective.value(u))).toBeLessThan(1e-6);
  });

  it('are as many as the candidates span, whatever the number of nodes', () => {
    const one = Float64Array.from({ length: 12 }, (_, k) => (Math.floor(k / 4) + 1) * [1, 2, -1, 0.5][k % 4]);
    expect(visible(objective, one).rank).toBe(1);
    expect(visible(bowl([1e-8, 1e-8], [0, 0], 0), table(8, 2, 'blind')).rank).toBe(0);
  });
});

describe('the tilted law', () => {
  it('of a fair coin is the fixed point of tanh', () => {
    const [target, weight] = [0.9, 0.7];
    const law = tiltedLaw(Float64Array.of(1, -1), Float64Array.of(target), 2, weight);
    // mean = -tanh(u/w), u = mean - target
    const mean = law.mean[0];
    expect(Math.abs(mean - Math.tanh((target - mean) / weight))).toBeLessThan(1e-5);
    const p = (1 + mean) / 2;
    const entropy = p * Math.log(2 * p) + (1 - p) * Math.log(2 - 2 * p);
    expect(law.relativeEntropy).toBeCloseTo(entropy, 10);
    expect(law.objective).toBeCloseTo(2 + (mean - target) ** 2 / 2 + weight * entropy, 10);
  });

  it('is better than any other weights', () => {
    const z = table(40, 3, 'others');
    const target = Float64Array.of(1.5, -0.5, 0.2);
    const law = tiltedLaw(z, target, 0, 0.5);
    const objective = (weights: Float64Array): number => {
      let value = 0;
      for (let k = 0; k < 3; k++) {
        let mean = 0;
        for (let m = 0; m < 40; m++) mean += weights[m] * z[m * 3 + k];
        value += (mean - target[k]) ** 2 / 2;
      }
      return value + 0.5 * weights.reduce((total, p) => total + p * Math.log(40 * p), 0);
    };
    expect(objective(law.weights)).toBeCloseTo(law.objective, 9);
    for (let other = 0; other < 50; other++) {
      const moved = law.weights.map((p, m) => p * Math.exp(0.05 * z[((m + 1) * (other + 1)) % 120]));
      const total = moved.reduce((sum, p) => sum + p, 0);
      expect(objective(moved.map((p) => p / total))).toBeGreaterThan(law.objective - 1e-9);
    }
  });

  it('goes to the reference as the weight grows, and to the target as it goes', () => {
    const z = table(400, 2, 'limits');
    const target = Float64Array.of(0.4, 0.3);
    const [strong, weak] = [1e6, 1e-2].map((weight) => tiltedLaw(z, target, 0, weight));
    expect(strong.effectiveSamples).toBeGreaterThan(399);
    // mean - target = u, and |u| is the weight times the slope of the entropy, which is of order 1 here
    for (const k of [0, 1]) expect(Math.abs(weak.mean[k] - target[k])).toBeLessThan(2e-2);
  });
});

describe('the evidence', () => {
  it('of one coordinate is the integral over its normal law', () => {
    const rows = table(4096, 1, 'evidence');
    const seen = visible(bowl([4], [3], 1.5), rows);
    const weights = [0.5, 2, 16];
    const found = evidences(seen, rows, weights);
    const z = seen.project(rows);
    const mean = z.reduce((total, value) => total + value, 0) / z.length;
    const variance = z.reduce((total, value) => total + (value - mean) ** 2, 0) / z.length;
    for (const [k, weight] of weights.entries()) {
      const sd = Math.sqrt(variance / weight);
      let total = 0;
      const step = sd / 200;
      for (let x = mean - 9 * sd; x <= mean + 9 * sd; x += step) {
        total += (step * Math.exp(-seen.least - (x - seen.target[0]) ** 2 / 2 - ((x - mean) / sd) ** 2 / 2)) / (sd * Math.sqrt(2 * Math.PI));
      }
      expect(found[k]).toBeCloseTo(Math.log(total), 8);
    }
  });

  it('finds the scale of the law where the data tell it, and stays at 1 where they do not', () => {
    // E u² alone is seen, u normal of scale s: u² has mean s².
    const coefficients = (points: readonly Float64Array[]): Float64Array => points[0].map((value) => value * value);
    const choose = (mean: number, information: number) =>
      chooseReference({
        objective: bowl([information], [information * mean], 0),
        coefficients,
        mean: [0],
        scale: [1],
        weight: null,
        seed: ['scale'],
      });
    expect(choose(256, 1).typicalScale).toBe(16);
    expect(choose(256, 1e-9).typicalScale).toBe(1);
    const { reference } = choose(256, 1);
    expect(reference.probabilities.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 12);
  });
});

describe('points of the reference', () => {
  it('have the mixture parts in their proportions', () => {
    const reference = { mean: [5], scale: [2], scales: [1e-3, 1e3], probabilities: [0.75, 0.25] };
    const [values] = referencePoints(reference, 4000, ['points']);
    const near = values.filter((value) => Math.abs(value - 5) < 0.5).length;
    expect(Math.abs(near - 3000)).toBeLessThan(12);
  });
});

describe('the field around a fit', () => {
  it('of one normal coordinate is the posterior of a normal mean, with a parameter beside it', () => {
    // u = μ of one coordinate, prior variance 1/w; data: information 4
    const rows = Float64Array.of(1, -1);
    const seen = visible(bowl([4], [3], 0), rows);
    const weight = 2;
    const alone = fieldOf({ seen, table: rows, weights: Float64Array.of(0.5, 0.5), weight, parameters: [] });
    expect(alone.deviations(rows)[0] ** 2).toBeCloseTo(1 / (weight + 4), 10);
    // a parameter that moves the same average with variance 3: both are seen through the sum
    const parameter = { variance: 3, atNodes: Float64Array.of(1), atPoints: Float64Array.of(1) };
    const both = fieldOf({ seen, table: rows, weights: Float64Array.of(0.5, 0.5), weight, parameters: [parameter] });
    const prior = 1 / weight + 3;
    expect(both.deviations(rows)[0] ** 2).toBeCloseTo(1 / (1 / prior + 4), 10);
    expect(both.parameters[0] ** 2).toBeCloseTo(3 - (3 * 3) / (prior + 1 / 4), 10);
  });
});

describe('a likelihood that is not quadratic', () => {
  it('is solved at the minimum of its own expansion', () => {
    // u - 2 ln u has its least at 2; laws: u = e^y
    const objective: AveragedObjective = {
      size: 1,
      isQuadratic: false,
      value: (u) => 50 * (u[0] - 2 * Math.log(u[0])),
      gradient: (u) => u.map((x) => 50 * (1 - 2 / x)),
      curvature: (u, v) => v.map((x) => (100 * x) / u[0] ** 2),
    };
    const { averaged, law, seen } = shrink({
      objective,
      coefficients: (points) => points[0].map((value) => Math.exp(0.3 * value)),
      mean: [0],
      scale: [1],
      weight: 0.2,
      expandAt: Float64Array.of(1),
      seed: ['expansion'],
    });
    expect(Math.abs(averaged[0] - 2)).toBeLessThan(0.1);
    const value = objective.value(averaged) + 0.2 * law.relativeEntropy;
    expect(Math.abs(value - law.objective)).toBeLessThan(1e-2);
    expect(inner(seen.covectors[0], averaged)).toBeCloseTo(law.mean[0], 6);
  });
});
