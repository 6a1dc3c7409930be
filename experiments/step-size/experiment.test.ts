import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { type FitResult, STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { runInThisThread } from '../fixtures/inThisThread.ts';

const study = STUDIES.get('step-size') as Study;
const document = readYamlFile(fileURLToPath(new URL('experiment.yaml', import.meta.url)));

const fits = (overrides: readonly string[]): readonly FitResult[] => runInThisThread(study, document, null, overrides).fits(1 - 1e-6);

// Intervals of level 1 - 1e-6, each of which must tell half an order.
test('a sixth of the paths shows the strong orders that the README says', () => {
  const strong = fits(['replicate=700', 'scheme=euler-maruyama,milstein']).filter(({ metric }) => metric === 'strong-error');
  expect(strong.map(({ where, expected }) => [where.scheme, expected])).toEqual([
    ['euler-maruyama', 0.5],
    ['milstein', 1],
  ]);
  for (const { low, high, expected } of strong as (FitResult & { expected: number })[]) {
    expect(low).toBeLessThanOrEqual(expected);
    expect(high).toBeGreaterThanOrEqual(expected);
    expect(Math.max(expected - low, high - expected)).toBeLessThan(0.5);
  }
});
