/** From a command line to planned work: the experiment read, its cells expanded, every cell planned by its study. Nothing is written. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Document, didYouMean, InputError, listed, quoted, readYamlFile, valueAt } from '@ergoflow/input';
import {
  type Cell,
  cellParameters,
  cellSettings,
  type Expansion,
  type Experiment,
  expandAxes,
  findExperiment,
  type JsonObject,
  type KnownStudy,
  PARAMETER_PREFIX,
  readExperiment,
  resolveExperiment,
} from '@ergoflow/runner';
import { findModel, type Model, parameterValues, readModel } from '@ergoflow/sde';
import { type CellPlan, SettingError, STUDIES, type Study } from '@ergoflow/studies';
import { experimentFolders, modelFolders } from './folders.ts';

/** An experiment with its work. */
export interface Prepared {
  readonly experiment: Experiment;
  readonly study: Study;
  readonly expansion: Expansion;
  readonly model: Model;
  /** The experiment with everything filled in, its model too: YAML that asks the same wherever it lies. */
  readonly resolved: string;
  /** Axes that are functions of others. */
  readonly derived: ReadonlySet<string>;
  /** The plan of each cell with so many replicates. */
  readonly plan: (cell: Cell, replicates: number) => CellPlan;
}

/**
 * Prepares an experiment by name or path.
 *
 * @throws InputError at the first problem.
 */
export function prepareExperiment(nameOrPath: string, overrides: readonly string[]): Prepared {
  return prepare(readYamlFile(findExperiment(nameOrPath, experimentFolders)), overrides);
}

/** Prepares a document. */
export function prepare(document: Document, overrides: readonly string[]): Prepared {
  const read = readExperiment(document, overrides, KNOWN);
  const study = STUDIES.get(read.study) as Study;
  const experiment = { ...read, settings: withPaths(study, read.settings, document) };
  const known = KNOWN.find(({ name }) => name === study.name) as KnownStudy;
  const { model, written, meaning } = readModelOf(experiment);
  const expansion = expandAxes(experiment.axes);
  checkParameters(experiment, model);
  checkMetrics(experiment, study);
  const plan = (cell: Cell, replicates: number): CellPlan => {
    const settings = withPaths(study, cellSettings(experiment, cell, known), document);
    try {
      return study.plan(
        { cell, model, modelData: meaning, parameters: parameterValues(model, cellParameters(cell)), settings },
        replicates,
        experiment.seed,
        experiment.keep,
      );
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      throw new InputError(error.message, placeOfSetting(experiment, error.path), { cause: error });
    }
  };
  const derived = new Set(experiment.axes.derived);
  const [first] = expansion.cells;
  // What is wrong with one cell is mostly wrong with all: the first shows it before anything is made.
  if (first !== undefined) plan(first, firstReplicates(expansion));
  return { experiment, study, expansion, model, resolved: resolveExperiment({ ...experiment, model: written }).yaml, derived, plan };
}

/** Replicates that a cell begins with. */
export function firstReplicates({ replicates }: Expansion): number {
  return replicates.kind === 'count' ? replicates.count : replicates.min;
}

/** What the studies let an experiment say. */
export const KNOWN: readonly KnownStudy[] = [...STUDIES.values()].map(({ name, axes, defaults, settings }) => ({ name, axes, defaults, settings }));

/** Settings that name files, with their absolute paths: from the experiment's file, or from the working folder where there is none beside it. */
function withPaths({ files = [] }: Study, settings: JsonObject, { file }: Document): JsonObject {
  const named = files.flatMap((name) => {
    const value = settings[name];
    if (typeof value !== 'string' || isAbsolute(value)) return [];
    const beside = resolve(dirname(file), value);
    return [[name, existsSync(beside) ? beside : resolve(value)] as const];
  });
  return { ...settings, ...Object.fromEntries(named) };
}

interface ReadModel {
  readonly model: Model;
  /** The model as data, as written. */
  readonly written: JsonObject;
  /** The same without what is no part of its meaning: words about it. */
  readonly meaning: JsonObject;
}

function readModelOf({ model, document }: Experiment): ReadModel {
  const path = typeof model === 'string' ? modelPath(model, document) : null;
  const source = path === null ? document : readYamlFile(path);
  const read = path === null ? readModel(source, ['model']) : readModel(source);
  const written = JSON.parse(JSON.stringify(path === null ? valueAt(source.value, ['model']) : source.value)) as JsonObject;
  const { name: _name, about: _about, ...meaning } = written;
  return { model: read, written, meaning };
}

/** A path is meant from the experiment's file, as in other formats that name files; one that is not there, from the working folder. */
function modelPath(model: string, document: Document): string {
  const found = findModel(model, modelFolders, document.placeOf(['model']));
  const beside = join(dirname(document.file), found);
  return found === model && !isAbsolute(model) && existsSync(beside) ? beside : found;
}

/** Axes of parameters must name parameters that the model has. */
function checkParameters({ axes }: Experiment, model: Model): void {
  const names = model.parameters.map(({ name }) => name);
  for (const { name, place } of axes.axes) {
    if (!name.startsWith(PARAMETER_PREFIX) || names.includes(name.slice(PARAMETER_PREFIX.length))) continue;
    throw new InputError(
      `the model has no parameter ${JSON.stringify(name.slice(PARAMETER_PREFIX.length))}: allowed are ${names.join(', ') || 'none'}`,
      place,
    );
  }
}

/** The metrics that must be tight are told by the first words of their names; what follows, such as a test function, belongs to the cells. */
function checkMetrics({ axes, document }: Experiment, { meanings, name: studyName }: Study): void {
  const { replicates } = axes;
  if (replicates.kind === 'count') return;
  const known = Object.keys(meanings);
  const path = ['axes', 'replicate', 'metrics'];
  const written = valueAt(document.value, path);
  for (const metric of replicates.metrics ?? []) {
    if (known.some((word) => metric === word || metric.startsWith(`${word} `))) continue;
    throw new InputError(
      `${studyName} has no metric ${quoted(metric)}: allowed are ${listed(known)}${didYouMean(metric, known)}`,
      document.placeOf([...path, ...(Array.isArray(written) ? [written.indexOf(metric)] : [])]),
    );
  }
}

function placeOfSetting({ document }: Experiment, path: readonly (string | number)[]) {
  const inSet = valueAt(document.value, ['set', ...path.slice(0, 1)]) !== undefined;
  return document.placeOf(inSet ? ['set', ...path] : path);
}
