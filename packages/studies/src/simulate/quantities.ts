/** What is observed of each path, in steps and numbers: the plain data that tasks take, and the names of the observables that come of it. */
import { type GraphBuilder, graphBuilder, type Node, namesIn, parseExpression } from '@ergoflow/kernels';
import { lowerIn, type Model, type Values } from '@ergoflow/sde';
import { defaultTestFunctions } from '../averagingError/averagingError.ts';
import { SettingError } from '../study.ts';
import type { Settings } from './settings.ts';

/** Bins of equal width on [low, high). */
export interface Histogram {
  readonly of: string;
  readonly low: number;
  readonly high: number;
  readonly bins: number;
}

/** Lags 0, spacing, …, lags·spacing, counted in samples. */
export interface Lags {
  readonly of: string;
  readonly spacing: number;
  readonly lags: number;
}

/** Samples at the steps after + every, after + 2·every, …, as far as the run goes; `after` is a multiple of `every`. */
export interface StationaryQuantities {
  readonly after: number;
  readonly every: number;
  readonly observe: readonly string[];
  readonly density: readonly Histogram[];
  readonly autocorrelation: readonly Lags[];
}

/** All that is observed. */
export interface Quantities {
  /** Observed at the horizon. */
  readonly observe: readonly string[];
  readonly passage: string | null;
  readonly stationary: StationaryQuantities | null;
}

/** Names of the observables. */
export const nameOf = {
  mean: (k: number) => `mean ${k}`,
  /** 1 if the path passed, else 0. */
  passed: 'passed',
  /** min(τ, horizon). */
  passageTime: 'passage time',
  stationary: (k: number) => `stationary ${k}`,
  /** Share of the samples in a bin. */
  bin: (k: number, bin: number) => `density ${k} ${bin}`,
  /** Mean of f over all samples. */
  level: (k: number) => `autocorrelation ${k}`,
  /** Mean of f at a sample times f so many lags later. */
  product: (k: number, lag: number) => `autocorrelation ${k} ${lag}`,
  /** Mean of f over the samples in such products, each as often as it stands in one. */
  factor: (k: number, lag: number) => `autocorrelation ${k} ${lag} factor`,
};

/** The observables of a path, in order. */
export function observablesOf({ observe, passage, stationary }: Quantities): string[] {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, k) => k);
  return [
    ...observe.map((_, k) => nameOf.mean(k)),
    ...(passage === null ? [] : [nameOf.passed, nameOf.passageTime]),
    ...(stationary?.observe.map((_, k) => nameOf.stationary(k)) ?? []),
    ...(stationary?.density.flatMap(({ bins }, k) => numbers(bins).map((bin) => nameOf.bin(k, bin))) ?? []),
    ...(stationary?.autocorrelation.flatMap(({ lags }, k) => [
      nameOf.level(k),
      ...numbers(lags + 1).flatMap((lag) => (lag === 0 ? [nameOf.product(k, 0)] : [nameOf.product(k, lag), nameOf.factor(k, lag)])),
    ]) ?? []),
  ];
}

/** Pairs of observables that enter one number together, so that their products must be kept. */
export function relatedObservables({ passage, stationary }: Quantities): [string, string][] {
  const pairs = (names: readonly string[]): [string, string][] => names.flatMap((a, k) => names.slice(k + 1).map((b): [string, string] => [a, b]));
  return [
    ...(passage === null ? [] : pairs([nameOf.passageTime, nameOf.passed])),
    ...(stationary?.autocorrelation.flatMap(({ lags }, k) => [
      ...pairs([nameOf.product(k, 0), nameOf.level(k)]),
      ...Array.from({ length: lags }, (_, lag) =>
        // The last pair is that of all lags.
        pairs([nameOf.product(k, lag + 1), nameOf.factor(k, lag + 1), nameOf.product(k, 0), nameOf.level(k)]).slice(0, -1),
      ).flat(),
    ]) ?? []),
  ];
}

/** An interval of fewer paths would mean little: below, nothing is estimated unless it is asked for. */
const LEAST_FOR_DEFAULTS = 16;

