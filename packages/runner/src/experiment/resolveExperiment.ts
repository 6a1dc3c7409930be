/**
 * An experiment with everything filled in: as YAML for its folder of results, and as data whose bytes depend on its meaning only.
 */
import { canonicalJson } from '../identity.ts';
import type { Json, JsonObject } from '../work.ts';
import type { Axis } from './axes.ts';
import { type AxisValue, compareValues } from './axisValue.ts';
import { canonicalFormula } from './formula.ts';
import { formatGrid, gridValues } from './grids.ts';
import type { Experiment } from './readExperiment.ts';

import { yamlText } from './yamlText.ts';

/** An experiment, resolved. */
export interface ResolvedExperiment {
  /** YAML that reads back as an experiment of the same meaning; for people. */
  readonly yaml: string;
  /** Canonical JSON of the meaning: order of axes, values and guards, spelling of numbers and formulas, defaults, name and description leave it alone. */
  readonly json: string;
}

/** Resolves an experiment. @param experiment Its axes must be countable (see countPoints): lists of their values are made. */
export function resolveExperiment(experiment: Experiment): ResolvedExperiment {
  return { yaml: yamlText(readable(experiment)), json: canonicalJson(meaning(experiment)) };
}

function readable({ name, about, study, model, settings, seed, axes, keep }: Experiment): JsonObject {
  const zipped = new Set(axes.zips.flatMap(({ names }) => names));
  const formOf = (axis: Axis): readonly [string, Json] => [axis.name, written(axis)];
  const zips = axes.zips.map(({ names }) => Object.fromEntries(axes.axes.filter((axis) => names.includes(axis.name)).map(formOf)));
  const { design, replicates } = axes;
  const { kind: _, ...target } = replicates;
  return {
    name,
    ...(about === null ? {} : { about }),
    study,
    model,
    axes: {
      ...Object.fromEntries(axes.axes.filter((axis) => !zipped.has(axis.name)).map(formOf)),
      ...(zips.length === 0 ? {} : { zip: zips }),
      ...(design === null ? {} : { sample: `${design.kind}(${design.points}${design.unscrambled ? ', unscrambled' : ''})` }),
      replicate: replicates.kind === 'count' ? replicates.count : (target as JsonObject),
    },
    ...(axes.guards.length === 0 ? {} : { where: axes.guards.map(canonicalFormula) }),
    set: settings,
    seed,
    keep,
  };
}

function written({ form }: Axis): Json {
  switch (form.kind) {
    case 'values':
      return form.values;
    case 'grid':
      return formatGrid(form.grid);
    case 'derived':
      return canonicalFormula(form.formula);
    default: {
      const { name, low, high } = form.distribution;
      return `${name}(${low}, ${high}${form.kind === 'draws' ? `, ${form.count}` : ''})`;
    }
  }
}

function meaning({ study, model, settings, seed, axes, keep }: Experiment): JsonObject {
  const zips = axes.zips.filter(({ names }) => names.length > 1);
  const zipped = new Set(zips.flatMap(({ names }) => names));
  const { design, replicates } = axes;
  return {
    study,
    model,
    settings,
    seed,
    keep,
    axes: Object.fromEntries(axes.axes.filter(({ name }) => !zipped.has(name)).map((axis) => [axis.name, axisMeaning(axis)])),
    zips: zips
      .map(({ names }) => zipMeaning(axes.axes.filter(({ name }) => names.includes(name))))
      .sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)),
    design: design as unknown as Json,
    replicates: replicates as unknown as Json,
    where: [...new Set(axes.guards.map(canonicalFormula))].sort(),
  };
}

function axisMeaning(axis: Axis): Json {
  const { form } = axis;
  switch (form.kind) {
    case 'values':
    case 'grid':
      return { values: [...valuesOf(axis)].sort(compareValues) };
    case 'derived':
      return { derived: canonicalFormula(form.formula) };
    case 'draws':
      return { distribution: form.distribution as unknown as Json, draws: form.count };
    default:
      return { distribution: form.distribution as unknown as Json };
  }
}

/** A zip is the set of its tuples. */
function zipMeaning(axes: readonly Axis[]): JsonObject {
  const columns = axes.map(valuesOf);
  const tuples = columns[0].map((_, k) => columns.map((column) => column[k]));
  tuples.sort((a, b) => a.map((value, k) => compareValues(value, b[k])).find((order) => order !== 0) ?? 0);
  return { axes: axes.map(({ name }) => name), tuples };
}

function valuesOf({ form }: Axis): readonly AxisValue[] {
  if (form.kind === 'values') return form.values;
  return form.kind === 'grid' ? gridValues(form.grid) : [];
}
