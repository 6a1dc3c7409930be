import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import { cellParameters, cellSettings, expandAxes, type JsonObject, type MergedOutcome, mergeMoments, readExperiment } from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';

const study = STUDIES.get('simulate') as Study;
const read = (path: string) => readYamlFile(fileURLToPath(new URL(path, import.meta.url)));

// An interval of level 1 - 1e-6 that must tell two fifths of the time.
test('a fourth of the paths gives the time of the averaged equation that the README says', () => {
  const experiment = readExperiment(read('experiment.yaml'), ['replicate=1024', 'epsilon=0.05', 'level=0.999999'], [study]);
  const document = read('../../models/linear.yaml');
  const model = readModel(document);
  const [cell] = expandAxes(experiment.axes).cells;
  const settings = cellSettings(experiment, cell, study);
  const modelData = document.value as JsonObject;
  const plan = study.plan({ cell, model, modelData, parameters: parameterValues(model, cellParameters(cell)), settings }, 1024, experiment.seed, []);
  const outcomes = plan.works.map(({ kind, parameters, replicates, blockSize }): MergedOutcome => {
    const parts: MergedOutcome['moments'][] = [];
    for (let from = 0; from < replicates; from += blockSize) {
      const to = Math.min(replicates, from + blockSize);
      const { moments, failures } = study.tasks[kind]({ study: study.name, kind, parameters, from, to, inputs: [] });
      expect(failures).toEqual([]);
      parts.push(moments);
    }
    return { moments: mergeMoments(parts), failures: {}, firstFailures: [] };
  });
  const { low, high } = plan.result(outcomes).metrics['mean-first-passage-time'];
  expect(low).toBeLessThan(2.85);
  expect(high).toBeGreaterThan(2.85);
  expect(Math.max(2.85 - low, high - 2.85)).toBeLessThan(0.4 * 2.85);
});
