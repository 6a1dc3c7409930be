/** A slow–fast model, read and checked: equations as expressions, sizes and names resolved. */
import type { Expression, ScopeFunction } from '@ergoflow/kernels';

/** One slow or fast variable, scalar or vector. */
export interface Variable {
  readonly name: string;
  /** Number of components; 1 for a scalar. */
  readonly size: number;
  /** True if the model gives a size, even 1: then `x[1]` and `sum(x)` are meant to work. */
  readonly vector: boolean;
  /** Drift of each component, at unit speed for a fast variable. */
  readonly drift: Expression | 'unknown';
  /** The terms add up; none means no noise. */
  readonly noise: readonly NoiseTerm[] | 'unknown';
  readonly start: Start;
  readonly unit?: string;
  readonly about?: string;
}

/** `coefficient · dW` of one Wiener process in the equation of one variable. */
export interface NoiseTerm {
  readonly process: string;
  /** The variable's size: each component has a process of its own. 1: one process for all components. */
  readonly processSize: number;
  /** One for all components (it may use `i`), or one for each. */
  readonly coefficients: readonly Expression[];
}

/** Where a path begins: one expression for all components or one for each, or the law of the frozen fast process. */
export type Start = { readonly kind: 'expressions'; readonly values: readonly Expression[] } | { readonly kind: 'stationary' };

/** A density for a parameter's value. */
export interface Prior {
  /** Name of the family, as in the table of priors. */
  readonly kind: string;
  readonly arguments: readonly number[];
}

/** A named constant of the equations. */
export interface Parameter {
  readonly name: string;
  /** Of other parameters only. */
  readonly value: Expression;
  /** True if a fit may change it. */
  readonly learn: boolean;
  readonly prior?: Prior;
  readonly unit?: string;
  readonly about?: string;
}

/** A Wiener process: `size` independent ones under one name. */
export interface WienerProcess {
  readonly name: string;
  readonly size: number;
  /** Whose equations use it. */
  readonly group: 'slow' | 'fast' | 'shared';
}

/** Averages over the invariant law of the frozen fast process, in closed form. */
export interface Truth {
  /** b̄ by slow variable: one expression for all components or one for each. */
  readonly drift: ReadonlyMap<string, readonly Expression[]>;
  /** Entries of ā = E[σσᵀ] by `x` or `x z` (`x[1] x[2]` for components); what is not listed is 0, and ā is symmetric. */
  readonly diffusion?: ReadonlyMap<string, readonly Expression[]>;
  readonly about?: string;
}

/** A function given by its values on a grid. */
export type TabulatedFunction = ScopeFunction;

/** A model whose every name, size and circle has been checked. */
export interface Model {
  readonly name: string;
  readonly about?: string;
  readonly slow: readonly Variable[];
  readonly fast: readonly Variable[];
  /** In order of first use. */
  readonly processes: readonly WienerProcess[];
  /** In the order written. */
  readonly parameters: readonly Parameter[];
  /** Time at unit speed after which the frozen fast process counts as stationary; > 0, default 20. */
  readonly burnIn: number;
  readonly truth?: Truth;
  /** Functions of its own, by name; none by default. */
  readonly tables?: ReadonlyMap<string, TabulatedFunction>;
}
