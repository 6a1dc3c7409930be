import { fileURLToPath } from 'node:url';
import { readYamlFile, valueAt } from '@ergoflow/input';
import { cellParameters, cellSettings, expandAxes, type JsonObject, type MergedOutcome, mergeMoments, readExperiment } from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { type FitResult, STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';

const study = STUDIES.get('step-size') as Study;
const file = fileURLToPath(new URL('experiment.yaml', import.meta.url));

/** Runs the experiment in this thread. */
function fits(overrides: readonly string[]): readonly FitResult[] {
  const document = readYamlFile(file);
  const experiment = readExperiment(document, overrides, [study]);
  const model = readModel(document, ['model']);
  const modelData = valueAt(document.value, ['model']) as JsonObject;
  const { cells, replicates } = expandAxes(experiment.axes);
  const count = replicates.kind === 'count' ? replicates.count : replicates.min;
  const results = cells.map((cell) => {
    const settings = cellSettings(experiment, cell, study);
    const parameters = parameterValues(model, cellParameters(cell));
    const plan = study.plan({ cell, model, modelData, parameters, settings }, count, experiment.seed, []);
    const [{ kind, parameters: asked, blockSize }] = plan.works;
    const parts: MergedOutcome['moments'][] = [];
    for (let from = 0; from < count; from += blockSize) {
      const outcome = study.tasks[kind]({ study: study.name, kind, parameters: asked, from, to: Math.min(count, from + blockSize), inputs: [] });
      expect(outcome.failures).toEqual([]);
      parts.push(outcome.moments);
    }
    return plan.result([{ moments: mergeMoments(parts), failures: {}, firstFailures: [] }]);
  });
  return study.fit(results, new Set(experiment.axes.derived), 1 - 1e-6);
}

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
