import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { doubleWellKappa } from './truths.ts';

it('makes the number that stands in models/double-well.yaml, and finer steps do not change it', () => {
  const text = readFileSync(new URL('../models/double-well.yaml', import.meta.url), 'utf8');
  const written = Number(/x: (0\.\d+)\*\(a\*x/.exec(text)?.[1]);
  expect(Math.abs(doubleWellKappa(0.16) - written)).toBeLessThan(1e-12);
  expect(Math.abs(doubleWellKappa(0.32) - written)).toBeLessThan(1e-7);
  // The two would agree for any function if the rule were not run at different steps.
  expect(Math.abs(doubleWellKappa(0.32) - written)).toBeGreaterThan(1e-12);
});
