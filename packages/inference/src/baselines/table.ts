/** The baseline estimators by name. */
import type { Baseline } from './baseline.ts';
import { filtered } from './filtered.ts';
import { kernelDrift } from './kernelDrift.ts';
import { kramersMoyal } from './kramersMoyal.ts';
import { subsampled } from './subsampled.ts';

/** All of one input and one result. */
export const BASELINES: Readonly<Record<string, Baseline>> = {
  subsampled,
  filtered,
  'kramers-moyal': kramersMoyal,
  kernel: kernelDrift,
};
