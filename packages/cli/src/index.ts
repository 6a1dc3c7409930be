/** The library's public face: experiments and simulations from TypeScript, with the results that the command gives. */
export type { Summary, SummaryCell, SummaryFit, SummaryMetric } from '@ergoflow/report';
export { type RunOptions, run } from './api/run.ts';
export { type SimulatedPaths, type SimulateOptions, simulate } from './api/simulate.ts';
