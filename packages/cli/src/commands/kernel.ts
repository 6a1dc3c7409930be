/** `ergoflow kernel`: what is made of a model's equations, as text. */
import { didYouMean, InputError, readYamlFile } from '@ergoflow/input';
import { LISTINGS } from '@ergoflow/kernels';
import { coupledProgram, findModel, fullSystem, readModel, SCHEMES, SchemeError } from '@ergoflow/sde';
import { modelFolders } from '../folders.ts';
import { COMMAND_LINE } from '../place.ts';
import type { RunCommand } from './command.ts';

/** Prints one step of the full system as the kernels see it. */
export const kernel: RunCommand = (given) => {
  const emit = oneOf(given.emit ?? 'graph', Object.keys(LISTINGS), '--emit') as keyof typeof LISTINGS;
  const scheme = SCHEMES.get(oneOf(given.scheme ?? 'euler-maruyama', [...SCHEMES.keys()], '--scheme'));
  if (scheme === undefined) throw new TypeError('a scheme of the table must be there');
  const model = readModel(readYamlFile(findModel(given.argument('model'), modelFolders, COMMAND_LINE)));
  try {
    const program = coupledProgram({ members: [{ name: 'full', equations: fullSystem(model), scheme, substeps: 1 }] });
    process.stdout.write(`${LISTINGS[emit](program).trimEnd()}\n`);
  } catch (error) {
    // An unknown equation, or one that the scheme refuses.
    if (error instanceof SchemeError || error instanceof TypeError) throw new InputError(error.message, COMMAND_LINE, { cause: error });
    throw error;
  }
  return 0;
};

function oneOf(value: string, allowed: readonly string[], from: string): string {
  if (allowed.includes(value)) return value;
  throw new InputError(`${from} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}${didYouMean(value, allowed)}`, COMMAND_LINE);
}
