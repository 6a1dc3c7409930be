import { describe, expect, it } from 'vitest';
import { chebyshevCoefficients, chebyshevNodes } from './chebyshev.ts';
import { localNodes } from './local.ts';
import { interpolated, type Nodes } from './nodes.ts';

const range = { low: -1.5, high: 2 };
const states = Float64Array.from({ length: 201 }, (_, k) => -1.5 + (3.5 * k) / 200);
const errorOf = (nodes: Nodes, f: (x: number) => number): number => {
  const values = interpolated(nodes, nodes.points[0].map(f), [states]);
  return Math.max(...values.map((value, k) => Math.abs(value - f(states[k]))));
};

describe('interpolation', () => {
  const exact: [string, Nodes, number][] = [
    ['Chebyshev of 8 nodes', chebyshevNodes(range, 8), 7],
    ['local cubic', localNodes('cubic', [range], [9]), 3],
    ['local linear', localNodes('linear', [range], [9]), 1],
  ];
  it.each(exact)('%s is exact for polynomials of its degree and no higher', (_, nodes, degree) => {
    for (let d = 0; d <= degree; d++) expect(errorOf(nodes, (x) => x ** d)).toBeLessThan(1e-13 * 2 ** d);
    expect(errorOf(nodes, (x) => x ** (degree + 1))).toBeGreaterThan(1e-4);
  });

  it('converges as its order says', () => {
    const ratio = (kind: 'linear' | 'cubic'): number =>
      errorOf(localNodes(kind, [range], [41]), Math.sin) / errorOf(localNodes(kind, [range], [81]), Math.sin);
    expect(Math.log2(ratio('linear'))).toBeCloseTo(2, 0);
    expect(Math.log2(ratio('cubic'))).toBeCloseTo(4, 0);
    expect(errorOf(chebyshevNodes(range, 24), Math.exp)).toBeLessThan(1e-13);
  });

  it('moves a state outside to the edge', () => {
    for (const nodes of [chebyshevNodes(range, 8), localNodes('cubic', [range], [9]), localNodes('linear', [range], [9])]) {
      expect(interpolated(nodes, nodes.points[0], [Float64Array.of(-9, 9)])).toEqual(Float64Array.of(-1.5, 2));
    }
  });

  it('on a grid is exact for products of cubics', () => {
    const nodes = localNodes('cubic', [range, { low: 0, high: 1 }], [6, 5]);
    const f = (x: number, z: number): number => (x ** 3 - x) * (1 + z ** 3);
    const at = [Float64Array.of(-1.2, 0.3, 2), Float64Array.of(0.1, 0.77, 1)];
    const values = interpolated(
      nodes,
      nodes.points[0].map((x, i) => f(x, nodes.points[1][i])),
      at,
    );
    for (const [k, value] of values.entries()) expect(value).toBeCloseTo(f(at[0][k], at[1][k]), 12);
  });

  it('by Chebyshev polynomials is that by weights', () => {
    const nodes = chebyshevNodes(range, 9);
    const matrix = chebyshevCoefficients(9);
    const [indices, weights] = [new Int32Array(9), new Float64Array(9)];
    for (const x of [-1.5, -0.7, 0.31, 2]) {
      nodes.weigh([Float64Array.of(x)], 0, indices, weights);
      const u = (2 * x - 0.5) / 3.5;
      for (let i = 0; i < 9; i++) {
        let total = 0;
        for (let a = 0; a < 9; a++) total += matrix[i * 9 + a] * Math.cos(a * Math.acos(u));
        expect(total).toBeCloseTo(weights[i], 13);
      }
    }
  });
});
