/** `ergoflow models`: the models that are found, and the equations of one. */
import { InputError, readYamlFile } from '@ergoflow/input';
import { formatExpression } from '@ergoflow/kernels';
import { findModel, type Model, modelNames, parameterValues, readModel, type Variable } from '@ergoflow/sde';
import { modelFolders } from '../folders.ts';
import { COMMAND_LINE } from '../place.ts';
import type { RunCommand } from './command.ts';

/** Lists models, or describes one. */
export const models: RunCommand = (given) => {
  const name = given.argument('model');
  if (name !== '') {
    const path = findModel(name, modelFolders, COMMAND_LINE);
    const content = describeModel(readModel(readYamlFile(path)), path);
    process.stdout.write(given.json ? `${JSON.stringify(content, null, 2)}\n` : `${printModel(content)}\n`);
    return 0;
  }
  const found = modelNames(modelFolders).map(summaryOf);
  if (given.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else process.stdout.write(`${found.map(({ name: own, about, slow, fast }) => `${own} (${slow} slow, ${fast} fast)\n  ${about}`).join('\n')}\n`);
  return 0;
};

/** A broken file among many is said where it stands, and hides no other. */
function summaryOf(name: string) {
  const path = findModel(name, modelFolders);
  try {
    const { about = '', slow, fast } = readModel(readYamlFile(path));
    return { name, path, about, slow: dimension(slow), fast: dimension(fast) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { name, path, about: `cannot be read: ${error.format()}`, slow: 0, fast: 0 };
  }
}

const dimension = (variables: readonly Variable[]): number => variables.reduce((total, { size }) => total + size, 0);

function describeModel(model: Model, path: string) {
  const values = parameterValues(model);
  return {
    name: model.name,
    path,
    about: model.about ?? '',
    slow: model.slow.map(describeVariable),
    fast: model.fast.map(describeVariable),
    parameters: model.parameters.map(({ name, learn, prior, unit, about }) => ({
      name,
      value: values.get(name) as number,
      learn,
      prior: prior === undefined ? null : `${prior.kind}(${prior.arguments.join(', ')})`,
      unit: unit ?? null,
      about: about ?? '',
    })),
    truth: model.truth === undefined ? null : Object.fromEntries([...model.truth.drift].map(([name, list]) => [name, list.map(formatExpression)])),
  };
}

function describeVariable({ name, size, vector, drift, noise, start, unit, about }: Variable) {
  return {
    name,
    size: vector ? size : null,
    drift: drift === 'unknown' ? 'unknown' : formatExpression(drift),
    noise:
      noise === 'unknown' ? 'unknown' : noise.map(({ process, coefficients }) => ({ process, coefficients: coefficients.map(formatExpression) })),
    start: start.kind === 'stationary' ? 'stationary' : start.values.map(formatExpression),
    unit: unit ?? null,
    about: about ?? '',
  };
}

function printModel({ name, path, about, slow, fast, parameters, truth }: ReturnType<typeof describeModel>): string {
  const equation = (group: 'slow' | 'fast') => (variable: (typeof slow)[number]) => {
    const own = variable.size === null ? variable.name : `${variable.name}[i], i = 1 … ${variable.size}`;
    const [speed, sqrtSpeed] = group === 'slow' ? ['', ''] : [' / epsilon', ' / sqrt(epsilon)'];
    const terms =
      typeof variable.noise === 'string'
        ? ['unknown noise']
        : variable.noise.map(({ process, coefficients }) =>
            coefficients.length === 1 ? `(${coefficients[0]})${sqrtSpeed} dW(${process})` : `[${coefficients.join(', ')}]${sqrtSpeed} dW(${process})`,
          );
    const start = Array.isArray(variable.start) ? variable.start.join(', ') : variable.start;
    return `  d ${own} = (${variable.drift})${speed} dt${terms.map((term) => ` + ${term}`).join('')}   from ${start}`;
  };
  return [
    `${name}: ${about}`,
    `file: ${path}`,
    'slow',
    ...slow.map(equation('slow')),
    ...(fast.length === 0 ? [] : ['fast', ...fast.map(equation('fast'))]),
    ...(parameters.length === 0 ? [] : ['parameters']),
    ...parameters.map(
      ({ name: own, value, unit, learn, prior, about: what }) =>
        `  ${own} = ${value}${unit === null ? '' : ` ${unit}`}${learn ? ', to be learned' : ''}${prior === null ? '' : `, prior ${prior}`}${what === '' ? '' : `   ${what}`}`,
    ),
    ...(truth === null
      ? []
      : ['averaged drift in closed form', ...Object.entries(truth).map(([variable, list]) => `  ${variable}: ${list.join(', ')}`)]),
  ].join('\n');
}
