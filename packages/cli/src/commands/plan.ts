/** `ergoflow plan`: exact counts of what would run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axisText } from '@ergoflow/report';
import { type Cell, countTasks, hasItsFiles, readTaskLog, recordsByWork, type TaskRecord } from '@ergoflow/runner';
import { resultFolder } from '../folders.ts';
import type { Given } from '../options.ts';
import { firstReplicates, type Prepared, prepareExperiment } from '../prepare.ts';
import { DATA, dataOf, identityOf } from '../runExperiment.ts';
import type { RunCommand } from './command.ts';
import { overridesOf } from './overrides.ts';

/** What a run would do. */
export interface Plan {
  readonly experiment: string;
  readonly study: string;
  readonly model: string;
  /** Where results are, or would be. */
  readonly folder: string;
  /** Points of the axes before guards, and what each guard drops. */
  readonly points: number;
  readonly dropped: readonly { readonly where: string; readonly count: number }[];
  /** Replicates per cell; for an adaptive number the first round's, up to `most`. */
  readonly replicates: { readonly first: number; readonly most: number };
  readonly tasks: { readonly total: number; readonly reused: number; readonly missing: number };
  /** Tasks of each cell; those that several cells need are counted with the first. */
  readonly cells: readonly {
    readonly axes: Cell['axes'];
    readonly tasks: { readonly total: number; readonly reused: number; readonly missing: number };
    /** Why something has to be computed. */
    readonly reason: 'done' | 'new' | 'more replicates or tasks' | 'the data changed';
  }[];
}

/** Plans an experiment. */
export const plan: RunCommand = (given) => printPlan(prepareExperiment(given.argument('experiment'), overridesOf(given)), given);

/** Makes the plan. */
export function planOf(prepared: Prepared, folder: string): Plan {
  const { experiment, study, expansion, model } = prepared;
  const { replicates } = expansion;
  const records = recordsByWork(readTaskLog<TaskRecord>(folder).records.filter((record) => hasItsFiles(record, folder)));
  const identity = identityOf(prepared);
  const before = dataBefore(folder);
  const counted = new Set<string>();
  const cells = expansion.cells.map((cell) => {
    const cellPlan = prepared.plan(cell, firstReplicates(expansion));
    const { works } = cellPlan;
    const isChanged = Object.entries(dataOf([cellPlan])).some(([path, sha256]) => (before[path] ?? sha256) !== sha256);
    const { total, reused, missing } = countTasks(works, identity, records, counted);
    const reason =
      missing === 0
        ? ('done' as const)
        : isChanged
          ? ('the data changed' as const)
          : reused === 0
            ? ('new' as const)
            : ('more replicates or tasks' as const);
    return { axes: cell.axes, tasks: { total, reused, missing }, reason };
  });
  const sum = (read: (cell: (typeof cells)[number]) => number): number => cells.reduce((all, cell) => all + read(cell), 0);
  return {
    experiment: experiment.name,
    study: study.name,
    model: model.name,
    folder,
    points: expansion.points,
    dropped: expansion.dropped,
    replicates: { first: firstReplicates(expansion), most: replicates.kind === 'count' ? replicates.count : replicates.max },
    tasks: { total: sum(({ tasks }) => tasks.total), reused: sum(({ tasks }) => tasks.reused), missing: sum(({ tasks }) => tasks.missing) },
    cells,
  };
}

/** The data files that the last run read, with their digests; none if it read none, or cannot say. */
function dataBefore(folder: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(join(folder, DATA), 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

/** Prints the plan of prepared work. */
export function printPlan(prepared: Prepared, given: Given): number {
  const made = planOf(prepared, given.out ?? resultFolder(prepared.experiment.name));
  process.stdout.write(given.json ? `${JSON.stringify(made, null, 2)}\n` : `${describePlan(made)}\n`);
  return 0;
}

/** Cells that a terminal shows; the rest is in the JSON. */
const MOST_ROWS = 40;

function describePlan({ experiment, study, model, folder, points, dropped, replicates, tasks, cells }: Plan): string {
  const axes = [...new Set(cells.flatMap((cell) => Object.keys(cell.axes)))];
  const rows = cells
    .slice(0, MOST_ROWS)
    .map((cell) => [...axes.map((name) => axisText(cell.axes[name])), `${cell.tasks.total}`, `${cell.tasks.missing}`, cell.reason]);
  const head = [...axes, 'tasks', 'to do', 'why'];
  const widths = head.map((name, k) => Math.max(name.length, ...rows.map((row) => row[k].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, k) => (k === row.length - 1 ? text : text.padStart(widths[k])))
      .join('  ')
      .trimEnd();
  return [
    `${experiment}: study ${study} of model ${model}`,
    `${points} points${dropped.map(({ where, count }) => `, ${count} dropped by ${where}`).join('')}, ${cells.length} cells`,
    `${replicates.first} replicates per cell${replicates.most > replicates.first ? `, up to ${replicates.most} until the intervals are tight` : ''}`,
    `${tasks.total} tasks: ${tasks.reused} done before, ${tasks.missing} to do`,
    `results: ${folder}`,
    '',
    line(head),
    ...rows.map(line),
    ...(cells.length > MOST_ROWS ? [`… and ${cells.length - MOST_ROWS} more cells (--json shows all)`] : []),
  ].join('\n');
}
