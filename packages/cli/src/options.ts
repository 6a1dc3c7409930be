/** The options that commands share: on the command line, or in the environment as ERGOFLOW_NAME; the command line wins, then the environment, then the file. */
import { availableParallelism } from 'node:os';
import { didYouMean, InputError } from '@ergoflow/input';
import { TARGETS } from '@ergoflow/kernels';
import type { EngineName } from '@ergoflow/runner';
import { COMMAND_LINE } from './place.ts';

/** One option. */
interface OptionRow {
  readonly alias?: string;
  readonly type: 'boolean' | 'string' | 'count';
  readonly about: string;
}

/** All options by name; the environment variable is ERGOFLOW_ and the name in capitals with underscores. */
export const OPTIONS = {
  'dry-run': { alias: 'n', type: 'boolean', about: 'show what would run, and run nothing' },
  jobs: { alias: 'j', type: 'string', about: 'number of threads; default: all cores' },
  out: { alias: 'o', type: 'string', about: 'result folder; default: results/<name>' },
  engine: { type: 'string', about: 'where tasks run: threads (default), or processes, which no task can take along' },
  timeout: { type: 'string', about: 'longest time of a task: 90s, 30m, 2h, or 200%, of the median of its kind in the cell; default none' },
  retry: { type: 'boolean', about: 'try again what failed in earlier runs' },
  sample: { type: 'string', about: 'compute this part of the finished tasks again and compare bit by bit, such as 1%; default none' },
  seed: { type: 'string', about: 'seed of all random numbers; default: the experiment’s' },
  target: { type: 'string', about: 'how kernels run: auto, native, wasm or reference; all give the same bits' },
  emit: { type: 'string', about: 'c, wat (WebAssembly) or graph; default graph' },
  model: { type: 'string', about: 'name of the model that is fitted, or the path of its file' },
  backend: { type: 'string', about: 'what a fit is computed with: fused (default), or tensorflow' },
  scheme: { type: 'string', about: 'the scheme whose step is shown; default euler-maruyama' },
  json: { type: 'boolean', about: 'print one JSON document on standard output, and nothing else there' },
  quiet: { alias: 'q', type: 'boolean', about: 'print no progress' },
  yes: { alias: 'y', type: 'boolean', about: 'do it instead of saying what would be done' },
  verbose: { alias: 'v', type: 'count', about: 'log each task as well; print the stack of an internal error' },
} as const satisfies Record<string, OptionRow>;

/** Name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** Options with their values. */
export interface Given {
  /** Arguments by the name in the command's usage. */
  readonly argument: (name: string) => string;
  readonly rest: readonly string[];
  readonly dryRun: boolean;
  readonly jobs: number;
  /** Null where the default is meant. */
  readonly out: string | null;
  readonly engine: EngineName;
  /** As written; read by `readTimeout` of the runner, which would make the help slow. */
  readonly timeout: string | null;
  readonly retry: boolean;
  readonly sample: string | null;
  readonly yes: boolean;
  readonly seed: number | null;
  readonly target: string;
  readonly emit: string | null;
  readonly scheme: string | null;
  readonly model: string | null;
  readonly backend: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbosity: number;
}

/** Name of an option's environment variable. */
export const variableOf = (name: OptionName): string => `ERGOFLOW_${name.toUpperCase().replaceAll('-', '_')}`;

/**
 * Reads the options.
 *
 * @param parsed What the command line gave, by name of option or argument.
 * @throws InputError naming the option or the variable, with what is allowed.
 */
export function readGiven(parsed: Readonly<Record<string, unknown>>, environment: NodeJS.ProcessEnv): Given {
  const source = (name: OptionName): { readonly value: unknown; readonly from: string } => {
    const given = parsed[name];
    // Given twice, the last one counts.
    if (given !== undefined && given !== 0) return { value: Array.isArray(given) ? given.at(-1) : given, from: `--${name}` };
    return { value: environment[variableOf(name)], from: variableOf(name) };
  };
  const wrong = (from: string, value: unknown, needed: string): InputError =>
    new InputError(`${from} must be ${needed}, got ${JSON.stringify(value)}`, COMMAND_LINE);
  const truth = (name: OptionName): boolean => {
    const { value, from } = source(name);
    if (value === undefined || value === '' || value === false || value === '0' || value === 'false') return false;
    if (value === true || value === '1' || value === 'true') return true;
    throw wrong(from, value, 'true or false');
  };
  const whole = (name: OptionName, least: number, most: number): number | null => {
    const { value, from } = source(name);
    if (value === undefined) return null;
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) throw wrong(from, value, `a whole number from ${least} to ${most}`);
    return number;
  };
  const text = (name: OptionName): string | null => {
    const { value, from } = source(name);
    if (value === undefined) return null;
    if (typeof value !== 'string' || value.trim() === '') throw wrong(from, value, 'a text');
    return value;
  };
  const oneOf = (name: OptionName, allowed: readonly string[]): string | null => {
    const { value, from } = source(name);
    if (value === undefined || value === '') return null;
    if (!allowed.includes(String(value))) {
      const { message, place } = wrong(from, value, `one of ${allowed.join(', ')}`);
      throw new InputError(`${message}${didYouMean(String(value), allowed)}`, place);
    }
    return String(value);
  };
  return {
    argument: (name) => String(parsed[name] ?? ''),
    rest: ((parsed.overrides ?? []) as readonly unknown[]).map(String),
    dryRun: truth('dry-run'),
    jobs: whole('jobs', 1, MOST_JOBS) ?? availableParallelism(),
    out: text('out'),
    engine: (oneOf('engine', ENGINE_NAMES) ?? 'threads') as EngineName,
    timeout: text('timeout'),
    retry: truth('retry'),
    sample: text('sample'),
    yes: truth('yes'),
    seed: whole('seed', 0, Number.MAX_SAFE_INTEGER),
    target: oneOf('target', ['auto', ...Object.keys(TARGETS)]) ?? 'auto',
    emit: text('emit'),
    scheme: text('scheme'),
    model: text('model'),
    backend: oneOf('backend', ['fused', 'tensorflow']),
    json: truth('json'),
    quiet: truth('quiet'),
    verbosity: typeof parsed.verbose === 'number' && parsed.verbose > 0 ? parsed.verbose : truth('verbose') ? 1 : 0,
  };
}

/** The runner's engines. */
const ENGINE_NAMES: readonly EngineName[] = ['threads', 'processes'];

/** More threads than any server has cores; beyond it is a slip of the finger. */
const MOST_JOBS = 1024;
