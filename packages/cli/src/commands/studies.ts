/** `ergoflow studies`: the questions that can be asked. */
import { didYouMean, InputError, quoted } from '@ergoflow/input';
import { STUDIES, type Study } from '@ergoflow/studies';
import { z } from 'zod';
import { COMMAND_LINE } from '../place.ts';
import type { RunCommand } from './command.ts';

/** One setting, as data. */
interface Setting {
  readonly name: string;
  readonly type: string;
  readonly default: unknown;
  readonly about: string;
}

/** Lists the studies, or describes one. */
export const studies: RunCommand = (given) => {
  const name = given.argument('study');
  const chosen = name === '' ? [...STUDIES.values()] : [findStudy(name)];
  const content = chosen.map(describeStudy);
  if (given.json) process.stdout.write(`${JSON.stringify(name === '' ? content : content[0], null, 2)}\n`);
  else if (name === '') process.stdout.write(`${content.map(({ name: own, about }) => `${own}\n  ${about}`).join('\n')}\n`);
  else process.stdout.write(`${content.map(printStudy).join('\n')}\n`);
  return 0;
};

/** @throws InputError with the nearest name. */
export function findStudy(name: string): Study {
  const study = STUDIES.get(name);
  const names = [...STUDIES.keys()];
  if (study === undefined)
    throw new InputError(`unknown study ${quoted(name)}: allowed are ${names.join(', ')}${didYouMean(name, names)}`, COMMAND_LINE);
  return study;
}

function describeStudy({ name, about, axes, defaults, settings, meanings }: Study) {
  return {
    name,
    about,
    axes: Object.entries(axes).map(([axis, { about: what, oneOf }]) => ({
      name: axis,
      about: what,
      default: defaults[axis] ?? null,
      ...(oneOf === undefined ? {} : { oneOf }),
    })),
    settings: settingsOf(z.toJSONSchema(settings, { io: 'input' }) as JsonSchema, ''),
    metrics: Object.entries(meanings).map(([metric, meaning]) => ({ name: metric, about: meaning })),
  };
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

function settingsOf({ properties = {} }: JsonSchema, prefix: string): Setting[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const nested = settingsOf(schema, `${prefix}${key}.`);
    if (nested.length > 0) return nested;
    const { type = 'any', enum: values, description = '', default: value = null } = schema;
    return [{ name: `${prefix}${key}`, type: values === undefined ? type : values.join(' | '), default: value, about: description }];
  });
}

function printStudy({ name, about, axes, settings, metrics }: ReturnType<typeof describeStudy>): string {
  const rows = (list: readonly (readonly [string, string])[]): string[] => {
    const width = Math.max(...list.map(([left]) => left.length));
    return list.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  };
  return [
    `${name}: ${about}`,
    '',
    'axes (also: every setting, and model.parameters.NAME)',
    ...rows(axes.map((axis) => [axis.name, `${axis.about}${axis.oneOf === undefined ? '' : ` (${axis.oneOf.join(', ')})`}`])),
    '',
    'settings',
    ...rows(
      settings.map((setting) => [setting.name, `${setting.about}${setting.default === null ? '' : ` (default ${JSON.stringify(setting.default)})`}`]),
    ),
    ...(metrics.length === 0 ? [] : ['', 'metrics', ...rows(metrics.map((metric) => [metric.name, metric.about]))]),
  ].join('\n');
}
