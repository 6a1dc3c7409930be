/**
 * Learned parameters as free numbers: a transform from the line to where the prior has its mass, and the prior's density along that line.
 *
 * The density is that of the free number u, not of the parameter: p(θ(u)) |dθ/du|. So the largest posterior density of a lognormal parameter lies at its
 * median, and does not change with the unit.
 */
import { scalarFunction, type Tensor, type TensorBuilder } from '@ergoflow/kernels';
import type { Model, Parameter, Prior } from '@ergoflow/sde';

/** How a parameter follows a free number. */
export interface Transform {
  readonly kind: 'identity' | 'exp' | 'logistic';
  /** Ends of a logistic; the end of an exp on its finite side is 0. */
  readonly low: number;
  readonly high: number;
}

/** A parameter that the fit may change. */
export interface LearnedParameter {
  readonly name: string;
  readonly transform: Transform;
  readonly prior: Prior | null;
  /** The free number at the start. */
  readonly start: number;
}

const [exp, log] = [scalarFunction('exp'), scalarFunction('log')];

/** Families whose support is (0, ∞), (low, high) by their arguments, or (0, 1); all others are on the whole line. */
const SUPPORT: Readonly<Record<string, 'positive' | 'between' | 'unit'>> = {
  lognormal: 'positive',
  gamma: 'positive',
  exponential: 'positive',
  halfnormal: 'positive',
  uniform: 'between',
  loguniform: 'between',
  beta: 'unit',
};

/**
 * Lists the learned parameters of a model.
 *
 * Without a prior a parameter that starts above 0 stays there (intensities and rates keep their sign), any other is free.
 *
 * @param values All parameters; starts are taken from here.
 * @throws RangeError for a start on the edge of its prior's support.
 */
export function learnedParameters(model: Model, values: ReadonlyMap<string, number>): LearnedParameter[] {
  return model.parameters
    .filter(({ learn }) => learn)
    .map((parameter) => {
      const value = values.get(parameter.name) as number;
      const transform = transformOf(parameter, value);
      const start = freeOf(transform, value);
      if (!Number.isFinite(start)) throw new RangeError(`parameter ${parameter.name} must start inside of its prior's support, got ${value}`);
      return { name: parameter.name, transform, prior: parameter.prior ?? null, start };
    });
}

function transformOf({ prior }: Parameter, value: number): Transform {
  const support = prior === undefined ? (value > 0 ? 'positive' : 'line') : (SUPPORT[prior.kind] ?? 'line');
  if (support === 'positive') return { kind: 'exp', low: 0, high: Number.POSITIVE_INFINITY };
  if (support === 'unit') return { kind: 'logistic', low: 0, high: 1 };
  if (support === 'between') return { kind: 'logistic', low: prior?.arguments[0] ?? 0, high: prior?.arguments[1] ?? 1 };
  return { kind: 'identity', low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
}

/** The free number of a value. */
export function freeOf({ kind, low, high }: Transform, value: number): number {
  if (kind === 'exp') return log(value);
  return kind === 'logistic' ? log((value - low) / (high - value)) : value;
}

/** The value of a free number. */
export function parameterAt({ kind, low, high }: Transform, free: number): number {
  if (kind === 'exp') return exp(free);
  return kind === 'logistic' ? low + (high - low) / (1 + exp(-free)) : free;
}

/** The same as a tensor, and ln |dθ/du|. */
export function transformed(g: TensorBuilder, { kind, low, high }: Transform, free: Tensor): { readonly value: Tensor; readonly logSlope: Tensor } {
  if (kind === 'identity') return { value: free, logSlope: g.constant(0) };
  if (kind === 'exp') return { value: g.exp(free), logSlope: free };
  // ½ (1 + tanh(u/2)) is the logistic function without overflow.
  const half = g.constant(0.5);
  const part = g.multiply(half, g.add(g.constant(1), g.tanh(g.multiply(half, free))));
  const slope = g.multiply(g.constant(high - low), g.multiply(part, g.subtract(g.constant(1), part)));
  return { value: g.add(g.constant(low), g.multiply(g.constant(high - low), part)), logSlope: g.log(slope) };
}

/** ln density of the prior at a parameter's value, up to a constant. */
export function priorLogDensity(g: TensorBuilder, { kind, arguments: a }: Prior, value: Tensor): Tensor {
  const square = (x: Tensor): Tensor => g.multiply(x, x);
  const scaled = (x: Tensor, mean: number, sd: number): Tensor => g.divide(g.subtract(x, g.constant(mean)), g.constant(sd));
  const normal = (x: Tensor, mean: number, sd: number): Tensor => g.multiply(g.constant(-0.5), square(scaled(x, mean, sd)));
  switch (kind) {
    case 'normal':
      return normal(value, a[0], a[1]);
    case 'lognormal':
      return g.subtract(normal(g.log(value), a[0], a[1]), g.log(value));
    case 'uniform':
      return g.constant(0);
    case 'loguniform':
      return g.negate(g.log(value));
    case 'gamma':
      return g.subtract(g.multiply(g.constant(a[0] - 1), g.log(value)), g.divide(value, g.constant(a[1])));
    case 'beta':
      return g.add(g.multiply(g.constant(a[0] - 1), g.log(value)), g.multiply(g.constant(a[1] - 1), g.log(g.subtract(g.constant(1), value))));
    case 'exponential':
      return g.multiply(g.constant(-a[0]), value);
    case 'halfnormal':
      return normal(value, 0, a[0]);
    default:
      throw new RangeError(`prior must be one of the families of a model file, got ${kind}`);
  }
}
