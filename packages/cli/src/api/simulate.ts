/** Simulates paths of a model in this thread and gives them as arrays; nothing is written. */
import { documentOf } from '@ergoflow/input';
import { gatherRows, type JsonObject, type Table, type TaskFailure } from '@ergoflow/runner';
import { prepare } from '../prepare.ts';

/** What to simulate. */
export interface SimulateOptions {
  /** Scale separation ε > 0; default 0.1. */
  readonly epsilon?: number;
  /** Length of the paths in slow time, > 0; default 1. */
  readonly horizon?: number;
  /** Time step; default ε/20. */
  readonly step?: number;
  /** Slow time between the points kept; default 0.01. */
  readonly every?: number;
  /** Number of paths, ≥ 1; default 1. */
  readonly paths?: number;
  /** Whole number, ≥ 0; default 1. */
  readonly seed?: number;
  /** Name of the scheme; default euler-maruyama. */
  readonly scheme?: string;
  /** Keep the fast variables too; default true. */
  readonly fast?: boolean;
  /** Parameters of the model that differ from its file. */
  readonly parameters?: Readonly<Record<string, number>>;
}

/** Paths: one row per time and path, the paths of one time together. */
export interface SimulatedPaths {
  readonly replicate: Int32Array;
  /** Slow time. */
  readonly time: Float64Array;
  /** By component, `x` or `y[3]`; [rows]. */
  readonly values: Readonly<Record<string, Float64Array>>;
  /** Paths that were lost, with time and reason; their rows have no meaning from that time on. */
  readonly failures: readonly TaskFailure[];
}

/**
 * Simulates the full slow–fast system.
 *
 * @param model Name, path, or the model itself as data.
 * @throws InputError for the first thing wrong with the model or an option.
 */
export function simulate(model: string | JsonObject, options: SimulateOptions = {}): SimulatedPaths {
  const { epsilon = 0.1, step, scheme, paths = 1, seed = 1, horizon, every, fast, parameters = {} } = options;
  const axes = {
    epsilon,
    replicate: paths,
    ...(step === undefined ? {} : { step }),
    ...(scheme === undefined ? {} : { scheme }),
    ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`model.parameters.${name}`, value])),
  };
  const set = Object.fromEntries(
    Object.entries({ horizon, every, fast }).filter((entry): entry is [string, number | boolean] => entry[1] !== undefined),
  );
  const prepared = prepare(documentOf({ study: 'simulate', model, axes, set, seed }), []);
  const { works } = prepared.plan(prepared.expansion.cells[0], paths);
  const { kind, parameters: parts } = works[0];
  const rows = gatherRows();
  const { failures } = prepared.study.tasks[kind]({ study: 'simulate', kind, parameters: parts, from: 0, to: paths, inputs: [] }, rows.keep);
  const [replicate, time, ...components] = (rows.tables().get('trajectories') as Table).columns;
  return {
    replicate: replicate.values as Int32Array,
    time: time.values as Float64Array,
    values: Object.fromEntries(components.map(({ name, values }) => [name, values as Float64Array])),
    failures,
  };
}
