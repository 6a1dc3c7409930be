/** What a cell says about its settings and the parameters of its model. */
import { formatPath, InputError } from '@ergoflow/input';
import type { JsonObject } from '../work.ts';
import type { Cell } from './expandAxes.ts';
import { type KnownStudy, PARAMETER_PREFIX } from './known.ts';
import type { Experiment } from './readExperiment.ts';

/**
 * Gives the settings at a cell: the experiment's, with the values of the axes that are settings, checked as a whole and with their defaults.
 *
 * @throws InputError at the axis if its value does not go with the other settings.
 */
export function cellSettings(experiment: Experiment, cell: Cell, known: KnownStudy): JsonObject {
  const swept = Object.keys(cell.axes).filter((name) => !Object.hasOwn(known.axes, name) && !name.startsWith(PARAMETER_PREFIX));
  if (swept.length === 0) return experiment.settings;
  const value = structuredClone(experiment.settings) as Record<string, unknown>;
  for (const name of swept) {
    const parts = name.split('.');
    const last = parts.pop() as string;
    let at = value;
    for (const part of parts) {
      at[part] ??= {};
      if (typeof at[part] !== 'object') {
        const place = experiment.axes.axes.find((axis) => axis.name === name)?.place ?? null;
        throw new InputError(`${part} is ${JSON.stringify(at[part])}, which has no ${last}: ${name} cannot be an axis beside it`, place);
      }
      at = at[part] as Record<string, unknown>;
    }
    at[last] = cell.axes[name];
  }
  const { data, error } = known.settings.safeParse(value);
  if (error === undefined) return data as JsonObject;
  const [issue] = error.issues;
  const path = issue.path as (string | number)[];
  const axis = experiment.axes.axes.find(({ name }) => name === path.join('.')) ?? experiment.axes.axes.find(({ name }) => name === swept[0]);
  const point = swept.map((name) => `${name} = ${cell.axes[name]}`).join(', ');
  throw new InputError(
    `${formatPath(path)} does not go with ${point}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`,
    axis?.place ?? null,
  );
}

/** Gives the parameters of the model that a cell sets, by name. */
export function cellParameters(cell: Cell): ReadonlyMap<string, number> {
  const entries = Object.entries(cell.axes).filter(([name]) => name.startsWith(PARAMETER_PREFIX));
  return new Map(entries.map(([name, value]) => [name.slice(PARAMETER_PREFIX.length), Number(value)]));
}
