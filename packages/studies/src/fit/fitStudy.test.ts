import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYaml } from '@ergoflow/input';
import { type JsonObject, type MergedOutcome, mergeMoments, type Outcome } from '@ergoflow/runner';
import { parameterValues, readModel } from '@ergoflow/sde';
import { afterAll, describe, expect, test } from 'vitest';
import { standInFit } from '../fixtures/standInFit.ts';
import { planOf } from '../fixtures/studyRuns.ts';
import { trueCoefficients } from './drift.ts';
import { makeFitStudy } from './fitStudy.ts';
import type { FitAnswer } from './results.ts';

const study = makeFitStudy(standInFit);
const folder = mkdtempSync(join(tmpdir(), 'ergoflow-fit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MODEL: JsonObject = {
  slow: { x: { drift: 'a*x - x^3 + y', noise: 'c', start: 0.5 } },
  fast: { y: { drift: '-y', noise: 1 } },
  parameters: { a: { value: 1, learn: true }, c: 'a/2' },
  truth: { drift: { x: 'a*x - x^3' } },
};
const file = join(folder, 'observed.csv');
writeFileSync(file, 't,x\n0,0.5\n0.1,0.6\n0.2,-0.4\n0.3,0.1\n');

const planned = (settings: JsonObject, replicates = 1, model = MODEL) => planOf(study, { model, axes: {}, settings, replicates });

async function outcomesOf({ works }: ReturnType<typeof planned>): Promise<MergedOutcome> {
  const [{ kind, parameters, replicates, files }] = works;
  const outcomes: Outcome[] = [];
  for (let from = 0; from < replicates; from++) {
    const request = { study: 'fit', kind, parameters, from, to: from + 1, inputs: [], ...(files === undefined ? {} : { files }) };
    outcomes.push(await (study.longTasks as NonNullable<typeof study.longTasks>).fit(request, () => {}));
  }
  const answers = outcomes.flatMap(({ answer }, from) => (answer === undefined ? [] : [{ from, answer }]));
  return { moments: mergeMoments([]), failures: {}, firstFailures: outcomes.flatMap(({ failures }) => failures), answers };
}

describe('what a task is', () => {
  test('depends on the content of the data file, and not on its place', () => {
    const copy = join(folder, 'copy.csv');
    copyFileSync(file, copy);
    const [one, other] = [file, copy].map((data) => planned({ data }).works[0]);
    expect(one.parameters).toEqual(other.parameters);
    expect(Object.values(one.files ?? {})).toEqual([file]);
    writeFileSync(copy, 't,x\n0,0.5\n0.1,0.6\n');
    expect(planned({ data: copy }).works[0].parameters.data).not.toEqual(one.parameters.data);
  });

  test('is one fit, and each data set a task of its own', () => {
    const [work] = planned({ data: { simulate: 'averaged', observations: 20 } }, 7).works;
    expect([work.replicates, work.blockSize]).toEqual([7, 1]);
  });
});

test('a task computes with the data of its plan, and fails where they are nowhere any more', async () => {
  const path = join(folder, 'changing.csv');
  writeFileSync(path, 't,x\n0,0.5\n0.1,0.6\n');
  const plan = planned({ data: path });
  const before = await outcomesOf(plan);
  writeFileSync(path, 't,x\n0,0.5\n0.1,0.75\n');
  expect(await outcomesOf(plan)).toEqual(before);
  const later = planned({ data: path });
  expect((await outcomesOf(later)).answers).not.toEqual(before.answers);
  await expect(outcomesOf(plan)).rejects.toThrow('has changed since the run began');
});

test('a single fit gives its answer, tables, and files from which the fitted model can be read', async () => {
  const plan = planned({ data: file });
  const { answer, metrics, tables, documents, count } = plan.result([await outcomesOf(plan)]);
  expect(count).toBe(1);
  expect(answer).toMatchObject({ level: 0.95, parameters: { a: { estimate: 1 } }, rank: 1, data: { observations: 4, paths: 1, transitions: 3 } });
  expect((answer as { quantiles: unknown[] }).quantiles).toHaveLength(5);
  // The objective of the stand-in is infinite, which JSON cannot say.
  expect((answer as { restarts: { objective: unknown }[] }).restarts[0].objective).toBeNull();
  expect(metrics['parameter a']).toMatchObject({ estimate: 1, low: 0, high: 2, level: 0.95 });
  expect(metrics['nats-above-optimum']).toMatchObject({ estimate: 2, low: 2, high: 2, standardError: 0 });
  expect(Object.keys(metrics)).not.toContain('drift-mse');
  expect(tables?.fit.columns.map(({ name }) => name)).toEqual([
    'x',
    'drift x',
    'drift x low',
    'drift x high',
    'diffusion x x',
    'diffusion x x low',
    'diffusion x x high',
  ]);
  expect(tables?.law.columns.map(({ name, values }) => [name, values.length])).toEqual([
    ['y', 64],
    ['weight', 64],
  ]);
  expect(JSON.parse(documents?.['fit.json'] ?? '')).toMatchObject({
    parameters: { a: 1, c: 0.5 },
    weights: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });

  const fitted = readModel(readYaml(documents?.['fitted-model.yaml'] ?? '', 'fitted-model.yaml'));
  expect([fitted.fast.length, fitted.slow[0].name]).toEqual([0, 'x']);
  const drift = tables?.fit.columns[1].values as Float64Array;
  const at = tables?.fit.columns[0].values as Float64Array;
  // The truth of a model without fast variables is its own equation.
  const own = { ...fitted, truth: { drift: new Map([['x', [fitted.slow[0].drift as Exclude<(typeof fitted.slow)[0]['drift'], 'unknown'>]]]) } };
  const read = trueCoefficients(own, parameterValues(fitted), [at]);
  expect([...read.drift[0]]).toEqual([...drift].map((x) => expect.closeTo(x, 12)));
  expect([...(read.diffusion ?? [])]).toEqual(Array.from(at, () => expect.closeTo(0.25, 12)));
});

test('parameters that are not to be learned stay what they are', async () => {
  const plan = planned({ data: file, learn: false });
  expect(plan.works[0].parameters.model).toMatchObject({ parameters: { a: { value: 1 }, c: 'a/2' } });
  expect(plan.result([await outcomesOf(plan)]).answer).toMatchObject({ parameters: {} });
});

test('several data sets give means with intervals over them, and an answer of all', async () => {
  const plan = planned({ data: { simulate: 'averaged', observations: 50, spacing: 0.1, burnIn: 1 } }, 4);
  const outcome = await outcomesOf(plan);
  const { metrics, answer, documents, tables } = plan.result([outcome]);
  const starts = (outcome.answers as readonly { answer: JsonObject }[]).map(
    ({ answer: one }) => (one as unknown as FitAnswer).measures['held-out-nll-per-transition'] as number,
  );
  expect(new Set(starts).size).toBe(4);
  const mean = starts.reduce((a, b) => a + b, 0) / 4;
  const deviation = Math.sqrt(starts.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3);
  // Student's t at 0.975 with 3 degrees of freedom.
  expect(metrics['held-out-nll-per-transition'].high - mean).toBeCloseTo((3.182446305 * deviation) / 2, 6);
  expect(metrics['drift-mse'].estimate).toBeGreaterThan(0);
  expect(answer).toMatchObject({ dataSets: 4, fits: [{ rank: 1 }, {}, {}, {}] });
  expect([documents, tables]).toEqual([undefined, {}]);
});

test('the error of the drift is that of the law on the stationary law of the truth', async () => {
  const plan = planned({ data: { simulate: 'averaged', observations: 50 } }, 2);
  const { metrics } = plan.result([await outcomesOf(plan)]);
  // The stand-in's law has the mean -1/128 for y, whatever the data: so far is its drift from the truth everywhere.
  expect(metrics['drift-mse'].estimate).toBeCloseTo(1 / 128 ** 2, 12);
});

test('two slow components give tables in two directions, a vector too', async () => {
  const model: JsonObject = {
    slow: { x: { size: 2, drift: '-x + y', noise: 0.5 } },
    fast: { y: { drift: '-y', noise: 1 } },
  };
  const path = join(folder, 'two.csv');
  writeFileSync(path, 't,x[1],x[2]\n0,0,0\n1,1,-1\n2,-1,2\n');
  const plan = planned({ data: path }, 1, model);
  const { documents } = plan.result([await outcomesOf(plan)]);
  const fitted = readModel(readYaml(documents?.['fitted-model.yaml'] ?? '', 'f.yaml'));
  expect([...(fitted.tables ?? new Map()).values()].map(({ arity }) => arity)).toEqual([2, 2]);
});

test('noise that depends on the fast variables is tabulated, and its root taken', async () => {
  const model: JsonObject = { slow: { x: { drift: '-x', noise: '1 + y' } }, fast: { y: { drift: '-y', noise: 1 } } };
  const plan = planned({ data: file }, 1, model);
  const { documents } = plan.result([await outcomesOf(plan)]);
  expect(documents?.['fitted-model.yaml']).toContain('sqrt(max(0, diffusion_1_1(x)))');
  expect(() => readModel(readYaml(documents?.['fitted-model.yaml'] ?? '', 'f.yaml'))).not.toThrow();
});

test.each<[JsonObject, number, JsonObject, string]>([
  [{ data: file }, 2, MODEL, 'is one data set: axes.replicate must be 1, got 2'],
  [{ data: file }, 1, { slow: { x: { drift: '-x' } } }, 'model has nothing to learn'],
  [
    { data: file },
    1,
    { ...MODEL, slow: { x: { drift: 'y*log(x)', noise: 1 } } },
    'the equations of model are not finite at x = -0.4, which was observed',
  ],
  [
    { data: { simulate: 'full' } },
    1,
    { slow: MODEL.slow, fast: { y: { drift: 'unknown', noise: 'unknown' } }, parameters: MODEL.parameters },
    'the equation of y is unknown',
  ],
  [{ data: { simulate: 'averaged' } }, 1, { slow: MODEL.slow, fast: MODEL.fast, parameters: MODEL.parameters }, 'it has no truth'],
])('what cannot be fitted is refused: %#', (settings, replicates, model, message) => {
  expect(() => planned(settings, replicates, model)).toThrow(message);
});
