/** What a scheme is: one way to step an equation, with the orders it has and the equations that it takes. */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations, Values } from '../equations.ts';

/** What tells how hard noise is to step; each kind is contained in the next. docs/schemes.md defines them. */
export type NoiseKind = 'additive' | 'diagonal' | 'commutative' | 'general';

/** An order by kind of noise; null where the scheme refuses it. */
export type OrderByNoise = Readonly<Record<NoiseKind, number | null>>;

/** What a step may know of the Wiener processes over it. Coarser steps see the sums and combinations of the finer ones. */
export interface Increments {
  /** ΔW = W(t + h) - W(t) of a process, [width]. */
  get(process: string): Node;
  /** ΔZ = ∫ (W(s) - W(t)) ds over the step, [width]; with ΔW it is Gaussian, variance h³/3, covariance h²/2 (Kloeden & Platen 1992, (10.4.2)). */
  area(process: string): Node;
  /** `count` vectors of standard normals that are independent of the path, and of those of other purposes, counts and step sizes, [width] each. */
  normals(process: string, purpose: string, count: number): readonly Node[];
}

/** A state after a step, and where the step could not be made. */
export interface Step {
  readonly state: Values;
  /** True on lanes where an iteration has not settled: these paths become outcomes of kind `not-converged`. */
  readonly notConverged?: Node;
}

/** One way to step an equation. */
export interface Scheme {
  readonly name: string;
  readonly strongOrder: OrderByNoise;
  readonly weakOrder: OrderByNoise;
  /** Order where there is no noise at all. */
  readonly zeroNoiseOrder: number;
  /** What the scheme converges to: the equation as given, in Itô's sense, or the averaged equation of its slow variables. */
  readonly limit: 'equation' | 'averaged';
  /** How the frozen fast process is run at unit speed before a start, where it is not by the scheme itself at the scaled step. */
  readonly micro?: { readonly scheme: Scheme; readonly unitStep: number };
  /** Why the equations cannot be stepped, as a sentence without its end; null if they can. */
  refuses(equations: Equations): string | null;
  /**
   * Builds the state after one step.
   *
   * @param time Time at the beginning of the step.
   * @param dt Step, > 0.
   */
  step(g: GraphBuilder, equations: Equations, state: Values, time: Node, dt: Node, increments: Increments): Step;
}

/** Equations that a scheme refuses. */
export class SchemeError extends Error {
  override readonly name = 'SchemeError';
}

/** Gives the same order for additive noise, and another for all other noise. */
export const orders = (additive: number, diagonal: number | null, commutative = diagonal, general = commutative): OrderByNoise => ({
  additive,
  diagonal,
  commutative,
  general,
});
