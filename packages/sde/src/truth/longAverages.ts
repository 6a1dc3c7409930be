/** Averages of the frozen fast process at one slow state by long chains, for any number of fast components: errors from independent chains, so they know the autocorrelation. */
import { ergodicAverages } from '../averaged/ergodic.ts';
import type { Scheme } from '../schemes/scheme.ts';
import type { FrozenProcess } from './fastProcess.ts';
import type { Average } from './stationaryAverages.ts';

/** How long, and how fine. */
export interface LongOptions extends FrozenProcess {
  readonly scheme: Scheme;
  /** Coarser step, unit-speed time; > 0. The answer is extrapolated from it and its half. */
  readonly step: number;
  /** Length of each chain after `model.burnIn`, unit-speed time; > 0. */
  readonly duration: number;
  /** Independent chains, ≥ 8. */
  readonly chains: number;
  /** What the random numbers are for. */
  readonly meaning: readonly (string | number)[];
}

/**
 * Computes the averages; `error` is one standard error of the chains' mean, the spread of their time averages over √chains.
 *
 * Not in the error: the rest of the step's bias, of second order in the step, and of the burn-in.
 *
 * @throws RangeError for fewer than 8 chains, or where a chain fails, with its number.
 */
export function longAverages({ slow, chains, ...options }: LongOptions): ReadonlyMap<string, Average> {
  if (!(Number.isInteger(chains) && chains >= 8)) throw new RangeError(`chains must be a whole number from 8 on, got ${chains}`);
  // A grid has two nodes in each direction at least; here they are one and the same.
  const axes = slow.map((x) => ({ low: x, high: x, count: 2 }));
  const nodes = 1 << axes.length;
  const { extrapolated, failures } = ergodicAverages({ ...options, axes, from: 0, to: chains });
  if (failures.length > 0)
    throw new RangeError(`chains must stay finite, got ${failures[0].kind} in chain ${failures[0].replicate}: use a smaller step`);
  return new Map(
    [...extrapolated].map(([name, table]): [string, Average] => {
      const values = Array.from({ length: chains }, (_, chain) => table[chain * nodes]);
      const value = values.reduce((a, b) => a + b, 0) / chains;
      const spread = values.reduce((sum, each) => sum + (each - value) * (each - value), 0) / (chains - 1);
      return [name, { value, error: Math.sqrt(spread / chains) }];
    }),
  );
}
