/** From the moments of a cell's paths to its metrics and tables. */
import type { Column, Table } from '@ergoflow/runner';
import type { Metric } from '../study.ts';
import { type Composite, estimateComposite, estimateMean, type Moments } from './estimates.ts';
import { nameOf, type Quantities } from './quantities.ts';

/** Expectations of smooth functions at a time, or of a stationary law, have a bias of whole powers of the step (Talay & Tubaro 1990). */
const SMOOTH = 1;
/** Times of passage: between two steps a path may pass and come back, which is missed with a probability of order √h (Gobet 2000). */
const PASSAGE = 0.5;

/** Meanings of the metrics, by the first word of their names. */
export const MEANINGS = {
  mean: 'expectation of an expression of the variables at the horizon',
  stationary: 'expectation of an expression over the stationary law: average over time from the burn-in to the horizon, and over the paths',
  'passage-share': 'probability that the path meets the condition at or before the horizon',
  'passage-time':
    'restricted mean E min(τ, horizon) of the time τ at which the path first meets the condition; needs no law of τ, and grows with the horizon',
  'mean-first-passage-time':
    'E τ if paths pass at a constant rate: total time at risk over number of passages; biased by the early, not yet constant rate unless most paths pass',
};

/** Estimates all metrics. */
export function metricsOf(moments: Moments, { observe, passage, stationary }: Quantities, horizon: number, level: number): Record<string, Metric> {
  const mean = (of: string) => estimateMean(moments, { of, stepOrder: SMOOTH }, level);
  const passed = (of: string, to: number) => estimateMean(moments, { of, stepOrder: PASSAGE, within: [0, to] }, level);
  const found: [string, Metric | null][] = [
    ...observe.map((text, k): [string, Metric | null] => [`mean ${text}`, mean(nameOf.mean(k))]),
    ...(stationary?.observe ?? []).map((text, k): [string, Metric | null] => [`stationary ${text}`, mean(nameOf.stationary(k))]),
  ];
  if (passage !== null) {
    found.push(
      ['passage-share', passed(nameOf.passed, 1)],
      ['passage-time', passed(nameOf.passageTime, horizon)],
      ['mean-first-passage-time', estimateComposite(moments, CONSTANT_RATE, level)],
    );
  }
  return Object.fromEntries(found.filter((entry): entry is [string, Metric] => entry[1] !== null));
}

/** Exponential times cut off at T have E min(τ, T) = E τ · P(τ ≤ T). */
const CONSTANT_RATE: Composite = {
  of: [nameOf.passageTime, nameOf.passed],
  stepOrder: PASSAGE,
  value: ([time, share]) => (share > 0 ? time / share : Number.NaN),
  gradient: ([time, share]) => [1 / share, -time / share ** 2],
  logarithmic: true,
};

/**
 * ρ = (P - 2 m F + m²)/(Q - m²) with the expectations P of a product at the lag, F of its factors, Q of squares and m of all samples. F is m but for the
 * samples at the ends: with m for F a path of a large mean would be uncertain by what those are off.
 */
const AUTOCORRELATION: Omit<Composite, 'of'> = {
  stepOrder: SMOOTH,
  value: ([product, factor, square, level]) => (product - 2 * level * factor + level ** 2) / (square - level ** 2),
  gradient: ([product, factor, square, level]) => {
    const spread = square - level ** 2;
    const correlation = (product - 2 * level * factor + level ** 2) / spread;
    return [1 / spread, (-2 * level) / spread, -correlation / spread, (2 * (level - factor + correlation * level)) / spread];
  },
  logarithmic: false,
};

/**
 * Estimates densities and autocorrelations, point by point.
 *
 * @param time Slow time between two samples.
 */
