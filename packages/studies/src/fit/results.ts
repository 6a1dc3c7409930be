/** From the answers of a cell's fits to its metrics, its answer, and the files of a fitted model. */
import type { Column, Json, JsonObject, MergedOutcome, Table } from '@ergoflow/runner';
import { studentQuantile } from '../quantiles.ts';
import type { Metric } from '../study.ts';

/** The answer of one task. */
export interface FitAnswer {
  readonly measures: Readonly<Record<string, number | null>>;
  readonly fit: JsonObject;
  readonly kept: KeptFit | null;
}

/** What a fitted model needs beside the answer. */
export interface KeptFit {
  readonly parameters: Readonly<Record<string, number>>;
  readonly law: {
    readonly components: readonly string[];
    /** [components] of [count]. */
    readonly samples: readonly (readonly number[])[];
    /** [count] */
    readonly weights: readonly number[];
    readonly at: readonly (readonly number[])[] | null;
  };
  readonly reduced: { readonly axes: readonly GridJson[]; readonly tables: Readonly<Record<string, readonly number[]>> } | null;
  readonly weightsDigest: string | null;
}

interface GridJson {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Meanings of the metrics, by the first word of their names. */
export const MEANINGS = {
  'drift-mse':
    'mean square of fitted minus true averaged drift over the stationary law of the slow variable (over the observations, where there are several)',
  'nats-above-optimum': 'NLL of the fit minus the best that any law could reach, in nats of the whole data; a penalty’s pull is part of it',
  'nats-over-zero-drift': 'NLL of a zero drift minus that of the fit, in nats of the whole data: what the data say of the drift at all',
  'degrees-of-freedom': 'degrees of freedom that the law may use on these data under the penalty',
  'nll-per-transition': 'NLL of the fit per transition',
  'held-out-nll-per-transition': 'NLL per transition of blocks of time that were left out of the fit',
  rank: 'numerical rank of what the data see of the law',
  parameter: 'a learned parameter; an interval of a single data set is that of the fit',
};

/** The answers of a work, in order of data sets. */
export const answersOf = (outcome: MergedOutcome | null): readonly FitAnswer[] =>
  (outcome?.answers ?? []).map(({ answer }) => answer as unknown as FitAnswer);

/**
 * Averages each measure over the data sets, with Student's interval. A single data set has no spread to tell of: its numbers are exact as numbers of this data set, and
 * their interval has no width, but for a parameter, whose interval is the fit's own.
 */
export function metricsOf(answers: readonly FitAnswer[], level: number): Record<string, Metric> {
  const names = Object.keys(answers[0]?.measures ?? {});
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = answers.map(({ measures }) => measures[name]).filter((value): value is number => value !== null);
      if (values.length === 0) return [];
      return [[name, values.length === 1 ? single(name, values[0], answers[0], level) : averaged(values, level)]];
    }),
  );
}

function single(name: string, value: number, { fit }: FitAnswer, level: number): Metric {
  const own = name.startsWith('parameter ')
    ? (fit.parameters as Record<string, { low: number; high: number }>)[name.slice('parameter '.length)]
    : undefined;
  return metric(value, own?.low ?? value, own?.high ?? value, own === undefined ? level : (fit.level as number), 0);
}

function averaged(values: readonly number[], level: number): Metric {
  const count = values.length;
  // What does not depend on the data differs by rounding alone, and has no spread.
  if (values.every((value) => Math.abs(value - values[0]) <= 1e-9 * Math.abs(values[0]))) return metric(values[0], values[0], values[0], level, 0);
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const error = Math.sqrt(variance / count);
  const half = studentQuantile((1 + level) / 2, count - 1) * error;
  return metric(mean, mean - half, mean + half, level, error);
}

const metric = (estimate: number, low: number, high: number, level: number, standardError: number): Metric => ({
  estimate,
  low,
  high,
  level,
  standardError,
  systematic: 0,
  atStep: estimate,
  budget: { monteCarlo: (high - low) / 2, step: 0, reference: 0 },
});

/** The answer of a cell: the fit of a single data set, or what the fits of several have to say, without their curves. */
export function answerOfCell(answers: readonly FitAnswer[]): JsonObject {
  if (answers.length === 1) return answers[0].fit;
  return { dataSets: answers.length, fits: answers.map(({ fit }) => without(fit, ['drift', 'diffusion', 'quantiles', 'penalties', 'method'])) };
}

const without = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

/** The tables of a kept fit: `fit` the coefficients on their points with bands, `law` the samples or atoms. */
export function tablesOf({ fit, kept }: FitAnswer, slow: readonly string[]): Record<string, Table> {
  if (kept === null) return {};
  const drift = fit.drift as unknown as CurveJson;
  const diffusion = fit.diffusion as unknown as CurveJson;
  const { components, samples, weights, at } = kept.law;
  const perState = at === null ? weights.length : weights.length / at.length;
  return {
    fit: {
      meaning: `fitted averaged coefficients with bands of level ${fit.level}`,
      columns: [
        ...slow.map((name, k) => column(name, `slow variable ${name}`, drift.at, (point) => point[k])),
        ...slow.flatMap((name, k) => bands(`drift ${name}`, `averaged drift of ${name}`, drift, k)),
        ...slow.flatMap((row, i) =>
          slow
            .slice(0, i + 1)
            .flatMap((other, j) => bands(`diffusion ${other} ${row}`, `averaged σσᵀ of ${other} and ${row}`, diffusion, i * slow.length + j)),
        ),
      ],
    },
    law: {
      meaning: 'the fitted law of the fast variables: one effective law, of which the data fix only some averages',
      columns: [
        ...(at === null
          ? []
          : slow.map((name, k): Column => {
              const values = Float64Array.from(weights, (_, m) => at[Math.floor(m / perState)][k]);
              return { name, meaning: `slow state that the sample belongs to: ${name}`, values };
            })),
        ...components.map((name, k): Column => ({ name, meaning: `fast variable ${name}`, values: Float64Array.from(samples[k]) })),
        {
          name: 'weight',
          meaning: 'share of the law',
          values: Float64Array.from(weights),
        },
      ],
    },
  };
}

interface CurveJson {
  readonly at: readonly (readonly number[])[];
  readonly estimate: readonly (readonly number[])[];
  readonly low: readonly (readonly number[])[];
  readonly high: readonly (readonly number[])[];
}

const column = (name: string, meaning: string, points: readonly (readonly number[])[], read: (point: readonly number[]) => number): Column => ({
  name,
  meaning,
  values: Float64Array.from(points, (point) => read(point) ?? Number.NaN),
});

function bands(name: string, meaning: string, { estimate, low, high }: CurveJson, k: number): Column[] {
  return [
    column(name, meaning, estimate, (point) => point[k]),
    column(`${name} low`, `lower end of its band`, low, (point) => point[k]),
    column(`${name} high`, `upper end of its band`, high, (point) => point[k]),
  ];
}

/** JSON for a file, for people too. */
export const jsonText = (value: Json): string => `${JSON.stringify(value, null, 2)}\n`;
