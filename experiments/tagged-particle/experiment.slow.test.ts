import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { recoverInThisThread } from '../fixtures/recoverInThisThread.ts';

const study = STUDIES.get('recovery') as Study;
const read = (path: string) => readYamlFile(fileURLToPath(new URL(path, import.meta.url)));

test('errors fall with the number of observations and not with ε, as the README says', async () => {
  const cells = await recoverInThisThread(study, read('experiment.yaml'), read('../../models/tagged-particle.yaml'), ['replicate=3']);
  const of = (simulate: string, observations: number, spacing: number, epsilon: number, metric = 'drift-mse fit'): number => {
    const cell = cells.find(
      ({ axes }) =>
        axes['data.simulate'] === simulate &&
        axes['data.observations'] === observations &&
        axes['data.spacing'] === spacing &&
        axes['data.epsilon'] === epsilon,
    );
    return cell?.metrics[metric].estimate ?? Number.NaN;
  };
  expect(of('averaged', 100, 0.1, 0.01) / of('averaged', 15_000, 0.1, 0.01)).toBeGreaterThan(4);
  expect(of('full', 1000, 0.1, 0.01) / of('full', 1000, 0.1, 0.001)).toBeLessThan(4);
  expect(of('averaged', 15_000, 0.1, 0.01)).toBeLessThan(of('averaged', 15_000, 0.1, 0.01, 'drift-mse network') / 2);
});