export function tablesOf(moments: Moments, { stationary }: Quantities, time: number, level: number): Record<string, Table> {
  const density = (stationary?.density ?? []).flatMap(({ of, low, high, bins }, k) =>
    Array.from({ length: bins }, (_, bin) => {
      const share = estimateMean(moments, { of: nameOf.bin(k, bin), stepOrder: SMOOTH, within: [0, 1] }, level);
      return {
        of,
        at: [edge(low, high, bins, bin), edge(low, high, bins, bin + 1)],
        found: share === null ? null : scaled(share, bins / (high - low)),
      };
    }),
  );
  const autocorrelation = (stationary?.autocorrelation ?? []).flatMap(({ of, spacing, lags }, k) =>
    Array.from({ length: lags + 1 }, (_, lag) => {
      const names = [nameOf.product(k, lag), nameOf.factor(k, lag), nameOf.product(k, 0), nameOf.level(k)];
      const found = lag === 0 ? PERFECT(level) : estimateComposite(moments, { ...AUTOCORRELATION, of: names }, level);
      return { of, at: [lag * spacing * time], found };
    }),
  );
  const tables: Record<string, Table> = {};
  if (density.length > 0) {
    tables.density = pointsTable('stationary densities, a row per bin; each interval holds for its bin alone', density, [
      ['from', 'lower end of the bin'],
      ['to', 'upper end of the bin'],
    ]);
  }
  if (autocorrelation.length > 0) {
    tables.autocorrelation = pointsTable('stationary autocorrelations, a row per lag; each interval holds for its lag alone', autocorrelation, [
      ['lag', 'slow time between the two values'],
    ]);
  }
  return tables;
}

const edge = (low: number, high: number, bins: number, k: number): number => (k === bins ? high : low + (k * (high - low)) / bins);

/** At lag 0 there is nothing to estimate. */
const PERFECT = (level: number): Metric => ({
  estimate: 1,
  low: 1,
  high: 1,
  level,
  standardError: 0,
  systematic: 0,
  atStep: 1,
  budget: { monteCarlo: 0, step: 0, reference: 0 },
});

function scaled({ estimate, low, high, level, standardError, systematic, atStep, budget }: Metric, by: number): Metric {
  return {
    estimate: by * estimate,
    low: by * low,
    high: by * high,
    level,
    standardError: by * standardError,
    systematic: by * systematic,
    atStep: by * atStep,
    budget: { monteCarlo: by * budget.monteCarlo, step: by * budget.step, reference: by * budget.reference },
  };
}

interface Point {
  readonly of: string;
  readonly at: readonly number[];
  readonly found: Metric | null;
}

function pointsTable(meaning: string, points: readonly Point[], places: readonly (readonly [string, string])[]): Table {
  const rows = points.filter((point): point is Point & { found: Metric } => point.found !== null);
  const number = (name: string, about: string, read: (found: Metric) => number): Column => ({
    name,
    meaning: about,
    values: Float64Array.from(rows, ({ found }) => read(found)),
  });
  return {
    meaning,
    columns: [
      { name: 'of', meaning: 'expression of the variables', values: rows.map(({ of }) => of) },
      ...places.map(([name, about], k) => ({ name, meaning: about, values: Float64Array.from(rows, ({ at }) => at[k]) })),
      number('estimate', 'estimate, the bias of the step taken off', ({ estimate }) => estimate),
      number('low', 'lower end of its interval', ({ low }) => low),
      number('high', 'upper end of its interval', ({ high }) => high),
      number('level', 'level of the interval', ({ level }) => level),
      number('standardError', 'Monte Carlo deviation of the estimate', ({ standardError }) => standardError),
      number('systematic', 'bound of the error that more replicates do not reduce', ({ systematic }) => systematic),
      number('atStep', 'plain estimate at the step, its bias included', ({ atStep }) => atStep),
      number('budgetMonteCarlo', 'half-width due to the finite number of replicates', ({ budget }) => budget.monteCarlo),
      number('budgetStep', 'size of the step’s bias, which the estimate no longer has', ({ budget }) => budget.step),
    ],
  };
}
