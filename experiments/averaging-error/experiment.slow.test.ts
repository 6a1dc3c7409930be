import { fileURLToPath } from 'node:url';
import { readYamlFile } from '@ergoflow/input';
import {
  cellParameters,
  cellSettings,
  expandAxes,
  type JsonObject,
  type MergedOutcome,
  mergeMoments,
  readExperiment,
  type Work,
} from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { type FitResult, STUDIES, type Study } from '@ergoflow/studies';
import { expect, test } from 'vitest';

const study = STUDIES.get('averaging-error') as Study;
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function outcomeOf({ kind, parameters, replicates, blockSize }: Work): MergedOutcome {
  const parts: MergedOutcome['moments'][] = [];
  for (let from = 0; from < replicates; from += blockSize) {
    const to = Math.min(replicates, from + blockSize);
    const { moments, failures } = study.tasks[kind]({ study: study.name, kind, parameters, from, to, inputs: [] });
    expect(failures).toEqual([]);
    parts.push(moments);
  }
  return { moments: mergeMoments(parts), failures: {}, firstFailures: [] };
}

/** Runs the experiment in this thread. */
function fits(overrides: readonly string[]): readonly FitResult[] {
  const experiment = readExperiment(readYamlFile(at('experiment.yaml')), overrides, [study]);
  const modelData = readYamlFile(at('../../models/double-well.yaml')).value as JsonObject;
  const model = readModel(readYamlFile(at('../../models/double-well.yaml')));
  const { cells, replicates } = expandAxes(experiment.axes);
  const count = replicates.kind === 'count' ? replicates.count : replicates.min;
  const results = cells.map((cell) => {
    const settings = cellSettings(experiment, cell, study);
    const plan = study.plan(
      { cell, model, modelData, parameters: parameterValues(model, cellParameters(cell)), settings },
      count,
      experiment.seed,
      [],
    );
    return plan.result(plan.works.map(outcomeOf));
  });
  return study.fit(results, new Set(experiment.axes.derived), 1 - 1e-6);
}

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
