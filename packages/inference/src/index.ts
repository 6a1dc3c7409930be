/** Averaged likelihoods, the convex problem behind them, penalties, optimisers and fits. */

export type { Baseline, BaselineProblem, BaselineResult, DriftBasis, Estimated } from './baselines/baseline.ts';
export { BASELINES } from './baselines/table.ts';
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
export { ALLOWED_NATS } from './fit/certificate.ts';
export { type FitWatch, fitFlow } from './fit/fitFlow.ts';
export { DEFAULT_FLOW, FitDivergedError } from './fit/flowFit.ts';
export { type NormalSource, normalSource } from './fit/normals.ts';
export type {
  Certificate,
  Curve,
  Estimate,
  FitOptions,
  FitProblem,
  FitProgress,
  FitResult,
  FittedLaw,
  FlowChoice,
  OptimiserChoice,
  PenaltyChoice,
  PenaltyUsed,
  ReducedModel,
  Residual,
  RestartOutcome,
} from './fit/types.ts';
export { type Information, type InformationOptions, informationOf } from './information/information.ts';
export { type LearnedParameter, learnedParameters, parameterAt, priorLogDensity, transformed } from './likelihood/parameters.ts';
export { chebyshevNodes } from './nodes/chebyshev.ts';
export { type ChooseOptions, chooseNodes, NODE_TOLERANCE, type NodeChoice, type NodeMeasurement, rangesOf } from './nodes/choose.ts';
export { BINNING_TOLERANCE, type BinnedChoice, type ChooseBinnedOptions, chooseBinnedNodes } from './nodes/chooseBinned.ts';
export { localNodes } from './nodes/local.ts';
export { interpolated, type NodeKind, type Nodes, type Range } from './nodes/nodes.ts';
export { RANK_TOLERANCE, type Separation, separate } from './nodes/separable.ts';
export { type AdamOptions, type AdamState, adam, adamState } from './optimisers/adam.ts';
export { type LbfgsOptions, type LbfgsState, lbfgs, lbfgsState } from './optimisers/lbfgs.ts';
export type { Ending, Objective, OnStep } from './optimisers/objective.ts';
export { PENALTIES, penaltyOf } from './penalties/table.ts';
export { type AtEpsilon, type BiasOrder, biasOrder, type WithInterval } from './regime/biasOrder.ts';
export { type LagView, type Regime, regimeOf, type Verdict } from './regime/regime.ts';
