/** Paths as a table: one row per time and replicate, the replicates of one time together. */
import type { Column, Table, TaskRequest } from '@ergoflow/runner';
import type { Failure, Model } from '@ergoflow/sde';
import type { Ensemble } from './ensemble.ts';

/** Gathers rows, and makes the table of those that count. */
export interface TrajectoryRecorder {
  readonly visit: (stepsDone: number, values: (variable: string) => Float64Array) => void;
  readonly table: (ensemble: Ensemble) => Table;
}

/** Number of columns of the table. */
export const columnCount = (model: Model, fast: boolean): number => 2 + componentsOf(model, fast).length;

/** Starts without rows. */
export function trajectoryRecorder(
  model: Model,
  { steps, step, epsilon }: { readonly steps: number; readonly step: number; readonly epsilon: number },
  { every, fast }: { readonly every: number; readonly fast: boolean },
  { from, to }: TaskRequest,
): TrajectoryRecorder {
  const components = componentsOf(model, fast);
  const lanes = to - from;
  const rows = (1 + Math.ceil(steps / every)) * lanes;
  const numbers = Int32Array.from({ length: lanes }, (_, lane) => from + lane);
  const replicate = new Int32Array(rows);
  const time = new Float64Array(rows);
  const columns = components.map(() => new Float64Array(rows));
  let row = 0;
  return {
    visit(done, values) {
      replicate.set(numbers, row);
      time.fill(done * step, row, row + lanes);
      for (const [k, { variable, index }] of components.entries()) columns[k].set(values(variable).subarray(index * lanes, (index + 1) * lanes), row);
      row += lanes;
    },
    table({ failures, neverStarted }) {
      // What has no observable is a good path.
      const lost = failures.filter(({ kind }) => kind !== 'not-observable');
      const kept = rowsBefore(lost, neverStarted, replicate, time, step);
      return {
        meaning: `paths of the full system at epsilon = ${epsilon}, one row per time and replicate`,
        columns: [
          { name: 'replicate', meaning: 'number of the replicate', values: kept(replicate) },
          { name: 'time', meaning: 'slow time', values: kept(time) },
          ...components.map(
            ({ label, unit, about, isSlow }, k): Column => ({
              name: label,
              meaning: about ?? `${isSlow ? 'slow' : 'fast'} variable ${label}`,
              values: kept(columns[k]),
              ...(unit === undefined ? {} : { unit }),
            }),
          ),
        ],
      };
    },
  };
}

/** A lost path has rows up to the last step that was good, and none after. */
function rowsBefore(
  lost: readonly Failure[],
  neverStarted: ReadonlySet<number>,
  replicate: Int32Array,
  time: Float64Array,
  step: number,
): <T extends Int32Array | Float64Array>(column: T) => T {
  if (lost.length === 0) return (column) => column;
  // A quarter step forgives the rounding of times.
  const last = new Map(lost.map((failure) => [failure.replicate, neverStarted.has(failure.replicate) ? -1 : (failure.step + 0.25) * step]));
  const isKept = (row: number): boolean => time[row] <= (last.get(replicate[row]) ?? Number.POSITIVE_INFINITY);
  return (column) => column.filter((_, row) => isKept(row)) as typeof column;
}

function componentsOf(model: Model, fast: boolean) {
  const groups = [
    ...model.slow.map((variable) => ({ variable, isSlow: true })),
    ...(fast ? model.fast.map((variable) => ({ variable, isSlow: false })) : []),
  ];
  return groups.flatMap(({ variable: { name, size, vector, unit, about }, isSlow }) =>
    Array.from({ length: size }, (_, index) => ({ variable: name, index, label: vector ? `${name}[${index + 1}]` : name, unit, about, isSlow })),
  );
}
