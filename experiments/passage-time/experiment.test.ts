import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { runInThisThread } from '../fixtures/inThisThread.ts';

const study = STUDIES.get('simulate') as Study;
const read = (path: string) => readYamlFile(fileURLToPath(new URL(path, import.meta.url)));

// An interval of level 1 - 1e-6 that must tell two fifths of the time.
test('a fourth of the paths gives the time of the averaged equation that the README says', () => {
  const overrides = ['replicate=1024', 'epsilon=0.05', 'level=0.999999'];
  const { cells } = runInThisThread(study, read('experiment.yaml'), read('../../models/linear.yaml'), overrides);
  const { low, high } = cells[0].metrics['mean-first-passage-time'];
  expect(low).toBeLessThan(2.85);
  expect(high).toBeGreaterThan(2.85);
  expect(Math.max(2.85 - low, high - 2.85)).toBeLessThan(0.4 * 2.85);
});
