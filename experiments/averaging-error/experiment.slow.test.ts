import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { type FitResult, STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { runInThisThread } from '../fixtures/inThisThread.ts';

const study = STUDIES.get('averaging-error') as Study;
const read = (path: string) => readYamlFile(fileURLToPath(new URL(path, import.meta.url)));

const fits = (overrides: readonly string[]): readonly FitResult[] =>
  runInThisThread(study, read('experiment.yaml'), read('../../models/double-well.yaml'), overrides).fits(1 - 1e-6);

// Intervals of level 1 - 1e-6, each of which must tell half an order.
test.each([1, 2])('an eleventh of the paths shows the orders that the README says, from seed %d', (seed) => {
  const all = fits(['replicate=50000', `seed=${seed}`]);
  expect(all.map(({ metric, expected }) => [metric, expected])).toEqual([
    ['strong-error', 0.5],
    ['strong-error-sup', 0.5],
    ['weak-error x', 1],
    ['weak-error x^2', 1],
  ]);
  for (const { metric, low, high, expected } of all as (FitResult & { expected: number })[]) {
    expect(low, metric).toBeLessThanOrEqual(expected);
    expect(high, metric).toBeGreaterThanOrEqual(expected);
    expect(Math.max(expected - low, high - expected), metric).toBeLessThan(0.5);
  }
});
