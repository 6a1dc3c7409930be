/** Averaged likelihoods, the convex problem behind them, penalties, optimisers and fits. */

export type { ObservedPath } from './data/observations.ts';
export {
  type CoefficientInputs,
  type CoefficientTensors,
  coefficientTensors,
  type SlowCoefficient,
  type SlowCoefficients,
  slowCoefficients,
} from './equations/coefficients.ts';
export { type CoefficientValues, type EvaluateOptions, evaluateCoefficients } from './equations/evaluateCoefficients.ts';
export type { Curve, Estimate, FitOptions, FitProblem, FitProgress, FitResult, PenaltyChoice } from './fit/types.ts';
export { type AdamOptions, adam, adamState } from './optimisers/adam.ts';
