import { expect, test } from 'vitest';
import { exampleSummary } from './fixtures/summary.ts';
import { terminalTable } from './terminalTable.ts';

test('has a row per cell, its trouble, and a row per order', () => {
  const lines = terminalTable(exampleSummary, 120).split('\n');
  expect(lines.filter((line) => line.startsWith('0.0') || line.startsWith('0.16')).length).toBe(10);
  expect(lines).toContain('lost at epsilon 0.16, step 0.008, ratio 20: 3 non-finite');
  expect(lines.filter((line) => line.endsWith('asymptotic')).length).toBe(4);
  expect(lines.find((line) => line.includes('95 % interval'))).toBeDefined();
});

test('fits a narrow terminal by putting columns under each other', () => {
  const lines = terminalTable(exampleSummary, 60).split('\n');
  const cells = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('lost')),
  );
  expect(Math.max(...cells.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(cells.filter((line) => line.startsWith('epsilon')).length).toBeGreaterThan(1);
});

test('shows 40 cells and says how many more there are', () => {
  const cells = Array.from({ length: 45 }, (_, k) => ({ ...exampleSummary.cells[0], axes: { epsilon: k + 1 } }));
  expect(terminalTable({ ...exampleSummary, cells }, 120)).toContain('… and 5 more cells');
});

test('of a study without metrics has its cells all the same', () => {
  const cells = exampleSummary.cells.map((cell) => ({ ...cell, metrics: {} }));
  expect(terminalTable({ ...exampleSummary, cells, fits: [] }, 120)).toContain('4000');
});
