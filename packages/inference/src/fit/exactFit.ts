/** The fit without a flow: weighted points, the convex problem's own solution with or without the relative entropy. */
import type { Npmle } from '../convex/npmle.ts';
import { type FoundLaw, samplingError } from './foundLaw.ts';
import { logPriors } from './marginal.ts';
import type { Setup } from './setup.ts';
import { averageOf, type Shrunk } from './shrink.ts';

/**
 * Takes the tilted reference where relative entropy is asked for, else the atoms of the best law.
 *
 * @throws RangeError for other penalties, which need a flow, and where no best law is known.
 */
export function exactFit(setup: Setup, shrunk: Shrunk, best: Npmle | null, free: Float64Array): FoundLaw {
  const other = setup.penalties.find(({ kind }) => kind !== 'relative-entropy');
  if (other !== undefined) throw new RangeError(`penalty ${other.kind} must go with a flow, as flow: none has relative-entropy or no penalty`);
  const isShrunk = setup.entropyWeight !== 0;
  if (!isShrunk && best === null)
    throw new RangeError('flow: none without a penalty must have nodes and a law that does not depend on the slow state');
  const points = isShrunk ? shrunk.points : (best as Npmle).atoms;
  const weights = isShrunk ? shrunk.law.weights : (best as Npmle).weights;
  const tableAt = (at: Float64Array): Float64Array => setup.rows(setup.parametersAt(at))(points);
  const table = tableAt(free);
  const { objective } = setup.prepared;
  const averaged = averageOf(table, weights, objective.size);
  const nll = objective.value(averaged);
  const entropy = isShrunk ? shrunk.law.relativeEntropy : 0;
  const prior = setup.usePriors && setup.learned.length > 0 ? logPriors(setup.learned)(free).value : 0;
  return {
    valuesAt: (node) => setup.valuesAt(points, node),
    weights,
    table,
    tableAt,
    free,
    penalties: isShrunk ? [entropy] : [],
    restarts: [],
    objective: nll + shrunk.weight * entropy - prior,
    nll,
    objectiveError: 0,
    plugInBias: samplingError(table, weights, objective, averaged).halfTrace,
    flowWeights: null,
    target: 'none',
    fallback: null,
  };
}
