/** The functions of equations, by name. A new one is a macro over the graph and a row here. */
import type { GraphBuilder, Node } from '../graph.ts';
import { atan } from './atan.ts';
import { max, min, sign } from './choice.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { cosh, sinh, tanh } from './hyperbolic.ts';
import { log } from './log.ts';
import { cos, sin, tan } from './sincos.ts';

/** One function. */
export interface FunctionRow {
  /** Number of arguments, or [least, most]. */
  readonly arity: number | readonly [number, number];
  readonly build: (g: GraphBuilder, ...x: Node[]) => Node;
  /** Largest error in units of the last place on the domain, as tested; 0 for exact ones. */
  readonly ulp: number;
  /** Where the bound holds, [low, high]. */
  readonly domain: readonly [number, number];
  readonly about: string;
}

const ALL: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** All functions. */
export const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
  exp: { arity: 1, build: exp, ulp: 1, domain: [-708, 709.7], about: 'exponential function' },
  log: { arity: 1, build: log, ulp: 1, domain: [0, Number.MAX_VALUE], about: 'natural logarithm' },
  sqrt: { arity: 1, build: (g, x) => g.squareRoot(x), ulp: 0.5, domain: [0, Number.MAX_VALUE], about: 'square root' },
  abs: { arity: 1, build: (g, x) => g.absolute(x), ulp: 0, domain: ALL, about: 'absolute value' },
  sin: { arity: 1, build: sin, ulp: 1, domain: [-(2 ** 27), 2 ** 27], about: 'sine of an angle in radians' },
  cos: { arity: 1, build: cos, ulp: 1, domain: [-(2 ** 27), 2 ** 27], about: 'cosine of an angle in radians' },
  tan: { arity: 1, build: tan, ulp: 1, domain: [-(2 ** 27), 2 ** 27], about: 'tangent of an angle in radians' },
  tanh: { arity: 1, build: tanh, ulp: 3, domain: ALL, about: 'hyperbolic tangent' },
  sinh: { arity: 1, build: sinh, ulp: 3, domain: [-710, 710], about: 'hyperbolic sine' },
  cosh: { arity: 1, build: cosh, ulp: 2, domain: [-710, 710], about: 'hyperbolic cosine' },
  atan: { arity: 1, build: atan, ulp: 1, domain: ALL, about: 'arc tangent, in radians' },
  erf: { arity: 1, build: erf, ulp: 2, domain: ALL, about: 'error function' },
  min: { arity: [2, Number.POSITIVE_INFINITY], build: min, ulp: 0, domain: ALL, about: 'smallest argument' },
  max: { arity: [2, Number.POSITIVE_INFINITY], build: max, ulp: 0, domain: ALL, about: 'largest argument' },
  sign: { arity: 1, build: sign, ulp: 0, domain: ALL, about: '-1, 0 or 1' },
  floor: { arity: 1, build: (g, x) => g.floor(x), ulp: 0, domain: ALL, about: 'largest whole number not above' },
};
