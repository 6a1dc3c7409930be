import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { COMMANDS } from './commands/table.ts';
import { invoke } from './fixtures/invoke.ts';
import { readGiven } from './options.ts';
import { version } from './version.ts';

const WRONG: readonly (readonly [readonly string[], string])[] = [
  [[], 'a command is missing: allowed are run, plan'],
  [['runn', 'x'], 'unknown command "runn"'],
  [['runn', 'x'], 'did you mean run?'],
  [['run'], 'the command is run <experiment> [overrides..]'],
  [['run', 'linear-check', '--jbs', '3'], 'unknown option --jbs'],
  [['run', 'linear-check', '--jbs', '3'], 'did you mean --jobs?'],
  [['run', 'linear-check', '--jobs'], 'jobs'],
  [['run', 'linear-check', '-j', '0'], '--jobs must be a whole number from 1 to 1024, got "0"'],
  [['run', 'linear-check', '--seed', '-1'], '--seed must be a whole number'],
  [['run', 'linear-check', '--seed', '1.5'], '--seed must be a whole number'],
  [['run', 'linear-check', '--out', ''], '--out must be a text'],
  [['run', 'linear-chek'], 'did you mean linear-check?'],
  [['models', 'lorenz69'], 'did you mean lorenz96?'],
  [['studies', 'averaging'], 'unknown study "averaging"'],
  [['schema', 'mdel'], 'did you mean model?'],
  [['show', 'nowhere/at-all'], 'has no results'],
  [['status', 'constructor'], 'has no results'],
  [['models', 'linear', 'triad'], '"triad" is too much'],
  [['plan', 'linear-check', 'epsilom=1'], 'did you mean epsilon?'],
];

test.each(WRONG)('%j is refused: %s', async (list, message) => {
  const { exit, out, err } = await invoke(...list);
  expect(exit).toBe(2);
  expect(out).toBe('');
  expect(err.trimEnd().split('\n').length, err).toBe(1);
  expect(err).toContain(message);
});

test('all overrides count, and of an option given twice the last', async () => {
  const { out, err } = await invoke('plan', 'step-size', 'replicate=300', 'scheme=milstein', 'step=[0.1,0.05]', '--out', 'a', '--out', 'b', '--json');
  expect(err).toBe('');
  const { replicates, cells, folder } = JSON.parse(out);
  expect([replicates.first, cells.length, folder]).toEqual([300, 2, 'b']);
});

test('every command has help that names its arguments and options', async () => {
  for (const { usage, options, arguments: named } of COMMANDS) {
    const { exit, out } = await invoke(usage.split(' ')[0], '--help');
    expect(exit).toBe(0);
    for (const name of [...options.map((option) => `--${option}`), ...Object.keys(named)]) expect(out).toContain(name);
  }
});

test('--version says the version of the manifest', async () => {
  expect((await invoke('--version')).out.trim()).toBe(version);
  expect(version).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
});

test('an option wins over the environment, and the environment over the default', () => {
  const jobs = (parsed: Record<string, unknown>, environment: NodeJS.ProcessEnv): number => readGiven(parsed, environment).jobs;
  expect(jobs({ jobs: '3' }, { ERGOFLOW_JOBS: '5' })).toBe(3);
  expect(jobs({}, { ERGOFLOW_JOBS: '5' })).toBe(5);
  expect(jobs({}, {})).toBe(availableParallelism());
  expect(() => jobs({}, { ERGOFLOW_JOBS: 'all' })).toThrow('ERGOFLOW_JOBS must be a whole number from 1 to 1024, got "all"');
  expect(readGiven({}, { ERGOFLOW_DRY_RUN: '1', ERGOFLOW_JSON: 'true', ERGOFLOW_QUIET: '0' })).toMatchObject({
    dryRun: true,
    json: true,
    quiet: false,
  });
  expect(() => readGiven({}, { ERGOFLOW_JSON: 'yes' })).toThrow('ERGOFLOW_JSON must be true or false');
  expect(readGiven({ verbose: 2 }, {}).verbosity).toBe(2);
});

test('lists and schemas are JSON where JSON is asked for', async () => {
  for (const list of [
    ['studies', '--json'],
    ['studies', 'averaging-error', '--json'],
    ['models', '--json'],
    ['models', 'triad', '--json'],
    ['schema', 'model'],
    ['schema', 'summary'],
    ['schema', 'experiment'],
    ['schema', 'experiment', 'averaging-error'],
  ]) {
    const { exit, out, err } = await invoke(...list);
    expect([exit, err]).toEqual([0, '']);
    expect(() => JSON.parse(out)).not.toThrow();
  }
});
