/** Averaged likelihoods, the convex problem behind them, penalties, optimisers and fits. */

export { type BestLaw, type BestLawOptions, bestLaw, type NodeStatistics, nodeStatistics, type StatisticsOptions } from './convex/bestLaw.ts';
export { binnedObjective } from './convex/binnedObjective.ts';
export { type CandidateOptions, candidatePoints, type Points } from './convex/candidates.ts';
export { coefficientTable, fastDimension } from './convex/coefficientTable.ts';
export { GAP, type Npmle, type NpmleOptions, npmle } from './convex/npmle.ts';
export { type AveragedObjective, quadraticObjective } from './convex/objective.ts';
export { standardNormals } from './convex/standardNormals.ts';
export { type BinnedStatistics, gatherBinned } from './data/binned.ts';
export type { KnownDiffusion } from './data/covariance.ts';
export { type AveragedFunctions, fullLikelihood } from './data/fullLikelihood.ts';
export { gatherQuadratic } from './data/gatherQuadratic.ts';
export { knownDiffusion } from './data/knownDiffusion.ts';
export type { ObservedPath, Transitions } from './data/observations.ts';
export type { QuadraticStatistics } from './data/quadratic.ts';
export { compress, gramTimes, quadraticNll, stackedMoment, stackedSize } from './data/quadraticForm.ts';
export {
  GAP_FACTOR,
  ObservationError,
  type QuadraticVariation,
  quadraticVariation,
  type TransitionsOptions,
  transitionsOf,
} from './data/transitions.ts';
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
export { type Information, type InformationOptions, informationOf } from './information/information.ts';
export { chebyshevNodes } from './nodes/chebyshev.ts';
export { type ChooseOptions, chooseNodes, NODE_TOLERANCE, type NodeChoice, type NodeMeasurement, rangesOf } from './nodes/choose.ts';
export { BINNING_TOLERANCE, type BinnedChoice, type ChooseBinnedOptions, chooseBinnedNodes } from './nodes/chooseBinned.ts';
export { localNodes } from './nodes/local.ts';
export { interpolated, type NodeKind, type Nodes, type Range } from './nodes/nodes.ts';
export { RANK_TOLERANCE, type Separation, separate } from './nodes/separable.ts';
export { type AdamOptions, adam, adamState } from './optimisers/adam.ts';
