import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitAnswerSchema, summarySchema } from '@ergoflow/report';
import { afterAll, describe, expect, test } from 'vitest';
import { emptyFolder, invoke, listing } from './fixtures/invoke.ts';

const folder = emptyFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
const written = (name: string, content: string): string => {
  writeFileSync(at(name), content);
  return at(name);
};

/** An Ornstein–Uhlenbeck path of rate 1 with even steps and a gap, from a linear congruence: data made elsewhere. */
function observed(count: number): string {
  let [state, x, t] = [12345, 0, 0];
  const rows = ['t,x'];
  for (let k = 0; k < count; k++) {
    rows.push(`${t},${x}`);
    let noise = -6;
    for (let j = 0; j < 12; j++) {
      state = (state * 48271) % 2147483647;
      noise += state / 2147483647;
    }
    t += k === count / 2 ? 50 : 0.05;
    x += -x * 0.05 + 0.5 * Math.sqrt(0.05) * noise;
  }
  return rows.join('\n');
}

const MODEL = written('model.yaml', 'slow: { x: { drift: "-x*y^2", noise: 0.5 } }\nfast: { y: { drift: -y, noise: 1 } }\n');
const DATA = written('observed.csv', observed(2000));
const QUICK = ['optimiser.steps=50', 'blocks=2', 'likelihood.samples=256', '-q', '-j', '1'];

describe('ergoflow fit', { timeout: 120_000 }, () => {
  const out = at('fitted');

  test('answers, and leaves a model that simulate takes from another folder', async () => {
    const { exit, out: json, err } = await invoke('fit', DATA, '--model', MODEL, '--out', out, '--json', ...QUICK);
    expect([exit, err]).toEqual([0, '']);
    const summary = summarySchema.parse(JSON.parse(json));
    const answer = fitAnswerSchema.parse(summary.answer);
    expect(answer.data).toMatchObject({ observations: 2000, paths: 1, transitions: 1998, gaps: 1, missing: 0 });
    expect(answer.quantiles.map(({ share }) => share)).toEqual([0.05, 0.25, 0.5, 0.75, 0.95]);
    for (const name of ['fit.arrow', 'law.arrow', 'fit.json', 'fitted-model.yaml', 'data.json', 'summary.json'])
      expect(existsSync(join(out, name)), name).toBe(true);

    const moved = at('elsewhere');
    mkdirSync(moved);
    copyFileSync(join(out, 'fitted-model.yaml'), join(moved, 'mine.yaml'));
    const simulated = await invoke(
      'simulate',
      join(moved, 'mine.yaml'),
      'horizon=1',
      'replicate=4',
      'epsilon=1',
      '--out',
      join(moved, 'paths'),
      '-q',
      '-j',
      '1',
      '--json',
    );
    expect(simulated.exit, simulated.err).toBe(0);
    expect(JSON.parse(simulated.out).cells[0].count).toBe(4);
  });

  test('shows the answer in words again', async () => {
    const { out: text } = await invoke('show', out);
    expect(text).toMatch(/^2000 observations in 1 path: 1998 transitions, 1 gaps/);
    expect(text).toContain('nats above the best that any law could reach');
    expect(text).toMatch(/\n50 % +/);
  });

  test('does not fit the same data again, wherever they lie, and says when they changed', async () => {
    const copy = at('copy.csv');
    copyFileSync(DATA, copy);
    const again = await invoke('fit', copy, '--model', MODEL, '--out', out, '--json', ...QUICK);
    expect(JSON.parse(again.out).tasks).toMatchObject({ total: 1, done: 1, reused: 1 });
    appendFileSync(copy, '\n1000,0.1\n1000.05,0.2');
    const plan = await invoke('fit', copy, '--model', MODEL, '--out', out, '-n', '--json', ...QUICK);
    expect(JSON.parse(plan.out).cells).toMatchObject([{ reason: 'the data changed', tasks: { missing: 1 } }]);
  });

  test('gives the same bits again', async () => {
    const other = at('again');
    expect((await invoke('fit', DATA, '--model', MODEL, '--out', other, ...QUICK)).exit).toBe(0);
    for (const name of ['metrics.arrow', 'fit.arrow', 'law.arrow', 'fitted-model.yaml', 'fit.json']) {
      expect(readFileSync(join(other, name)).equals(readFileSync(join(out, name))), name).toBe(true);
    }
  });
});

test.each<[string, string, readonly string[], string]>([
  ['missing.csv', '', [], 'this file does not exist'],
  ['column.csv', 'tt,x\n0,1\n1,2', [], 'column.csv:1:1: no column t: found tt, x; did you mean tt?'],
  ['text.csv', 't,x\n0,1\n1,two', [], 'text.csv:3:3: x is "two": a finite number is needed'],
  ['one.csv', 't,x\n0,1', [], 'one.csv: the table has one row: at least two observations in a row are needed'],
  ['unsorted.csv', 't,x\n0,1\n2,1\n1,1', [], 'unsorted.csv:4:1: times must increase: 1 comes after 2'],
  ['gaps.csv', 't,x\n0,1\n1,\n2,1\n3,NaN\n4,1', [], 'of which no two neighbours have all values'],
  ['infinite.csv', 't,x\n0,1\n1,Infinity', [], 'infinite.csv:3:3: x is "Infinity": a finite number is needed'],
  ['none.parquet', 't,x\n0,1', [], 'none.parquet: this is no Parquet file, or one that is cut'],
  ['log.csv', 't,x\n0,1\n1,-2\n2,1', ['--model', 'LOG'], 'the equations of model are not finite at x = -2, which was observed'],
  ['nothing.csv', 't,x\n0,1\n1,2', ['--model', 'NOTHING'], 'model has nothing to learn'],
  ['key.csv', 't,x\n0,1\n1,2', ['flow.layer=3'], 'did you mean flow.layers?'],
  ['replicate.csv', 't,x\n0,1\n1,2', ['replicate=3'], 'axes.replicate must be 1, got 3'],
  ['backend.csv', 't,x\n0,1\n1,2', ['--backend', 'tenserflow'], 'did you mean tensorflow?'],
])('ergoflow fit %s is refused in one sentence, and nothing is written', async (name, content, more, message) => {
  const models: Readonly<Record<string, string>> = {
    LOG: written('log.yaml', 'slow: { x: { drift: "y*log(x)", noise: 1 } }\nfast: { y: { drift: -y, noise: 1 } }\n'),
    NOTHING: written('nothing.yaml', 'slow: { x: { drift: -x, noise: 1 } }\n'),
  };
  const path = content === '' ? at(name) : written(name, content);
  const before = listing(folder);
  const { exit, out, err } = await invoke('fit', path, '--model', MODEL, ...more.map((word) => models[word] ?? word), '--out', at('refused'), '-q');
  expect(exit, err).toBe(2);
  expect(out).toBe('');
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect(err).toContain(message);
  expect(listing(folder)).toEqual(before);
});

test('ergoflow fit without a model says so', async () => {
  expect(await invoke('fit', DATA)).toMatchObject({ exit: 2, err: expect.stringContaining('--model is missing') });
});
