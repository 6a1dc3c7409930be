/** What a study is: a question bound to the runner. A study names work and reads off answers; it knows no thread, and no file but the data it is given. */
import type { Cell, JsonObject, KnownAxis, MergedOutcome, RunLongTask, RunTask, Table, Work } from '@ergoflow/runner';
import { type Equations, type Model, SCHEMES, type Scheme } from '@ergoflow/sde';
import type { z } from 'zod';
import type { OrderFit } from './order.ts';

/** One point of the axes, with all that its work depends on. */
export interface StudyCell {
  readonly cell: Cell;
  readonly model: Model;
  /** The model as plain data, as tasks take it. */
  readonly modelData: JsonObject;
  /** The parameters' values at this point. */
  readonly parameters: ReadonlyMap<string, number>;
  /** The study's settings at this point, checked by its schema. */
  readonly settings: unknown;
}

/** An estimate with its interval and what its error is made of; further numbers of the study's own are allowed. */
export interface Metric {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
  readonly standardError: number;
  readonly systematic: number;
  readonly atStep: number;
  readonly budget: { readonly monteCarlo: number; readonly step: number; readonly reference: number };
}

/** What is known of a cell. */
export interface CellResult {
  readonly axes: Cell['axes'];
  /** Replicates that count in the estimates. */
  readonly count: number;
  /** Lost replicates by kind of failure, in all of the cell's work. */
  readonly failures: Readonly<Record<string, number>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Further results by name; those of all cells become one file, with the axes' columns in front. Equal names, equal columns. */
  readonly tables?: Readonly<Record<string, Table>>;
  /** What is neither; of a single cell it is the answer of the run. */
  readonly answer?: JsonObject;
  /** Files of text for the result folder, by name; written where there is a single cell. */
  readonly documents?: Readonly<Record<string, string>>;
}

/** A fitted order. */
export interface FitResult extends OrderFit {
  readonly metric: string;
  readonly against: string;
  readonly where: Cell['axes'];
  /** What theory expects, where it says something. */
  readonly expected?: number;
}

/** A cell's work, and how to read it. */
export interface CellPlan {
  readonly axes: Cell['axes'];
  /** Work whose replicates are counted as the cell's, first; then what corrects and checks it. */
  readonly works: readonly Work[];
  /** Reads the merged outcomes of `works`, in their order, with intervals of a level (default: the settings'); null stands for work that is not complete. */
  readonly result: (outcomes: readonly (MergedOutcome | null)[], level?: number) => CellResult;
}

/** A setting, or the model, with which a study cannot be made. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  /** Keys that lead to the setting, `model` for the model. */
  readonly path: readonly (string | number)[];

  constructor(message: string, path: readonly (string | number)[]) {
    super(message);
    this.path = path;
  }
}

/**
 * Refuses a model with an unknown equation where it has to be simulated.
 *
 * @throws SettingError naming the variable.
 */
export function refuseUnknown(model: Model): void {
  const unknown = model.fast.find(({ drift, noise }) => drift === 'unknown' || noise === 'unknown');
  if (unknown !== undefined) throw new SettingError(`the equation of ${unknown.name} is unknown, so ${model.name} cannot be simulated`, ['model']);
}

/**
 * Finds a scheme, and refuses equations that it cannot step.
 *
 * @param title What the equations are, for the message.
 * @throws SettingError with the reason.
 */
export function refuseScheme(name: string, title: string, equations: Equations): Scheme {
  const scheme = SCHEMES.get(name) as Scheme;
  const reason = scheme.refuses(equations);
  if (reason !== null) throw new SettingError(`${name} cannot step ${title}: ${reason}`, ['axes', 'scheme']);
  return scheme;
}

/** A study. */
export interface Study {
  readonly name: string;
  /** Changes whenever the meaning of its tasks' results does. */
  readonly version: number;
  readonly about: string;
  /** Keys that may be axes although they are no settings, with what they must be. */
  readonly axes: Readonly<Record<string, KnownAxis>>;
  /** Axes that an experiment must have, or their default. */
  readonly defaults: Readonly<Record<string, string | number>>;
  /** All settings with defaults and descriptions. */
  readonly settings: z.ZodObject;
  /** Meaning of each metric by the first word of its name. */
  readonly meanings: Readonly<Record<string, string>>;
  /**
   * Plans a cell.
   *
   * @throws SettingError if the study cannot be made of this model and these settings.
   */
  readonly plan: (cell: StudyCell, replicates: number, seed: number, keep: readonly string[]) => CellPlan;
  /** Fits over the cells. */
  readonly fit: (cells: readonly CellResult[], derived: ReadonlySet<string>, level: number) => readonly FitResult[];
  /** The tasks by kind. */
  readonly tasks: Readonly<Record<string, RunTask>>;
  /** Those that wait for something on their way. */
  readonly longTasks?: Readonly<Record<string, RunLongTask>>;
  /** Settings that may be the path of a file: it is meant from the experiment's file, or from the working folder. */
  readonly files?: readonly string[];
}
