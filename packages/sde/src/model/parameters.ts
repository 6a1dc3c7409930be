/** Parameters of a model: read, ordered by what depends on what, and evaluated. */
import { type Document, didYouMean, formatPath, InputError, listed, type Path, quoted } from '@ergoflow/input';
import { type Expression, ExpressionError, evaluate, namesIn, parseExpression } from '@ergoflow/kernels';
import { type Context, checkExpression, located, readExpression } from './expressions.ts';
import type { Model, Parameter, Prior } from './model.ts';
import { PRIORS, type PriorFamily, priorFamily } from './priors.ts';
import type { ModelShape } from './schema.ts';

/** Each is compiled for itself, which takes a moment. */
const MOST_PARAMETERS = 1000;

type ParameterShapes = NonNullable<ModelShape['parameters']>;

/**
 * Reads the parameters.
 *
 * @throws InputError for unknown names, circles, values that are not finite, bad priors, and values where the prior has no mass.
 */
export function readParameters(document: Document, path: Path, shapes: ParameterShapes): Parameter[] {
  const names = Object.keys(shapes);
  if (names.length > MOST_PARAMETERS) {
    throw new InputError(`${formatPath(path)} has ${names.length} parameters: at most ${MOST_PARAMETERS} are allowed`, document.placeOf(path, 'key'));
  }
  const context: Context = { names: new Map(names.map((name) => [name, undefined])) };
  const read = names.map((name) => {
    const shape = shapes[name];
    const isPlain = typeof shape !== 'object';
    const valuePath = isPlain ? [...path, name] : [...path, name, 'value'];
    const value = readExpression(document, valuePath);
    checkExpression(document, valuePath, value, context, undefined);
    const prior = isPlain || shape.prior === undefined ? undefined : readPrior(document, [...path, name, 'prior'], shape.prior);
    const parameter: Parameter = {
      name,
      value,
      learn: !isPlain && shape.learn === true,
      ...(prior === undefined ? {} : { prior }),
      ...(isPlain || shape.unit === undefined ? {} : { unit: shape.unit }),
      ...(isPlain || shape.about === undefined ? {} : { about: shape.about }),
    };
    return { parameter, valuePath };
  });
  const parameters = read.map(({ parameter }) => parameter);
  const paths = new Map(read.map(({ parameter, valuePath }) => [parameter.name, valuePath]));
  const circle = circleOf(parameters);
  if (circle !== null) {
    throw new InputError(`parameters depend on each other in a circle: ${circle.join(' -> ')}`, document.placeOf([...path, circle[0]], 'key'));
  }
  const values = evaluated(parameters, new Map(), (name, act) => located(document, paths.get(name) as Path, act));
  for (const { parameter, valuePath } of read) {
    const value = values.get(parameter.name) as number;
    const place = document.placeOf(valuePath);
    if (!Number.isFinite(value)) throw new InputError(`${formatPath(valuePath)} is ${value}: a finite number is needed`, place);
    const { prior } = parameter;
    if (prior === undefined) continue;
    const family = priorFamily(prior.kind) as PriorFamily;
    const [low, high] = family.support(...prior.arguments);
    if (family.isClosed ? value < low || value > high : value <= low || value >= high) {
      throw new InputError(
        `${formatPath(valuePath)} is ${value}, where its prior ${prior.kind} has no mass: it must lie between ${low} and ${high}`,
        place,
      );
    }
  }
  return parameters;
}

/**
 * Evaluates a model's parameters, each after those that it depends on.
 *
 * @param overrides Values that replace the file's; what depends on them follows.
 * @throws RangeError for an override of an unknown name, and for a value that is not finite.
 */
export function parameterValues(model: Pick<Model, 'parameters'>, overrides: ReadonlyMap<string, number> = new Map()): ReadonlyMap<string, number> {
  const names = model.parameters.map(({ name }) => name);
  for (const name of overrides.keys()) {
    if (!names.includes(name)) throw new RangeError(`parameter must be one of ${listed(names)}, got ${quoted(name)}${didYouMean(name, names)}`);
  }
  const values = evaluated(model.parameters, overrides, (_, act) => act());
  for (const [name, value] of values) {
    if (!Number.isFinite(value)) throw new RangeError(`parameter ${name} must be finite, got ${value}`);
  }
  return values;
}

