/** Bijections, base laws and flows, as pieces of training graphs. */
export type { Base, Bijection, Flow, Mapped, Uniform, Weight, Weights } from './flow.ts';
