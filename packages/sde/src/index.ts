/** Slow–fast models, schemes, the one time loop, averaging and its truth. */
export {
  type AverageSource,
  averagedEquation,
  averagedObstacle,
  coefficientsOf,
  covariance,
  slowComponents,
  tableUniform,
} from './averaged/averagedEquation.ts';
export { type ErgodicAverages, type ErgodicOptions, ergodicAverages, gridNodes } from './averaged/ergodic.ts';
export { type GridAxis, gridStep, interpolate } from './averaged/interpolate.ts';
export { coupledProgram, EVENT, type Event, type Fluctuation, type Member, NON_FINITE, stateName } from './coupled.ts';
export type { Equations, NoiseOf, Values } from './equations.ts';
export { DIFFERENCE } from './fluctuation.ts';
export { findModel, modelNames } from './model/find.ts';
export type { Model, NoiseTerm, Parameter, Prior, Start, Truth, Variable, WienerProcess } from './model/model.ts';
export { parameterValues } from './model/parameters.ts';
export { readModel } from './model/readModel.ts';
export { modelSchema } from './model/schema.ts';
export { heterogeneousMultiscale } from './schemes/heterogeneousMultiscale.ts';
export { MICRO_SOLVER, type MicroSolver, type MultiscaleCost, multiscaleCost } from './schemes/multiscale.ts';
export { noiseKind } from './schemes/noiseKind.ts';
export { projectiveIntegration } from './schemes/projectiveIntegration.ts';
export { type NoiseKind, type Scheme, SchemeError } from './schemes/scheme.ts';
export { SCHEMES } from './schemes/table.ts';
export { TRUNCATION, type Truncation, truncatedEuler } from './schemes/truncatedEuler.ts';
export { type Failure, kernelOf, openStreams, type SimulateOptions, simulate, targetFallbacks } from './simulate.ts';
export { type Started, startPaths } from './start.ts';
export {
  EPSILON,
  fastProcesses,
  fastSeesSlow,
  frozenFast,
  fullSystem,
  lowerIn,
  noiseOf,
  parameterUniforms,
  readsName,
  slowNoiseIsAdditive,
  slowNoiseIsFast,
} from './system.ts';
export type { FrozenProcess } from './truth/fastProcess.ts';
export { type LongOptions, longAverages } from './truth/longAverages.ts';
export { type Average, type StationaryAverages, type StationaryOptions, stationaryAverages, type TruthMethod } from './truth/stationaryAverages.ts';
