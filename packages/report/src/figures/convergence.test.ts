import { expect, test } from 'vitest';
import { exampleSummary } from '../fixtures/summary.ts';
import { renderSvg } from '../svg.ts';
import { budgetFigure } from './budget.ts';
import { convergenceFigure } from './convergence.ts';

interface Layer {
  readonly data: { readonly values: readonly Readonly<Record<string, unknown>>[] };
  readonly mark: { readonly type: string };
}

const layers = (summary = exampleSummary, metric = 'strong-error'): readonly Layer[] =>
  (convergenceFigure(summary, metric) as unknown as { layer: readonly Layer[] }).layer;

test('has a point with its interval for every cell, and a line for every fit', () => {
  const of = (type: string): readonly Layer[] => layers().filter(({ mark }) => mark.type === type);
  expect(of('point')[0].data.values.length).toBe(10);
  expect(of('rule')[0].data.values[0]).toMatchObject({ at: 0.01, size: 0.1, bottom: 0.098, top: 0.10200000000000001 });
  const lines = of('line').flatMap(({ data }) => data.values);
  const last = lines.find(({ at, series }) => at === 0.16 && series === 'ratio 20');
  expect(last?.size).toBeCloseTo(0.4, 12);
});

test('shows an estimate that may be zero as a hollow point that hangs from its upper end', () => {
  const point = layers(exampleSummary, 'weak-error x^2')
    .find(({ mark }) => mark.type === 'point')
    ?.data.values.find(({ at }) => at === 0.01);
  expect(point).toMatchObject({ seen: 'may be 0', top: 0.03 });
  expect(point?.bottom).toBeGreaterThan(0);
});

test('draws sizes of negative estimates', () => {
  const negated = exampleSummary.cells.map((cell) => {
    const value = cell.metrics['strong-error'];
    return { ...cell, metrics: { 'strong-error': { ...value, estimate: -value.estimate, low: -value.high, high: -value.low } } };
  });
  expect(layers({ ...exampleSummary, cells: negated })).toEqual(layers());
});

test('of a metric that nobody measured is none', () => {
  expect(convergenceFigure(exampleSummary, 'nothing')).toBeNull();
  expect(budgetFigure(exampleSummary, 'nothing')).toBeNull();
});

test('of one value of the axis is none: the table tells all of it', () => {
  const [cell] = exampleSummary.cells;
  const metric = 'strong-error';
  expect(convergenceFigure({ ...exampleSummary, cells: [cell] }, metric)).toBeNull();
  expect(budgetFigure({ ...exampleSummary, cells: [cell] }, metric)).toBeNull();
  const other = { ...cell, axes: { ...cell.axes, epsilon: 0.5 } };
  expect(convergenceFigure({ ...exampleSummary, cells: [cell, other] }, metric)).not.toBeNull();
  expect(budgetFigure({ ...exampleSummary, cells: [cell, other] }, metric)).not.toBeNull();
});

test('the same figure is the same text, drawn again and after others', async () => {
  const first = await renderSvg(convergenceFigure(exampleSummary, 'strong-error') as never);
  await renderSvg(budgetFigure(exampleSummary, 'strong-error') as never);
  expect(await renderSvg(convergenceFigure(exampleSummary, 'strong-error') as never)).toBe(first);
  expect(first).toContain('scale separation ε');
  expect(first).toContain('slope 0.5 [0.48, 0.52], asymptotic');
  expect(first).not.toContain('NaN');
});
