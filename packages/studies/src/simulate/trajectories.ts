/** Paths as a table: one row per time and replicate, the replicates of one time together. */
import type { Column, KeepRows, TaskRequest } from '@ergoflow/runner';
import type { Model } from '@ergoflow/sde';

/** Takes the paths at one time after the other. */
export interface TrajectoryRecorder {
  readonly visit: (stepsDone: number, values: (variable: string) => Float64Array, isLost: (lane: number) => boolean) => void;
  /** Keeps the rows that are left. */
  readonly end: () => void;
}

/** Number of columns of the table. */
export const columnCount = (model: Model, fast: boolean): number => 2 + componentsOf(model, fast).length;

/** Starts without rows; they go to `keep` some megabytes at a time. A lost path has rows up to the last time at which it was good. */
export function trajectoryRecorder(
  model: Model,
  { steps, step, epsilon }: { readonly steps: number; readonly step: number; readonly epsilon: number },
  { every, fast }: { readonly every: number; readonly fast: boolean },
  { from, to }: TaskRequest,
  keep: KeepRows,
): TrajectoryRecorder {
  const components = componentsOf(model, fast);
  const lanes = to - from;
  const times = Math.min(1 + Math.ceil(steps / every), Math.max(1, Math.floor(MOST_VALUES / lanes / columnCount(model, fast))));
  const replicate = new Int32Array(times * lanes);
  const time = new Float64Array(times * lanes);
  const columns = components.map(() => new Float64Array(times * lanes));
  let row = 0;
  function end(): void {
    keep('trajectories', {
      meaning: `paths of the full system at epsilon = ${epsilon}, one row per time and replicate`,
      columns: [
        { name: 'replicate', meaning: 'number of the replicate', values: replicate.subarray(0, row) },
        { name: 'time', meaning: 'slow time', values: time.subarray(0, row) },
        ...components.map(
          ({ label, unit, about, isSlow }, k): Column => ({
            name: label,
            meaning: about ?? `${isSlow ? 'slow' : 'fast'} variable ${label}`,
            values: columns[k].subarray(0, row),
            ...(unit === undefined ? {} : { unit }),
          }),
        ),
      ],
    });
    row = 0;
  }
  return {
    visit(done, values, isLost) {
      if (row + lanes > replicate.length) end();
      const begin = row;
      const lost: number[] = [];
      for (let lane = 0; lane < lanes; lane++) {
        if (isLost(lane)) lost.push(lane);
        else replicate[row++] = from + lane;
      }
      time.fill(done * step, begin, row);
      for (const [k, { variable, index }] of components.entries()) {
        const own = values(variable).subarray(index * lanes, (index + 1) * lanes);
        columns[k].set(lost.length === 0 ? own : own.filter((_, lane) => !lost.includes(lane)), begin);
      }
    },
    end,
  };
}

/** Numbers that are kept together: few enough for the processor's caches, many beside what a batch of an Arrow file costs. */
const MOST_VALUES = 2 ** 20;

function componentsOf(model: Model, fast: boolean) {
  const groups = [
    ...model.slow.map((variable) => ({ variable, isSlow: true })),
    ...(fast ? model.fast.map((variable) => ({ variable, isSlow: false })) : []),
  ];
  return groups.flatMap(({ variable: { name, size, vector, unit, about }, isSlow }) =>
    Array.from({ length: size }, (_, index) => ({ variable: name, index, label: vector ? `${name}[${index + 1}]` : name, unit, about, isSlow })),
  );
}
