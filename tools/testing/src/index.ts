/**
 * Statistical assertions: each states its false-alarm rate and must detect a stated discrepancy, or fails as a test that proves nothing.
 *
 * Every assertion has two companions: `detectable…`, the smallest discrepancy that n samples show at the miss rate, and `samplesFor…`, the number of
 * samples that shows a given one. The manner is that of TensorFlow Probability's statistical_testing.py.
 */
export { assertBoundedMean, type Bounds, detectableBoundedMean, samplesForBoundedMean } from './boundedMean.ts';
export { assertCellDistribution, assertCells, detectableCells, samplesForCells } from './cells.ts';
export { assertCorrelation, detectableCorrelation, samplesForCorrelation } from './correlation.ts';
export { assertCoverage, type Interval } from './coverage.ts';
export {
  assertDistribution,
  assertSameDistribution,
  detectableDistribution,
  detectableDistributionDifference,
  samplesForDistribution,
  samplesForSameDistribution,
} from './distribution.ts';
export {
  assertEqualMeans,
  assertMean,
  detectableMean,
  detectableMeanDifference,
  samplesForMean,
  samplesForMeanDifference,
} from './mean.ts';
export { assertProportion, detectableProportion, type Side, samplesForProportion } from './proportion.ts';
export { DEFAULT_RATES, type Power, type Rates } from './rates.ts';
export { type RunningSummary, runningSummary, type Summary, summaryOf } from './summary.ts';
export { uniforms } from './uniforms.ts';
export { assertVariance, detectableVariance, samplesForVariance } from './variance.ts';
