/**
 * The bias of an estimate at a finite scale separation: θ(ε) = θ_0 + c ε^p fitted to estimates at several ε, and extrapolated to ε = 0.
 *
 * At each p the rest is weighted linear least squares; intervals of 95 % are profile likelihoods: what raises χ² by 3.841 or less, the other parameters fitted again.
 * The intervals assume that nothing but the power law is there: a bias that bends, c ε/(1 + k ε), looks like a smaller order where k ε is not small, and the limit is then off.
 * The largest ε is left out as long as keeping it costs more χ² than a parameter is worth (Akaike 1974), which takes off what bends visibly, and no more.
 */
import { scalarFunction } from '@ergoflow/kernels';

const square = (x: number): number => x * x;

/** One estimate. */
export interface AtEpsilon {
  /** > 0. */
  readonly epsilon: number;
  readonly value: number;
  /** Standard error, > 0; estimates at different ε independent. */
  readonly error: number;
}

/** A value with its interval of 95 %. */
export interface WithInterval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The fitted bias. */
export interface BiasOrder {
  /** p; its interval ends at {@link ORDERS}' ends where the data do not bound it. */
  readonly order: WithInterval;
  /** θ_0, p fitted along. */
  readonly limit: WithInterval;
  /** The largest ε that was used. */
  readonly largest: number;
  readonly chiSquare: number;
}

/** Orders looked at. */
const ORDERS = { low: 0.25, high: 4, step: 0.01 } as const;

/** χ² quantile of 0.95 with 1 degree of freedom. */
const RISE = 3.841458820694124;

/** What one more estimate may cost in χ². */
const COST = 2;

/** Fewest estimates that tell three parameters and leave one to doubt them. */
const FEWEST = 4;

/**
 * Fits the power law.
 *
 * @throws RangeError for fewer than 4 estimates, or ε or errors that are not > 0.
 */
export function biasOrder(estimates: readonly AtEpsilon[]): BiasOrder {
  if (estimates.length < FEWEST) throw new RangeError(`estimates must be at least ${FEWEST}, got ${estimates.length}`);
  for (const { epsilon, error } of estimates) {
    if (!(epsilon > 0 && error > 0)) throw new RangeError(`epsilon and error must be > 0, got ${epsilon} and ${error}`);
  }
  const sorted = [...estimates].sort((a, b) => a.epsilon - b.epsilon);
  let used = sorted;
  let fits = profile(used);
  while (used.length > FEWEST) {
    const fewer = used.slice(0, -1);
    const without = profile(fewer);
    if (least(fits).chiSquare - least(without).chiSquare <= COST) break;
    [used, fits] = [fewer, without];
  }
  const best = least(fits);
  const near = fits.filter(({ chiSquare }) => chiSquare <= best.chiSquare + RISE);
  // At each order θ_0 may move until χ² has risen as far as is left.
  const reach = near.map((fit) => {
    const far = Math.sqrt((best.chiSquare + RISE - fit.chiSquare) * fit.variance);
    return { low: fit.limit - far, high: fit.limit + far };
  });
  return {
    order: { value: best.order, low: near[0].order, high: near[near.length - 1].order },
    limit: { value: best.limit, low: Math.min(...reach.map(({ low }) => low)), high: Math.max(...reach.map(({ high }) => high)) },
    largest: used[used.length - 1].epsilon,
    chiSquare: best.chiSquare,
  };
}

interface Fit {
  readonly order: number;
  readonly limit: number;
  /** Variance of `limit` at this order. */
  readonly variance: number;
  readonly chiSquare: number;
}

const least = (fits: readonly Fit[]): Fit => fits.reduce((a, b) => (b.chiSquare < a.chiSquare ? b : a));

function profile(estimates: readonly AtEpsilon[]): Fit[] {
  const count = Math.round((ORDERS.high - ORDERS.low) / ORDERS.step) + 1;
  return Array.from({ length: count }, (_, k) => fitAt(estimates, ORDERS.low + k * ORDERS.step));
}

const exp = scalarFunction('exp');
const log = scalarFunction('log');

/** The straight line in ε^p, by weighted least squares. */
function fitAt(estimates: readonly AtEpsilon[], order: number): Fit {
  const points = estimates.map(({ epsilon, value, error }) => ({ u: exp(order * log(epsilon)), value, weight: 1 / (error * error) }));
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + point.weight * of(point), 0) / points.reduce((sum, { weight }) => sum + weight, 0);
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  const [u, v] = [mean((point) => point.u), mean((point) => point.value)];
  const spread = mean((point) => square(point.u - u));
  const slope = mean((point) => (point.u - u) * (point.value - v)) / spread;
  const chiSquare = points.reduce((sum, point) => sum + point.weight * square(point.value - v - slope * (point.u - u)), 0);
  return { order, limit: v - slope * u, variance: (1 + (u * u) / spread) / total, chiSquare };
}
