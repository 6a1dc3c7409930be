/** How far a fitted drift is from the true one, in the mean square over the law that the slow variables have in the long run. */
import type { FitResult, ObservedPath } from '@ergoflow/inference';
import { averagedObstacle, type Model } from '@ergoflow/sde';
import { fittedDrift, meanSquare, stationaryLaw, trueCoefficients, type WeightedStates } from './drift.ts';

/** Most observations that stand for a stationary law that has no closed form. */
const MOST_POINTS = 2000;

/** Where drifts are compared: the truth's stationary law for one slow component, else the observations, evenly thinned. Null where no truth is known. */
export function comparisonStates(model: Model, parameters: ReadonlyMap<string, number>, paths: readonly ObservedPath[]): WeightedStates | null {
  if (model.truth === undefined || averagedObstacle(model) !== null) return null;
  if (paths[0].values.length === 1) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { values } of paths) {
      for (const x of values[0]) {
        if (x < low) low = x;
        if (x > high) high = x;
      }
    }
    const law = stationaryLaw(model, parameters, [low, high]);
    if (law !== null) return law;
  }
  const total = paths.reduce((sum, { times }) => sum + times.length, 0);
  const every = Math.ceil(total / MOST_POINTS);
  const at = paths[0].values.map((_, c) => Float64Array.from(paths.flatMap(({ values }) => [...values[c].filter((_, k) => k % every === 0)])));
  return { at, weights: new Float64Array(at[0].length).fill(1 / at[0].length) };
}

/**
 * Mean square distance of the fitted drift from the true one; null where no truth is known, or the law depends on the slow state.
 *
 * @param truth Parameters of the truth.
 * @param fitted Parameters that the fit found.
 */
export function driftError(
  model: Model,
  truth: ReadonlyMap<string, number>,
  fitted: ReadonlyMap<string, number>,
  result: Pick<FitResult, 'law'>,
  states: WeightedStates | null,
): number | null {
  if (states === null) return null;
  const found = fittedDrift(model, fitted, result, states.at);
  return found === null ? null : meanSquare(states, found, trueCoefficients(model, truth, states.at).drift);
}
