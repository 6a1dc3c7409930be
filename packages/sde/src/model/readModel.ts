/** Reads a model file, or the `model:` of an experiment: every name, size and circle checked before anything is computed. */
import { check, type Document, formatPath, InputError, type Path, valueAt } from '@ergoflow/input';
import { parseExpression } from '@ergoflow/kernels';
import { type Context, checkExpression, checkFinite, readExpression } from './expressions.ts';
import type { Model, NoiseTerm, Start, Variable, WienerProcess } from './model.ts';
import { namesOf } from './names.ts';
import { isUnknown, type NoiseOwner, type NoiseSite, readGroupNoise, readNoise } from './noise.ts';
import { parameterValues, readParameters } from './parameters.ts';
import { DEFAULT_BURN_IN, type GroupShape, modelSchema, type VariableShape } from './schema.ts';
import { readTables } from './tables.ts';
import { readTruth } from './truth.ts';

/** Each is a state of its own in every program; many of a kind are a vector. */
const MOST_VARIABLES = 1000;

/**
 * Reads a model.
 *
 * @param path Where it stands in the document; default: the document is the model.
 * @throws InputError for the first thing wrong, at its character in the file where that is known.
 */
export function readModel(document: Document, path: Path = []): Model {
  const shape = check(modelSchema, document, path);
  const groups = { slow: variablesOf(shape.slow, [...path, 'slow']), fast: variablesOf(shape.fast ?? {}, [...path, 'fast']) };
  if (groups.slow.length === 0)
    throw new InputError(`${formatPath([...path, 'slow'])} has no variables: at least one is needed`, document.placeOf([...path, 'slow'], 'key'));
  for (const [group, owners] of Object.entries(groups)) {
    if (owners.length <= MOST_VARIABLES) continue;
    const message = `${formatPath([...path, group])} has ${owners.length} variables: at most ${MOST_VARIABLES} are allowed; give one a size instead`;
    throw new InputError(message, document.placeOf([...path, group], 'key'));
  }
  const names = namesOf(document);
  for (const owner of [...groups.slow, ...groups.fast]) names.take(owner.name, 'variable', owner.path);
  for (const name of Object.keys(shape.parameters ?? {})) names.take(name, 'parameter', [...path, 'parameters', name]);

  for (const name of Object.keys(shape.tables ?? {})) names.take(name, 'table', [...path, 'tables', name]);
  const tables = shape.tables === undefined ? undefined : readTables(document, [...path, 'tables'], shape.tables);

  const parameters = readParameters(document, [...path, 'parameters'], shape.parameters ?? {});
  const contexts = contextsOf(groups, parameterValues({ parameters }), tables);
  const variables = new Map([...groups.slow, ...groups.fast].map(({ name, shape: { size } }) => [name, size]));
  const read = (group: 'slow' | 'fast'): Variable[] => {
    const site: NoiseSite = { document, names, context: contexts.equations, variables, group };
    const noise = noiseOf(site, shape[group] ?? {}, groups[group]);
    return groups[group].map((owner) => readVariable(document, owner, group, contexts, noise.get(owner.name) ?? []));
  };
  const slow = read('slow');
  const fast = read('fast');
  const truth = shape.truth === undefined ? undefined : readTruth(document, [...path, 'truth'], shape.truth, slow, contexts.truth);
  return {
    name: shape.name ?? 'model',
    ...(shape.about === undefined ? {} : { about: shape.about }),
    slow,
    fast,
    processes: processesOf(slow, fast),
    parameters,
    burnIn: shape.burnIn ?? DEFAULT_BURN_IN,
    ...(truth === undefined ? {} : { truth }),
    ...(tables === undefined ? {} : { tables }),
  };
}

interface Contexts {
  readonly equations: Context;
  readonly start: Context;
  readonly values: ReadonlyMap<string, number>;
  readonly truth: Context;
}

function contextsOf(
  groups: Readonly<Record<'slow' | 'fast', readonly NoiseOwner[]>>,
  values: ReadonlyMap<string, number>,
  tables: Model['tables'],
): Contexts {
  const parameters = [...values.keys()];
  const sizes = (owners: readonly NoiseOwner[]): [string, number | undefined][] => owners.map(({ name, shape }) => [name, shape.size]);
  const scalars = (names: readonly string[]): [string, undefined][] => names.map((name) => [name, undefined]);
  const elsewhere = (owners: readonly NoiseOwner[], why: string): [string, string][] => owners.map(({ name }) => [name, why]);
  const all = [...groups.slow, ...groups.fast];
  const functions = tables === undefined ? {} : { functions: tables };
  return {
    values,
    equations: { names: new Map([...sizes(all), ...scalars([...parameters, 't', 'epsilon'])]), ...functions },
    start: {
      names: new Map(scalars(parameters)),
      elsewhere: new Map([
        ...elsewhere(all, 'a start may depend on parameters and i only'),
        ['t', 'a start is at time 0'],
        ['epsilon', 'a start may depend on parameters and i only'],
      ]),
    },
    truth: {
      ...functions,
      names: new Map([...sizes(groups.slow), ...scalars([...parameters, 't'])]),
      elsewhere: new Map([
        ...elsewhere(groups.fast, 'averages no longer depend on fast variables'),
        ['epsilon', 'averages belong to the limit of small epsilon'],
      ]),
    },
  };
}

