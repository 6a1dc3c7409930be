/** Chooses nodes for the binned likelihood by its error in nats: how far it is from the full one, more for one law of the fast variables than for another. */
import type { Model } from '@ergoflow/sde';
import { binnedObjective } from '../convex/binnedObjective.ts';
import type { Points } from '../convex/candidates.ts';
import { coefficientTable } from '../convex/coefficientTable.ts';
import { gatherBinned } from '../data/binned.ts';
import { fullLikelihood } from '../data/fullLikelihood.ts';
import type { Transitions } from '../data/observations.ts';
import { evaluateCoefficients } from '../equations/evaluateCoefficients.ts';
import { rangesOf } from './choose.ts';
import { localNodes } from './local.ts';
import type { Nodes } from './nodes.ts';

/** Largest error of a difference of two likelihoods, in nats. */
export const BINNING_TOLERANCE = 0.1;

const CUBIC: readonly (readonly number[])[] = [
  [16, 32, 64, 128, 256, 512],
  [8, 12, 16, 24, 32],
  [6, 8, 10],
];

/** Transitions at which the error is measured, evenly chosen, and laws of equal atoms that are compared. */
const CHECKED = 4000;
const LAWS = 4;

/** What nodes are chosen by. */
export interface ChooseBinnedOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  readonly transitions: Transitions;
  /** Fast states, at least 8: laws of a quarter of them each are compared. */
  readonly probes: Points;
  /** In nats; default {@link BINNING_TOLERANCE}. */
  readonly tolerance?: number | undefined;
}

/** The choice. */
export interface BinnedChoice {
  /** Null where no grid reaches the tolerance. */
  readonly nodes: Nodes | null;
  /** [tries]: error in nats, extrapolated from the transitions looked at to all of them. */
  readonly measured: readonly { readonly counts: readonly number[]; readonly error: number }[];
  /** The choice and its reason in a sentence. */
  readonly about: string;
}

/** Tries cubic nodes, fewest first; an error that is the same for all laws moves no fit and does not count. */
export function chooseBinnedNodes({ model, parameters, transitions, probes, tolerance = BINNING_TOLERANCE }: ChooseBinnedOptions): BinnedChoice {
  const count = probes[0]?.length ?? 0;
  if (count < 2 * LAWS) throw new RangeError(`probes must be at least ${2 * LAWS} fast states, got ${count}`);
  const every = Math.max(1, Math.floor(transitions.count / CHECKED));
  const pick = (values: Float64Array): Float64Array => values.filter((_, k) => k % every === 0);
  const duration = pick(transitions.duration);
  const some: Transitions = {
    count: duration.length,
    from: transitions.from.map(pick),
    increment: transitions.increment.map(pick),
    duration,
    gaps: 0,
  };
  const size = transitions.from.length;
  const laws = Array.from({ length: LAWS }, (_, law) => Array.from({ length: count }, (_, m) => m).filter((m) => m % LAWS === law));
  const exact = laws.map((law) => {
    const fast = probes.map((values) => Float64Array.from(law, (m) => values[m]));
    const mean = (values: Float64Array): Float64Array =>
      Float64Array.from(
        { length: values.length / law.length },
        (_, k) => values.subarray(k * law.length, (k + 1) * law.length).reduce((a, b) => a + b) / law.length,
      );
    return fullLikelihood(some, {
      drift: (slow) => evaluateCoefficients({ model, parameters, slow, fast, want: 'drift' }).drift.map(mean),
      diffusion: (slow) => evaluateCoefficients({ model, parameters, slow, fast, want: 'diffusion' }).diffusion.map(mean),
    });
  });
  const measured: { counts: readonly number[]; error: number }[] = [];
  const ranges = rangesOf(transitions.from);
  for (const along of CUBIC[size - 1] ?? []) {
    const nodes = localNodes('cubic', ranges, new Array(size).fill(along));
    const objective = binnedObjective(gatherBinned(some, nodes));
    const table = coefficientTable(model, parameters, nodes.points, 'both')(probes);
    const off = laws.map((law, l) => {
      const mean = new Float64Array(objective.size);
      for (const m of law) for (let k = 0; k < mean.length; k++) mean[k] += table[m * objective.size + k] / law.length;
      return objective.value(mean) - exact[l];
    });
    const error = ((Math.max(...off) - Math.min(...off)) * transitions.count) / some.count;
    measured.push({ counts: nodes.counts, error });
    const grid = `${nodes.counts.join(' × ')} local cubic nodes`;
    const nats = Number(error.toPrecision(2));
    if (error <= tolerance) return { nodes, measured, about: `${grid}: binned to them the likelihood is known to ${nats} nats, limit ${tolerance}.` };
  }
  const least = Math.min(...measured.map(({ error }) => error));
  return {
    nodes: null,
    measured,
    about: `No nodes: the best grid misses the likelihood by ${Number(least.toPrecision(2))} nats, limit ${tolerance}, so every transition is used as it is.`,
  };
}
