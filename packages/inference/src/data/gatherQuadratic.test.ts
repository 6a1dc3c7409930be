import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { chebyshevNodes } from '../nodes/chebyshev.ts';
import { localNodes } from '../nodes/local.ts';
import { interpolated, type Nodes } from '../nodes/nodes.ts';
import { fullLikelihood } from './fullLikelihood.ts';
import { gatherQuadratic } from './gatherQuadratic.ts';
import { compress, inner, quadraticNll } from './quadraticForm.ts';
import { transitionsOf } from './transitions.ts';

/** Any path will do: the statistics are of what is given. */
function someTransitions(dimension: number, count: number) {
  const times = Float64Array.from({ length: count + 1 }, (_, k) => 0.02 * k + 0.004 * Math.sin(k));
  const values = Array.from({ length: dimension }, (_, c) =>
    Float64Array.from(times, (time, k) => Math.sin(0.7 * time + c) + 0.3 * Math.sin(k * (1.3 + c)) * Math.cos(k * k)),
  );
  return transitionsOf([{ times, values }]);
}

const range = { low: -1.4, high: 1.4 };
const LOG_TWO_PI = Math.log(2 * Math.PI);

describe('quadratic statistics in one dimension', () => {
  const transitions = someTransitions(1, 700);
  const [x] = transitions.from;
  const variance = (state: number): number => 0.3 + 0.1 * state * state;
  const nodes: Nodes[] = [chebyshevNodes(range, 12), localNodes('cubic', [range], [17]), localNodes('linear', [range], [17])];

  it.each(nodes.map((each) => [each.kind, each] as const))('give the sum of transition densities of an interpolated drift: %s', (_, each) => {
    const statistics = gatherQuadratic(transitions, each, { kind: 'states', at: ([states]) => [states.map(variance)] });
    for (const f of [(state: number) => state - state ** 3, Math.exp, () => 0]) {
      const drift = each.points[0].map(f);
      const between = interpolated(each, drift, transitions.from);
      let expected = 0;
      for (let k = 0; k < transitions.count; k++) {
        const spread = variance(x[k]) * transitions.duration[k];
        expected += (LOG_TWO_PI + Math.log(spread) + (transitions.increment[0][k] - between[k] * transitions.duration[k]) ** 2 / spread) / 2;
      }
      const full = fullLikelihood(transitions, {
        drift: (states) => [interpolated(each, drift, states)],
        diffusion: ([states]) => [states.map(variance)],
      });
      expect(Math.abs(full - expected)).toBeLessThan(1e-9 * Math.abs(expected));
      expect(Math.abs(quadraticNll(statistics, drift) - expected)).toBeLessThan(1e-9 * Math.abs(expected));
    }
  });

  it.each(nodes.map((each) => [each.kind, each] as const))('have a gram matrix that is symmetric and not negative: %s', (_, each) => {
    const [[gram]] = gatherQuadratic(transitions, each, { kind: 'constant', entries: [0.25] }).gram;
    const n = each.count;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) expect(Math.abs(gram[i * n + j] - gram[j * n + i])).toBeLessThan(1e-12);
    const values = new EigenvalueDecomposition(Matrix.from1DArray(n, n, gram), { assumeSymmetric: true }).realEigenvalues;
    expect(Math.min(...values)).toBeGreaterThan(-1e-12 * Math.max(...values));
    // Weights add up to 1, so the sum of all entries is the time in units of σ².
    expect(gram.reduce((a, b) => a + b)).toBeCloseTo(transitions.duration.reduce((a, b) => a + b) / 0.25, 9);
  });

  it('compress to a drift of few terms', () => {
    const statistics = gatherQuadratic(transitions, nodes[0], { kind: 'constant', entries: [0.25] });
    const functions = [nodes[0].points[0].map((state) => state), nodes[0].points[0].map((state) => state ** 3)];
    const { gram, moment } = compress(statistics, functions);
    const [a, c] = [0.4, -0.9];
    const drift = functions[0].map((f, i) => a * f + c * functions[1][i]);
    const short = (gram[0] * a * a + 2 * gram[1] * a * c + gram[3] * c * c) / 2 - inner(moment, Float64Array.of(a, c));
    expect(statistics.zeroDrift + short).toBeCloseTo(quadraticNll(statistics, drift), 9);
  });

  it('refuse a noise that vanishes, and say where', () => {
    const at = ([states]: readonly Float64Array[]) => [states.map((state) => Math.max(0, state))];
    expect(() => gatherQuadratic(transitions, nodes[0], { kind: 'states', at })).toThrow('σσᵀ must be positive definite, but is not at transition');
  });
});

describe('quadratic statistics in two dimensions', () => {
  const transitions = someTransitions(2, 500);
  const nodes = localNodes('cubic', [range, range], [7, 6]);

  it('give the sum of transition densities for correlated noise', () => {
    const entries = [0.5, 0.2, 0.3];
    const statistics = gatherQuadratic(transitions, nodes, { kind: 'constant', entries });
    const drift = [nodes.points[0].map((x, i) => x * nodes.points[1][i]), nodes.points[1].map((z) => -z)];
    const stacked = Float64Array.from([...drift[0], ...drift[1]]);
    const b = drift.map((values) => interpolated(nodes, values, transitions.from));
    const determinant = 0.5 * 0.3 - 0.2 * 0.2;
    let expected = 0;
    for (let k = 0; k < transitions.count; k++) {
      const time = transitions.duration[k];
      const [r, s] = [0, 1].map((c) => transitions.increment[c][k] - b[c][k] * time);
      expected += LOG_TWO_PI + Math.log(determinant * time * time) / 2 + (0.3 * r * r - 2 * 0.2 * r * s + 0.5 * s * s) / determinant / time / 2;
    }
    expect(Math.abs(quadraticNll(statistics, stacked) - expected)).toBeLessThan(1e-9 * Math.abs(expected));
    const full = fullLikelihood(transitions, {
      drift: (states) => drift.map((values) => interpolated(nodes, values, states)),
      diffusion: ([states]) => entries.map((entry) => states.map(() => entry)),
    });
    expect(Math.abs(full - expected)).toBeLessThan(1e-9 * Math.abs(expected));
  });
});
