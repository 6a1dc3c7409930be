/** Paths kept as a table: the very pairs that the errors are made of, at every so many steps. */
import type { KeepRows, Outcome } from '@ergoflow/runner';
import { slowComponents } from '@ergoflow/sde';
import { type PairsOptions, simulatePairs } from './pairs.ts';

/**
 * Simulates pairs and keeps them.
 *
 * A path that is lost has rows up to the last step that was good, and none after.
 */
export function keepTrajectories(options: PairsOptions, every: number, keepRows: KeepRows): Outcome {
  const { model, epsilon, dt, from, to } = options;
  const lanes = to - from;
  const components = slowComponents(model);
  const stepsDone: number[] = [];
  const replicate: number[] = [];
  const columns = components.map(() => ({ full: [] as number[], averaged: [] as number[] }));
  const { failures, lostAtStart } = simulatePairs({
    ...options,
    record: {
      every,
      visit: (done, slow) => {
        for (let lane = 0; lane < lanes; lane++) {
          stepsDone.push(done);
          replicate.push(from + lane);
          for (const [k, { variable, index }] of components.entries()) {
            columns[k].full.push(slow('full', variable)[index * lanes + lane]);
            columns[k].averaged.push(slow('averaged', variable)[index * lanes + lane]);
          }
        }
      },
    },
  });
  const lastGood = new Map(failures.map((failure) => [failure.replicate, lostAtStart.has(failure.replicate) ? -1 : failure.step]));
  const keep = stepsDone.map((done, row) => done <= (lastGood.get(replicate[row]) ?? Number.POSITIVE_INFINITY));
  const kept = (values: readonly number[]): number[] => values.filter((_, row) => keep[row]);
  keepRows('trajectories', {
    meaning: `slow paths of the full system and of its averaged equation, driven by the same slow Wiener processes, at epsilon = ${epsilon}`,
    columns: [
      { name: 'replicate', meaning: 'number of the replicate', values: Int32Array.from(kept(replicate)) },
      { name: 'time', meaning: 'slow time', values: Float64Array.from(kept(stepsDone), (done) => done * dt) },
      ...components.flatMap(({ label }, k) => [
        { name: label, meaning: 'slow path of the full system', values: Float64Array.from(kept(columns[k].full)) },
        { name: `${label} averaged`, meaning: 'slow path of the averaged equation', values: Float64Array.from(kept(columns[k].averaged)) },
      ]),
    ],
  });
  return { moments: {}, failures };
}
