/** Both optimisers on functions whose minima are known, their endings, and that a run can go on from a copy of its state. */
import { describe, expect, it } from 'vitest';
import { adam, adamRate, adamState } from './adam.ts';
import { lbfgs, lbfgsState } from './lbfgs.ts';
import type { Objective } from './objective.ts';

/** Rosenbrock's function in pairs; minimum 0 at 1, 1, … */
const rosenbrock = (size: number): Objective => ({
  size,
  evaluate(w, gradient) {
    let value = 0;
    for (let k = 0; k < size; k += 2) {
      const [a, b] = [1 - w[k], w[k + 1] - w[k] * w[k]];
      value += a * a + 100 * b * b;
      gradient[k] = -2 * a - 400 * w[k] * b;
      gradient[k + 1] = 200 * b;
    }
    return value;
  },
});

/** ½ Σ cₖ (wₖ - k)², seen through noise that depends on the step. */
const noisyBowl = (size: number): Objective => ({
  size,
  evaluate(w, gradient, step) {
    let value = 0;
    for (let k = 0; k < size; k++) {
      const turn = (step + 1) * 0.618033988749895 * (k + 1);
      const noise = turn - Math.floor(turn) - 0.5;
      gradient[k] = (1 + k) * (w[k] - k) + noise;
      value += 0.5 * (1 + k) * (w[k] - k) ** 2;
    }
    return value;
  },
});

describe('adam', () => {
  it('reaches the minimum of a bowl seen through noise', () => {
    const state = adamState(Float64Array.of(3, 3, 3));
    const ending = adam(noisyBowl(3), state, { steps: 2000, learningRate: 0.05 });
    expect(ending).toEqual({ kind: 'done', steps: 2000 });
    for (const [k, w] of state.weights.entries()) expect(Math.abs(w - k)).toBeLessThan(1e-2);
  });

  it('warms up linearly and decays to nothing', () => {
    const options = { steps: 100, learningRate: 2, warmUp: 0.1 };
    expect(adamRate(0, options)).toBeCloseTo(0.2, 12);
    expect(adamRate(9, options)).toBeCloseTo(2, 12);
    expect(adamRate(55, options)).toBeCloseTo(1, 12);
    expect(adamRate(99, options)).toBeLessThan(1e-3);
  });

  it('goes on from a copy with the same bits', () => {
    const options = { steps: 50, learningRate: 0.05 };
    const whole = adamState(Float64Array.of(3, -2, 0.1));
    adam(noisyBowl(3), whole, options);
    const first = adamState(Float64Array.of(3, -2, 0.1));
    const ending = adam(noisyBowl(3), first, options, (step) => step < 17);
    expect(ending).toEqual({ kind: 'stopped', steps: 17 });
    const second = structuredClone(first);
    adam(noisyBowl(3), second, options);
    expect(second).toEqual(whole);
  });

  it('takes no step from a value or a gradient that is not finite, and says which', () => {
    const broken = (what: 'value' | 'gradient'): Objective => ({
      size: 1,
      evaluate: (_, gradient, step) => {
        gradient[0] = what === 'gradient' && step === 3 ? Number.NaN : 1;
        return what === 'value' && step === 3 ? Number.POSITIVE_INFINITY : 1;
      },
    });
    for (const what of ['value', 'gradient'] as const) {
      const state = adamState(Float64Array.of(0));
      expect(adam(broken(what), state, { steps: 9, learningRate: 1 })).toEqual({ kind: 'diverged', steps: 3, what });
      expect(Number.isFinite(state.weights[0])).toBe(true);
    }
  });
});

describe('l-bfgs', () => {
  it('reaches the minimum of twenty Rosenbrock functions, downhill all the way', () => {
    const objective = rosenbrock(40);
    const state = lbfgsState(
      objective,
      Float64Array.from({ length: 40 }, (_, k) => (k % 2 === 0 ? -1.2 : 1)),
    );
    const values: number[] = [state.value];
    const ending = lbfgs(objective, state, { steps: 200, tolerance: 1e-9 }, (_, value) => values.push(value) > 0);
    expect(ending.kind).toBe('done');
    expect(ending.steps).toBeLessThan(60);
    for (const w of state.weights) expect(Math.abs(w - 1)).toBeLessThan(1e-9);
    expect(values.every((value, k) => k === 0 || value < values[k - 1])).toBe(true);
  });

  it('solves a quadratic of condition 10⁶', () => {
    const objective: Objective = {
      size: 13,
      evaluate: (w, gradient) => {
        let value = 0;
        for (let k = 0; k < 13; k++) {
          const c = 10 ** (k / 2);
          gradient[k] = c * (w[k] - 1);
          value += (c / 2) * (w[k] - 1) ** 2;
        }
        return value;
      },
    };
    const state = lbfgsState(objective, new Float64Array(13));
    expect(lbfgs(objective, state, { steps: 500, tolerance: 1e-8, memory: 20 }).kind).toBe('done');
    for (const w of state.weights) expect(Math.abs(w - 1)).toBeLessThan(1e-8);
  });

  it('comes back from where the function is not finite', () => {
    const objective: Objective = {
      size: 1,
      evaluate: (w, gradient) => {
        gradient[0] = w[0] > 0 ? 1 - 1 / w[0] : Number.NaN;
        return w[0] > 0 ? w[0] - Math.log(w[0]) : Number.NaN;
      },
    };
    const state = lbfgsState(objective, Float64Array.of(1e-3));
    expect(lbfgs(objective, state, { steps: 100, tolerance: 1e-10 }).kind).toBe('done');
    expect(state.weights[0]).toBeCloseTo(1, 9);
  });

  it('goes on from a copy with the same bits', () => {
    const objective = rosenbrock(4);
    const start = Float64Array.of(-1, 2, 0.3, 0.2);
    const whole = lbfgsState(objective, start);
    lbfgs(objective, whole, { steps: 30 });
    const first = lbfgsState(objective, start);
    lbfgs(objective, first, { steps: 30 }, (step) => step < 7);
    const second = structuredClone(first);
    lbfgs(objective, second, { steps: 30 });
    expect(second).toEqual(whole);
  });
});
