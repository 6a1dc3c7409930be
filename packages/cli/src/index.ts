/** The library's public face: experiments and simulations from TypeScript, with the results that the command gives, and the types of layers of one's own. */
export type { Base, Bijection, Flow, Mapped, Uniform, Weight, Weights } from '@ergoflow/flows';
export type { CustomFunction, Shape, Tensor, TensorBuilder, TensorFlow, TensorFlowTensor } from '@ergoflow/kernels';
export type { Summary, SummaryCell, SummaryFit, SummaryMetric } from '@ergoflow/report';
export { type RunOptions, run } from './api/run.ts';
export { type SimulatedPaths, type SimulateOptions, simulate } from './api/simulate.ts';
