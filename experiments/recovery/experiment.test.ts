import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';
import { recoverInThisThread } from '../fixtures/recoverInThisThread.ts';

const study = STUDIES.get('recovery') as Study;
const read = (path: string) => readYamlFile(fileURLToPath(new URL(path, import.meta.url)));

// Two paths at T = 20. The README's means over ten are 0.005, 0.020, 0.061 and 11: factors of ten to a thousand lie between what is told apart.
test('with few data the fit beats the free parameters and the network, and stays near what one number allows', { timeout: 60_000 }, async () => {
  const overrides = ['replicate=2', 'data.observations=1000'];
  const [{ metrics }] = await recoverInThisThread(study, read('experiment.yaml'), read('../../models/double-well.yaml'), overrides);
  const of = (name: string): number => metrics[name].estimate;
  expect(of('floor')).toBeCloseTo(0.25 / 19.98, 9);
  // E b² = ½ σ² κ E(3 c x² - a), by parts; the value by independent quadrature.
  expect(of('drift-power')).toBeCloseTo(0.08827, 4);
  expect(of('drift-mse fit')).toBeLessThan(2 * of('floor'));
  expect(of('drift-mse fit')).toBeLessThan(of('drift-mse network') / 10);
  expect(of('nats-above-optimum')).toBeGreaterThan(-1e-3);
});