function variablesOf(group: GroupShape, path: Path): NoiseOwner[] {
  return Object.entries(group).flatMap(([name, shape]) =>
    name === 'noise' || name === 'processes' ? [] : [{ name, shape: shape as VariableShape, path: [...path, name] }],
  );
}

function noiseOf(site: NoiseSite, group: GroupShape, owners: readonly NoiseOwner[]): ReadonlyMap<string, NoiseTerm[] | 'unknown'> {
  const { document } = site;
  const base = owners[0]?.path.slice(0, -1) ?? [];
  if (group.noise === undefined && group.processes !== undefined) {
    throw new InputError(
      `${formatPath([...base, 'processes'])} names processes, but ${formatPath(base)} has no noise matrix`,
      document.placeOf([...base, 'processes'], 'key'),
    );
  }
  if (group.noise !== undefined) return readGroupNoise(site, group, owners);
  return new Map(owners.map((owner) => [owner.name, isUnknown(document, [...owner.path, 'noise']) ? 'unknown' : readNoise(site, owner)]));
}

function readVariable(
  document: Document,
  { name, shape, path }: NoiseOwner,
  group: 'slow' | 'fast',
  contexts: Contexts,
  noise: NoiseTerm[] | 'unknown',
): Variable {
  const size = shape.size ?? 1;
  const own = shape.size;
  const driftPath = [...path, 'drift'];
  const isHidden = isUnknown(document, driftPath);
  if (group === 'slow' && (isHidden || noise === 'unknown')) {
    const place = document.placeOf([...path, isHidden ? 'drift' : 'noise']);
    throw new InputError(`${formatPath(path)} is unknown: only fast variables may be`, place);
  }
  const drift = isHidden ? 'unknown' : readExpression(document, driftPath);
  if (drift !== 'unknown') checkExpression(document, driftPath, drift, contexts.equations, own);
  return {
    name,
    size,
    vector: own !== undefined,
    drift,
    noise,
    start: readStart(document, [...path, 'start'], group, own, contexts),
    ...(shape.unit === undefined ? {} : { unit: shape.unit }),
    ...(shape.about === undefined ? {} : { about: shape.about }),
  };
}

function readStart(
  document: Document,
  path: Path,
  group: 'slow' | 'fast',
  own: number | undefined,
  { start: context, values: numbers }: Contexts,
): Start {
  const given = valueAt(document.value, path);
  if (given === undefined) return group === 'slow' ? { kind: 'expressions', values: [ZERO] } : { kind: 'stationary' };
  if (typeof given === 'string' && given.trim() === 'stationary') {
    if (group === 'fast') return { kind: 'stationary' };
    throw new InputError(`${formatPath(path)} is stationary: a slow variable needs a number or an expression of parameters`, document.placeOf(path));
  }
  const size = own ?? 1;
  if (Array.isArray(given) && given.length !== size) {
    const needed = own === undefined ? '1 is needed, as this is a scalar' : `${size} are needed, one for each component`;
    throw new InputError(`${formatPath(path)} has ${given.length} ${given.length === 1 ? 'entry' : 'entries'}: ${needed}`, document.placeOf(path));
  }
  const paths: Path[] = Array.isArray(given) ? given.map((_, k) => [...path, k]) : [path];
  const values = paths.map((at) => {
    const expression = readExpression(document, at);
    checkExpression(document, at, expression, context, own);
    checkFinite(document, at, expression, numbers, own);
    return expression;
  });
  return { kind: 'expressions', values };
}

const ZERO = parseExpression('0');

/** Lists the processes of all terms, in order of first use. */
function processesOf(slow: readonly Variable[], fast: readonly Variable[]): WienerProcess[] {
  const found = new Map<string, WienerProcess>();
  for (const [group, variables] of [
    ['slow', slow],
    ['fast', fast],
  ] as const) {
    for (const term of variables.flatMap(({ noise }) => (noise === 'unknown' ? [] : noise))) {
      const before = found.get(term.process);
      found.set(term.process, {
        name: term.process,
        size: term.processSize,
        group: before === undefined || before.group === group ? group : 'shared',
      });
    }
  }
  return [...found.values()];
}