/** Values in the order of the parameters; there must be no circles. */
function evaluated(
  parameters: readonly Parameter[],
  overrides: ReadonlyMap<string, number>,
  guard: (name: string, act: () => number) => number,
): Map<string, number> {
  const values = new Map<string, number>();
  const needs = new Map(parameters.map(({ name, value }) => [name, dependencies(value, parameters)]));
  const waiting = [...parameters];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ name }) => overrides.has(name) || needs.get(name)?.every((other) => values.has(other)));
    const [{ name, value }] = waiting.splice(ready, 1);
    values.set(name, overrides.get(name) ?? guard(name, () => evaluate(value, values)));
  }
  return new Map(parameters.map(({ name }) => [name, values.get(name) as number]));
}

function dependencies(value: Expression, parameters: readonly Parameter[]): string[] {
  const used = namesIn(value);
  return parameters.map(({ name }) => name).filter((name) => used.has(name));
}

/** Finds names that depend on each other in a circle, the first repeated at the end; null if there are none. Iterative: chains may be long. */
function circleOf(parameters: readonly Parameter[]): string[] | null {
  const after = new Map(parameters.map(({ name, value }) => [name, dependencies(value, parameters)]));
  const done = new Set<string>();
  for (const { name: start } of parameters) {
    const trail = [{ name: start, next: 0 }];
    while (trail.length > 0) {
      const top = trail[trail.length - 1];
      const next = done.has(top.name) ? undefined : after.get(top.name)?.[top.next];
      if (next === undefined) {
        done.add(top.name);
        trail.pop();
        continue;
      }
      top.next += 1;
      const from = trail.findIndex(({ name }) => name === next);
      if (from >= 0) return [...trail.slice(from).map(({ name }) => name), next];
      trail.push({ name: next, next: 0 });
    }
  }
  return null;
}

function readPrior(document: Document, path: Path, text: string): Prior {
  const place = document.placeOf(path);
  const allowed = `allowed are ${PRIORS.map(({ usage }) => usage).join(', ')}`;
  const call = /^\s*([A-Za-z]\w*)\s*\((.*)\)\s*$/s.exec(text);
  if (call === null) throw new InputError(`${formatPath(path)} is ${quoted(text)}: ${allowed}`, place);
  const [, kind, inner] = call;
  const family = priorFamily(kind);
  if (family === undefined) {
    throw new InputError(
      `unknown prior ${quoted(kind)}: ${allowed}${didYouMean(
        kind,
        PRIORS.map((row) => row.kind),
      )}`,
      document.placeIn(path, text.indexOf(kind)),
    );
  }
  const parts = topLevel(inner);
  if (parts.length !== family.arguments.length) {
    throw new InputError(`${kind} takes ${family.arguments.length} numbers, ${family.usage}, got ${parts.length}`, place);
  }
  const start = text.indexOf('(') + 1;
  const values = parts.map(({ part, offset }) => constantAt(part, document, path, start + offset));
  const problem = family.problem(...values);
  if (problem !== null) throw new InputError(`in ${family.usage} ${problem}`, place);
  return { kind, arguments: values };
}

/** Splits at the commas outside parentheses. */
function topLevel(text: string): { part: string; offset: number }[] {
  const parts: { part: string; offset: number }[] = [];
  let depth = 0;
  let from = 0;
  for (let k = 0; k <= text.length; k++) {
    if (text[k] === '(') depth += 1;
    if (text[k] === ')') depth -= 1;
    if (k === text.length || (text[k] === ',' && depth === 0)) {
      parts.push({ part: text.slice(from, k), offset: from });
      from = k + 1;
    }
  }
  return parts;
}

function constantAt(part: string, document: Document, path: Path, offset: number): number {
  try {
    const value = evaluate(parseExpression(part), new Map());
    if (Number.isFinite(value)) return value;
  } catch (cause) {
    if (!(cause instanceof ExpressionError)) throw cause;
  }
  throw new InputError(
    `${quoted(part.trim())} in a prior is not a finite number`,
    document.placeIn(path, offset + (part.length - part.trimStart().length)),
  );
}
