/** The families of prior densities: what a model file may name, and where each has its mass. */

/** One family. */
export interface PriorFamily {
  readonly kind: string;
  /** How it is written. */
  readonly usage: string;
  /** Names of the arguments. */
  readonly arguments: readonly string[];
  /** Says what is wrong with finite arguments, or null. */
  readonly problem: (...a: readonly number[]) => string | null;
  /** The open interval, or for `uniform` and `loguniform` the closed one, outside which the density is 0. */
  readonly support: (...a: readonly number[]) => readonly [number, number];
  readonly isClosed: boolean;
}

const positive = (name: string, value: number): string | null => (value > 0 ? null : `${name} must be above 0, got ${value}`);
const ordered = (low: number, high: number): string | null => (low < high ? null : `low must be below high, got ${low} and ${high}`);

/** All families; a new one is one row. */
export const PRIORS: readonly PriorFamily[] = [
  family(
    'normal(mean, sd)',
    (_, sd) => positive('sd', sd),
    () => [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ),
  family(
    'lognormal(mean of log, sd of log)',
    (_, sd) => positive('sd of log', sd),
    () => [0, Number.POSITIVE_INFINITY],
  ),
  family('uniform(low, high)', ordered, (low, high) => [low, high], true),
  family(
    'loguniform(low, high)',
    (low, high) => positive('low', low) ?? ordered(low, high),
    (low, high) => [low, high],
    true,
  ),
  family(
    'gamma(shape, scale)',
    (shape, scale) => positive('shape', shape) ?? positive('scale', scale),
    () => [0, Number.POSITIVE_INFINITY],
  ),
  family(
    'beta(a, b)',
    (a, b) => positive('a', a) ?? positive('b', b),
    () => [0, 1],
  ),
  family(
    'exponential(rate)',
    (rate) => positive('rate', rate),
    () => [0, Number.POSITIVE_INFINITY],
  ),
  family(
    'halfnormal(sd)',
    (sd) => positive('sd', sd),
    () => [0, Number.POSITIVE_INFINITY],
  ),
];

/** Finds a family by name. */
export function priorFamily(kind: string): PriorFamily | undefined {
  return PRIORS.find((row) => row.kind === kind);
}

function family(usage: string, problem: PriorFamily['problem'], support: PriorFamily['support'], isClosed = false): PriorFamily {
  const open = usage.indexOf('(');
  return { kind: usage.slice(0, open), usage, arguments: usage.slice(open + 1, -1).split(', '), problem, support, isClosed };
}
