/** Bijections, base laws and flows, as pieces of training graphs. */
export { normal } from './bases/normal.ts';
export { coupling, couplingRows } from './bijections/coupling.ts';
export { elementwiseAffine } from './bijections/elementwiseAffine.ts';
export { composedFlow } from './composedFlow.ts';
export type { Activation, Hidden } from './conditioner.ts';
export type { Base, Bijection, Flow, Mapped, Uniform, Weight, Weights } from './flow.ts';
export { flowOf } from './flowOf.ts';
export { type BaseSpec, type CompleteFlowSpec, completeSpec, DEFAULTS, type FlowFamily, type FlowSpec, type Mixing } from './spec.ts';
export { affine } from './transformers/affine.ts';
export { rationalQuadraticSpline } from './transformers/rationalQuadraticSpline.ts';
export type { Transformer } from './transformers/transformer.ts';
export { packWeights, setWeights, unpackWeights, weightCount, weightInputs } from './weights.ts';