/**
 * Turns settings into quantities, or null where nothing is to be estimated.
 *
 * @throws SettingError for what cannot be observed.
 */
export function quantitiesOf(model: Model, settings: Settings, replicates: number, step: number, steps: number): Quantities | null {
  const { stationary, passage } = settings;
  const observe = settings.observe ?? (replicates < LEAST_FOR_DEFAULTS ? [] : defaultTestFunctions(model));
  for (const [k, text] of observe.entries()) refuseExpression(model, text, ['observe', k], 'number', true);
  if (passage !== undefined) refuseExpression(model, passage.when, ['passage', 'when'], 'condition', true);
  if (observe.length === 0 && passage === undefined && stationary === undefined) return null;
  return { observe, passage: passage?.when ?? null, stationary: stationary === undefined ? null : stationaryOf(model, stationary, step, steps) };
}

function stationaryOf(model: Model, settings: NonNullable<Settings['stationary']>, step: number, steps: number): StationaryQuantities {
  const { burnIn, sampleEvery, density, autocorrelation } = settings;
  const every = Math.max(1, Math.round(sampleEvery / step));
  // 1e-9 forgives the rounding of a quotient that is whole.
  const after = every * Math.ceil(burnIn / (every * step) - 1e-9);
  const observe = settings.observe ?? defaultTestFunctions(model);
  for (const [k, text] of observe.entries()) refuseExpression(model, text, ['stationary', 'observe', k], 'number', false);
  for (const [k, { of, low, high }] of density.entries()) {
    refuseExpression(model, of, ['stationary', 'density', k, 'of'], 'number', false);
    if (!(low < high)) throw new SettingError(`high must be above low = ${low}, got ${high}`, ['stationary', 'density', k, 'high']);
  }
  const samples = Math.floor((steps - after) / every);
  if (samples < 1) {
    const message = `stationary.burnIn plus one sampleEvery must fit into the horizon of ${steps * step}, got ${burnIn} and ${sampleEvery}: a longer horizon does`;
    throw new SettingError(message, ['stationary', 'burnIn']);
  }
  const lagged = autocorrelation.map(({ of, upTo, lags }, k): Lags => {
    refuseExpression(model, of, ['stationary', 'autocorrelation', k, 'of'], 'number', false);
    const between = every * step;
    const spacing = Math.max(1, Math.round(upTo / lags / between));
    const count = Math.min(lags, Math.max(1, Math.round(upTo / (spacing * between))));
    if (count * spacing >= samples) {
      const message = `upTo must be below the length of the samples, ${samples * between}, got ${upTo}: a longer horizon does`;
      throw new SettingError(message, ['stationary', 'autocorrelation', k, 'upTo']);
    }
    return { of, spacing, lags: count };
  });
  return { after, every, observe, density, autocorrelation: lagged };
}

/**
 * Lowers an expression of a model's variables to one number, or to a condition.
 *
 * @throws ExpressionError or RangeError if it is none.
 */
export function observableNode(model: Model, text: string, g: GraphBuilder, values: Values, time: Node, kind: 'number' | 'condition'): Node {
  const node = lowerIn(model, parseExpression(text), g, values, time, undefined);
  if (node.width !== 1 || node.mask !== (kind === 'condition')) {
    throw new RangeError(kind === 'number' ? 'one number is needed, such as x^2 or mean(x)' : 'one condition is needed, such as x > 0.5');
  }
  return node;
}

function refuseExpression(model: Model, text: string, path: readonly (string | number)[], kind: 'number' | 'condition', mayReadTime: boolean): void {
  try {
    const g = graphBuilder();
    const values = new Map([...model.slow, ...model.fast].map(({ name, size }) => [name, g.state(name, size)]));
    if (!mayReadTime && namesIn(parseExpression(text)).has('t')) throw new RangeError('it reads t, but averages over a stationary law have no time');
    observableNode(model, text, g, values, g.constant(0), kind);
  } catch (error) {
    throw new SettingError(`${JSON.stringify(text)} cannot be observed: ${(error as Error).message}`, path);
  }
}
