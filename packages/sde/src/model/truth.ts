/** The closed forms of a model's averages: read, and checked against its slow variables. */
import { type Document, didYouMean, formatPath, InputError, listed, type Path, quoted } from '@ergoflow/input';
import type { Expression } from '@ergoflow/kernels';
import { type Context, checkExpression, readExpression } from './expressions.ts';
import type { Truth, Variable } from './model.ts';
import type { ModelShape } from './schema.ts';

type TruthShape = NonNullable<ModelShape['truth']>;
type Entries = TruthShape['drift'];

/**
 * Reads a `truth` block.
 *
 * @param context Slow variables, parameters and t.
 * @throws InputError if a slow variable's drift is missing, a name is unknown, a list has a wrong length or an entry of ā is given twice.
 */
export function readTruth(document: Document, path: Path, shape: TruthShape, slow: readonly Variable[], context: Context): Truth {
  const names = slow.map(({ name }) => name);
  const driftPath = [...path, 'drift'];
  for (const name of Object.keys(shape.drift)) {
    if (!names.includes(name)) {
      const message = `${quoted(name)} in ${formatPath(driftPath)} is not a slow variable: allowed are ${listed(names)}${didYouMean(name, names)}`;
      throw new InputError(message, document.placeOf([...driftPath, name], 'key'));
    }
  }
  const drift = new Map<string, readonly Expression[]>();
  for (const variable of slow) {
    const given = shape.drift[variable.name];
    if (given === undefined)
      throw new InputError(
        `${formatPath(driftPath)} has no ${quoted(variable.name)}: all slow variables are needed`,
        document.placeOf(driftPath, 'key'),
      );
    drift.set(variable.name, readEntry(document, [...driftPath, variable.name], given, variable.vector ? variable.size : undefined, context));
  }
  const diffusion = shape.diffusion === undefined ? undefined : readDiffusion(document, [...path, 'diffusion'], shape.diffusion, slow, context);
  return { drift, ...(diffusion === undefined ? {} : { diffusion }), ...(shape.about === undefined ? {} : { about: shape.about }) };
}

function readEntry(document: Document, path: Path, given: Entries[string], size: number | undefined, context: Context): Expression[] {
  const paths = Array.isArray(given) ? given.map((_, k) => [...path, k]) : [path];
  if (Array.isArray(given) && given.length !== (size ?? 1)) {
    throw new InputError(
      `${formatPath(path)} has length ${given.length}: length ${size ?? 1} is needed, one entry for each component`,
      document.placeOf(path),
    );
  }
  return paths.map((at) => {
    const expression = readExpression(document, at);
    checkExpression(document, at, expression, context, Array.isArray(given) ? undefined : size);
    return expression;
  });
}

/** Keys are `x`, `x z`, `x[1]`, `x[1] x[2]`, `x[1] z`; `x` alone of a vector stands for the diagonal of its block. */
function readDiffusion(
  document: Document,
  path: Path,
  shape: Entries,
  slow: readonly Variable[],
  context: Context,
): Map<string, readonly Expression[]> {
  const labels = slow.flatMap(({ name, size, vector }) => (vector ? Array.from({ length: size }, (_, k) => `${name}[${k + 1}]`) : [name]));
  const known = new Set(labels);
  const entries = new Map<string, readonly Expression[]>();
  const seen = new Set<string>();
  for (const key of Object.keys(shape)) {
    const at = [...path, key];
    const place = document.placeOf(at, 'key');
    const parts = key.trim().split(/\s+/);
    const whole = parts.length === 1 ? slow.find(({ name, vector }) => vector && name === parts[0]) : undefined;
    if (whole === undefined) {
      const wrong = parts.length > 2 ? key : parts.find((part) => !known.has(part));
      if (wrong !== undefined) {
        const allowed = `allowed are one or two of ${listed(labels)}, such as ${quoted(`${labels[0]} ${labels[labels.length - 1]}`)}`;
        throw new InputError(`${quoted(wrong)} in ${formatPath(path)} is not a slow component: ${allowed}${didYouMean(wrong, labels)}`, place);
      }
    }
    const entry = (parts.length === 1 ? [parts[0], parts[0]] : [...parts]).sort().join(' ');
    if (seen.has(entry)) throw new InputError(`entry ${quoted(key)} of ${formatPath(path)} is given twice: the matrix is symmetric`, place);
    seen.add(entry);
    entries.set(parts.join(' '), readEntry(document, at, shape[key], whole?.size, context));
  }
  return entries;
}
