import { compile, graphBuilder, program } from '@ergoflow/kernels';
import { expect, test } from 'vitest';
import { gridNodes } from './ergodic.ts';
import { type GridAxis, gridStep, interpolate } from './interpolate.ts';

/** Interpolates f on a grid at given points, through a compiled program. */
function interpolated(axes: readonly GridAxis[], f: (x: Float64Array) => number, points: readonly Float64Array[]): Float64Array {
  const g = graphBuilder();
  const size = axes.reduce((total, { count }) => total * count, 1);
  const at = axes.map((_, k) => g.state(`x${k}`));
  const [value] = interpolate(g, [g.uniform('table', size)], axes, at);
  const kernel = compile(program([...axes.map((_, k) => ({ name: `x${k}`, width: 1, next: null })), { name: 'value', width: 1, next: value }]));
  const states: Record<string, Float64Array> = { value: new Float64Array(points.length) };
  for (const k of axes.keys()) states[`x${k}`] = Float64Array.from(points, (point) => point[k]);
  const table = Float64Array.from(gridNodes(axes), f);
  kernel.run({ lanes: points.length, steps: 1, firstStep: 0, uniforms: { table }, states, streams: {} });
  return states.value;
}

const line: GridAxis = { low: -1.5, high: 2, count: 11 };

test('is exact for cubic polynomials, up to and beyond the ends', () => {
  const f = ([x]: Float64Array): number => 2 - x + 0.5 * x ** 2 - 3 * x ** 3;
  const points = [-1.6, -1.5, -1.4, -0.01, 0.3, 1.99, 2, 2.1].map((x) => Float64Array.of(x));
  const values = interpolated([line], f, points);
  for (const [k, point] of points.entries()) expect(values[k]).toBeCloseTo(f(point), 11);
});

test('is exact for products of cubics in two dimensions', () => {
  const axes: GridAxis[] = [line, { low: 0, high: 1, count: 6 }];
  const f = ([x, y]: Float64Array): number => (x ** 3 - x) * (1 + y - 4 * y ** 3);
  const points = [-1.5, 0.12, 1.7].flatMap((x) => [0, 0.05, 0.5, 1].map((y) => Float64Array.of(x, y)));
  const values = interpolated(axes, f, points);
  for (const [k, point] of points.entries()) expect(values[k]).toBeCloseTo(f(point), 11);
});

test('its error falls with the fourth power of the distance of the nodes', () => {
  const f = ([x]: Float64Array): number => Math.sin(2 * x);
  const points = Array.from({ length: 200 }, (_, k) => Float64Array.of(-1.5 + (3.5 * (k + 0.5)) / 200));
  const largest = (count: number): number => {
    const values = interpolated([{ ...line, count }], f, points);
    return Math.max(...points.map((point, k) => Math.abs(values[k] - f(point))));
  };
  const [coarse, fine] = [largest(21), largest(81)];
  expect(Math.log(coarse / fine) / Math.log(4)).toBeGreaterThan(3.7);
  // The end cells' bound is (3/128)·h⁴·max|f⁗|·(1.78 for the cubic's outer interval); 2⁴ is the fourth derivative.
  expect(fine).toBeLessThan(0.0418 * gridStep({ ...line, count: 81 }) ** 4 * 16);
});
