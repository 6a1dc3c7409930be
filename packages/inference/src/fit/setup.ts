/** What a fit is about, resolved once: data, parameters, penalties, and how coefficients follow from points and parameters. */

import { namesIn } from '@ergoflow/kernels';
import { fastSeesSlow, type Model, parameterValues } from '@ergoflow/sde';
import type { Points } from '../convex/candidates.ts';
import { coefficientTable, fastDimension } from '../convex/coefficientTable.ts';
import type { Transitions } from '../data/observations.ts';
import { transitionsOf } from '../data/transitions.ts';
import { type LearnedParameter, learnedParameters, parameterAt } from '../likelihood/parameters.ts';
import { rangesOf } from '../nodes/choose.ts';
import { type Context, functionTerms, functionValues, ownTable } from './functionLaw.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { FitOptions, FitProblem, PenaltyChoice } from './types.ts';

/** Contiguous blocks of time by default: a fifth is left out at a time, as is usual in cross-validation. */
const BLOCKS = 5;

/** A resolved fit. */
export interface Setup {
  readonly model: Model;
  readonly options: FitOptions;
  readonly transitions: Transitions;
  readonly prepared: Prepared;
  readonly learned: readonly LearnedParameter[];
  readonly usePriors: boolean;
  /** d */
  readonly dimension: number;
  readonly isConditional: boolean;
  readonly context: Context;
  readonly penalties: readonly PenaltyChoice[];
  /** Weight of the relative entropy as given; null for auto, 0 for none. */
  readonly entropyWeight: number | null;
  readonly seed: readonly (string | number)[];
  /** Mean and scale of what surrogate laws are laws of: values y, or coefficients of functions y(x). */
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** The same of the values themselves, [d]. */
  readonly valueMean: readonly number[];
  readonly valueScale: readonly number[];
  /** All parameters at free numbers. */
  readonly parametersAt: (free: Float64Array) => ReadonlyMap<string, number>;
  /** Rows of coefficients at the nodes for points of surrogate laws. */
  readonly rows: (parameters: ReadonlyMap<string, number>) => (points: Points) => Float64Array;
  /** Values at node `i` of points of surrogate laws. */
  readonly valuesAt: (points: Points, node: number) => Points;
}

/**
 * Resolves a problem.
 *
 * @throws RangeError for options outside their range, and for data that cannot be used (ObservationError with its place).
 */
export function setUp({ model, parameters, paths }: FitProblem, options: FitOptions): Setup {
  const dimension = fastDimension(model);
  if (dimension === 0) throw new RangeError(`${model.name} must have a fast variable, whose law is what is learned, got none`);
  const blocks = options.blocks ?? BLOCKS;
  if (!Number.isInteger(blocks) || blocks < 2) throw new RangeError(`blocks must be a whole number ≥ 2, got ${blocks}`);
  const transitions = transitionsOf(paths, options.largestStep === undefined ? {} : { largestStep: options.largestStep });
  const learned = learnedParameters(model, parameters);
  const isConditional = options.conditional ?? seesSlow(model);
  const valueMean = entries('reference.mean', options.reference?.mean, dimension, 0);
  const valueScale = entries('reference.scale', options.reference?.scale, dimension, 1);
  const seed = ['fit', options.seed ?? 0];
  const isNoiseLearned = noiseReads(model, new Set(learned.map(({ name }) => name)));
  const prepared = prepare({ model, parameters, transitions, blocks, seed, scale: valueScale, isNoiseLearned, isConditional });
  const ranges = rangesOf(transitions.from);
  const context: Context = { middle: ranges.map(({ low, high }) => (low + high) / 2), half: ranges.map(({ low, high }) => (high - low) / 2) };
  const stateAt = (node: number): number[] => prepared.points.map((values) => values[node]);
  const terms = isConditional ? functionTerms(ranges.length) : 1;
  const followers = following(model, learned);
  const penalties = options.penalties ?? [{ kind: 'relative-entropy', weight: 'auto' }];
  const entropy =
    penalties.find(({ kind }) => kind === 'relative-entropy')?.weight ?? (penalties.some(({ kind }) => kind === 'relative-entropy') ? 'auto' : 0);
  const valuesAt = (points: Points, node: number): Points =>
    isConditional ? functionValues(points, context, stateAt(node)).map((row, j) => row.map((value) => value + valueMean[j])) : points;
  return {
    model,
    options,
    transitions,
    prepared,
    learned,
    usePriors: options.ignorePriors !== true,
    dimension,
    isConditional,
    context,
    penalties,
    entropyWeight: entropy === 'auto' ? null : entropy,
    seed,
    mean: isConditional ? new Array(dimension * terms).fill(0) : valueMean,
    scale: valueScale.flatMap((scale) => new Array<number>(terms).fill(scale)),
    valueMean,
    valueScale,
    parametersAt: (free) => {
      const known = [...parameters].filter(([name]) => !followers.has(name));
      return parameterValues(
        model,
        new Map([...known, ...learned.map(({ name, transform }, k): [string, number] => [name, parameterAt(transform, free[k])])]),
      );
    },
    rows: (values) =>
      isConditional
        ? (points) => ownTable(model, values, prepared.points, prepared.want, (node) => valuesAt(points, node))
        : coefficientTable(model, values, prepared.points, prepared.want),
    valuesAt,
  };
}

/** Learned parameters, and those whose expressions read them. */
function following(model: Model, learned: readonly LearnedParameter[]): ReadonlySet<string> {
  const found = new Set(learned.map(({ name }) => name));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { name, value } of model.parameters) if ([...namesIn(value)].some((used) => found.has(used))) found.add(name);
  }
  return found;
}

function noiseReads(model: Model, learned: ReadonlySet<string>): boolean {
  const all = following(
    model,
    [...learned].map((name) => ({ name }) as LearnedParameter),
  );
  return model.slow.some(
    ({ noise }) =>
      noise !== 'unknown' &&
      noise.some(({ coefficients }) => coefficients.some((coefficient) => [...namesIn(coefficient)].some((name) => all.has(name)))),
  );
}

/** Unknown equations see nothing. */
function seesSlow(model: Model): boolean {
  return fastSeesSlow({ ...model, fast: model.fast.map((variable) => ({ ...variable, noise: variable.noise === 'unknown' ? [] : variable.noise })) });
}

function entries(name: string, given: readonly number[] | undefined, count: number, standard: number): readonly number[] {
  if (given === undefined) return new Array(count).fill(standard);
  if (given.length !== count) throw new RangeError(`${name} must have ${count} numbers, one for each fast component, got ${given.length}`);
  const wrong = given.find((value) => !Number.isFinite(value) || (standard === 1 && !(value > 0)));
  if (wrong !== undefined) throw new RangeError(`${name} must be finite${standard === 1 ? ' and above 0' : ''}, got ${wrong}`);
  return given;
}
