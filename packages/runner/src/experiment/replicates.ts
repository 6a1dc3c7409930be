/** Replicates per cell: a count, or a target for the relative half-width of the intervals. */
import { type Document, describe, didYouMean, formatPath, InputError, listed, type Path, quoted, valueAt } from '@ergoflow/input';
import { roundFraction } from '../statistics/roundFraction.ts';
import { rationalOf } from './rational.ts';

/** How many replicates each cell gets. */
export type Replicates =
  | { readonly kind: 'count'; readonly count: number }
  | {
      readonly kind: 'target';
      /** Half-width of the interval divided by the estimate. */
      readonly target: number;
      readonly level: number;
      readonly min: number;
      readonly max: number;
      /** The metrics that must reach it; absent: all. */
      readonly metrics?: readonly string[];
    };

/** What an experiment gets that says nothing, or says only a target. */
export const REPLICATE_DEFAULTS = {
  /** Relative standard errors of second moments are then below a tenth. */
  count: 256,
  level: 0.95,
  /** The fewest from which a standard error is worth something. */
  min: 32,
  max: 4096,
} as const;

/** A cell with more is a mistake. */
const MOST = 1e9;

const KEYS = ['count', 'target', 'level', 'min', 'max', 'metrics'];

/**
 * Reads `replicate`: a whole number, `{count: n}`, or `{target: 5%, level: 0.95, min: 32, max: 4096, metrics: [strong-error]}`.
 *
 * @throws InputError at the offending part.
 */
export function readReplicates(document: Document, path: Path): Replicates {
  const value = valueAt(document.value, path);
  if (value === undefined) return { kind: 'count', count: REPLICATE_DEFAULTS.count };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'count', count: wholeAt(document, path, 1) };
  const has = (key: string): boolean => Object.hasOwn(value, key);
  const at = (key: string): Path => [...path, key];
  for (const key of Object.keys(value)) {
    if (!KEYS.includes(key)) {
      throw new InputError(
        `unknown key ${quoted(key)} in ${formatPath(path)}: allowed are ${listed(KEYS)}${didYouMean(key, KEYS)}`,
        document.placeOf(at(key), 'key'),
      );
    }
  }
  if (has('count') === has('target')) {
    throw new InputError(`${formatPath(path)} needs either count or target: write 256, or {target: 5%}`, document.placeOf(path));
  }
  if (has('count')) {
    const other = Object.keys(value).find((key) => key !== 'count');
    if (other !== undefined) throw new InputError(`${other} has no meaning with count: it belongs to target`, document.placeOf(at(other), 'key'));
    return { kind: 'count', count: wholeAt(document, at('count'), 1) };
  }
  const target = shareAt(document, at('target'));
  const level = has('level') ? shareAt(document, at('level')) : REPLICATE_DEFAULTS.level;
  const min = has('min')
    ? wholeAt(document, at('min'), 2)
    : Math.min(REPLICATE_DEFAULTS.min, has('max') ? wholeAt(document, at('max'), 2) : REPLICATE_DEFAULTS.min);
  const max = has('max') ? wholeAt(document, at('max'), 2) : Math.max(REPLICATE_DEFAULTS.max, min);
  if (min > max)
    throw new InputError(`min is ${min} and max is ${max}: min must not be above max`, document.placeOf(has('max') ? at('max') : at('min')));
  return { kind: 'target', target, level, min, max, ...(has('metrics') ? { metrics: metricsAt(document, at('metrics')) } : {}) };
}

/** The most replicates a cell can get. */
export function mostReplicates(replicates: Replicates): number {
  return replicates.kind === 'count' ? replicates.count : replicates.max;
}

function wholeAt(document: Document, path: Path, least: number): number {
  const value = valueAt(document.value, path);
  // A quoted number from a command line or a YAML string is still a number.
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > MOST) {
    throw new InputError(`${formatPath(path)} is ${describe(value)}: a whole number from ${least} to 1000000000 is needed`, document.placeOf(path));
  }
  return number;
}

/** Reads 0.05 or 5%. */
function shareAt(document: Document, path: Path): number {
  const value = valueAt(document.value, path);
  const percent = typeof value === 'string' ? /^\s*(\d{1,9}(?:\.\d{1,15})?|\.\d{1,15})\s*%\s*$/.exec(value) : null;
  const { n, d } = rationalOf(percent === null ? 0 : Number(percent[1]));
  const share = percent === null ? value : roundFraction(n, 100n * d);
  if (typeof share !== 'number' || !(share > 0 && share < 1)) {
    throw new InputError(
      `${formatPath(path)} is ${describe(value)}: a number between 0 and 1, or a percentage such as 5%, is needed`,
      document.placeOf(path),
    );
  }
  return share;
}

function metricsAt(document: Document, path: Path): readonly string[] {
  const value = valueAt(document.value, path);
  const list: unknown[] = Array.isArray(value) ? value : [value];
  list.forEach((metric, k) => {
    if (typeof metric === 'string' && metric !== '') return;
    throw new InputError(
      `${formatPath(path)} has ${describe(metric)}: names of metrics are needed`,
      document.placeOf(Array.isArray(value) ? [...path, k] : path),
    );
  });
  if (list.length === 0) throw new InputError(`${formatPath(path)} is an empty list: name a metric, or leave it out for all`, document.placeOf(path));
  return [...new Set(list as string[])].sort();
}
