/**
 * The monotone rational-quadratic spline on [-B, B], the identity beyond.
 *
 * Durkan, Bekasov, Murray & Papamakarios 2019 ("Neural spline flows", arXiv 1906.04032, eq. 4–8 and 25–29; the letters below are theirs), after Gregory & Delbourgo
 * 1982. It differs in three ways. Widths, heights and slopes are exponentials of bounded numbers, c tanh(r/c): no floors are needed, nothing overflows, and raw
 * parameters of 0 give the identity. The argument is clipped into the interval *before* anything is computed of it, so that no gradient of the tails passes
 * through the spline. The inverse takes the root's form that does not cancel, by the sign of b, and keeps the discriminant away from 0.
 */
import type { Tensor, TensorBuilder } from '@ergoflow/kernels';
import type { Mapped } from '../flow.ts';
import { repeatRows, rowIndices, stackRows } from '../rows.ts';
import type { Transformer } from './transformer.ts';

/** c: two widths of one spline differ by a factor of at most e^2c = 1100, slopes at knots lie within e^±c = 33. */
const LOG_BOUND = 3.5;

/**
 * Least discriminant that is used. The true one, as (h s N/D)² with h ≥ 2B e^-2c/K and slopes within e^±c, lies far above for all K and B of use; in float32 the difference
 * that it is computed by can be 0 or negative. A constant that float32 has.
 */
const LEAST_DISCRIMINANT = 1e-24;

/**
 * Makes the map: 3·bins - 1 parameters a row (widths, heights, slopes at the inner knots).
 *
 * @param bins K ≥ 2.
 * @param bound B > 0.
 */
export function rationalQuadraticSpline(bins: number, bound: number): Transformer {
  return {
    parameters: 3 * bins - 1,
    forward: (g, parameters, x) => {
      const knots = knotsOf(g, parameters, x.rows, bins, bound);
      const inner = clipped(g, x, bound);
      const bin = binOf(g, inner, knots, knots.widths, knots.heights, bound);
      const xi = atMostOne(g, g.divide(g.subtract(inner, bin.start), bin.size));
      const { rise, slope } = curve(g, xi, { width: bin.size, height: bin.otherSize, first: bin.first, last: bin.last });
      return onlyWithin(g, x, bound, g.add(bin.otherStart, rise), g.log(slope));
    },
    inverse: (g, parameters, y) => {
      const knots = knotsOf(g, parameters, y.rows, bins, bound);
      const inner = clipped(g, y, bound);
      const bin = binOf(g, inner, knots, knots.heights, knots.widths, bound);
      const piece = { width: bin.otherSize, height: bin.size, first: bin.first, last: bin.last };
      const xi = atMostOne(g, root(g, g.subtract(inner, bin.start), piece));
      return onlyWithin(g, y, bound, g.add(bin.otherStart, g.multiply(xi, bin.otherSize)), g.negate(g.log(curve(g, xi, piece).slope)));
    },
  };
}

interface Slopes {
  /** At the lower end of the bin. */
  readonly first: Tensor;
  readonly last: Tensor;
}

/** All [n·K], bin k of row j at j·K + k. */
interface Knots extends Slopes {
  readonly widths: Tensor;
  readonly heights: Tensor;
}

function knotsOf(g: TensorBuilder, parameters: Tensor, n: number, bins: number, bound: number): Knots {
  const each = 3 * bins - 1;
  const c = g.constant(LOG_BOUND);
  const positive = g.exp(g.multiply(c, g.tanh(g.divide(parameters, c))));
  const pick = (first: number): Tensor =>
    g.gatherRows(
      positive,
      rowIndices(n * bins, (row) => Math.floor(row / bins) * each + first + (row % bins)),
    );
  const shares = (raw: Tensor): Tensor => g.multiply(raw, repeatRows(g, g.divide(g.constant(2 * bound), g.sumRows(raw, n)), bins));
  // Slopes at both ends of the interval are 1, as beyond.
  const withOne = stackRows(g, [positive, g.constant(1)]);
  const slopes = (shift: number): Tensor =>
    g.gatherRows(
      withOne,
      rowIndices(n * bins, (row) => {
        const knot = (row % bins) + shift;
        return knot === 0 || knot === bins ? n * each : Math.floor(row / bins) * each + 2 * bins + knot - 1;
      }),
    );
  return { widths: shares(pick(0)), heights: shares(pick(bins)), first: slopes(0), last: slopes(1) };
}

const clipped = (g: TensorBuilder, x: Tensor, bound: number): Tensor => g.minimum(g.maximum(x, g.constant(-bound)), g.constant(bound));

/** The bin that holds each row of `inner`: its start and size along that axis (sizes `own`) and along the other, and the slopes at its ends. */
function binOf(g: TensorBuilder, inner: Tensor, { first, last }: Slopes, own: Tensor, other: Tensor, bound: number) {
  const n = inner.rows;
  const bins = own.rows / n;
  const rows = n * bins;
  const least = g.constant(-bound);
  const before = rowIndices(rows).flatMap((to) =>
    rowIndices(rows, (from) => (from < to && Math.floor(from / bins) === Math.floor(to / bins) ? 1 : 0)),
  );
  const starts = g.add(g.dense(g.constant(before, rows, rows), own), least);
  const reached = g.lessEqual(starts, repeatRows(g, inner, bins));
  const isLast = (row: number): boolean => row % bins === bins - 1;
  const passed = g.multiply(
    g.gatherRows(
      reached,
      rowIndices(rows, (row) => (isLast(row) ? row : row + 1)),
    ),
    g.constant(rowIndices(rows, (row) => (isLast(row) ? 0 : 1))),
  );
  const here = g.subtract(reached, passed);
  const value = (a: Tensor): Tensor => g.sumRows(g.multiply(here, a), n);
  // The sum of the bins passed is the start of this one; its derivatives need no triangular matrix.
  const start = (sizes: Tensor): Tensor => g.add(g.sumRows(g.multiply(passed, sizes), n), least);
  return { start: start(own), size: value(own), otherStart: start(other), otherSize: value(other), first: value(first), last: value(last) };
}

/** ξ clipped to [0, 1] with the derivative of ξ itself: rounding puts it outside by a little at knots, where a steep piece beside a flat one would have slope 0. */
function atMostOne(g: TensorBuilder, xi: Tensor): Tensor {
  const clip = g.minimum(g.maximum(xi, g.constant(0)), g.constant(1));
  return g.add(xi, g.stopGradient(g.subtract(clip, xi)));
}

/** One piece: w, h and the slopes δₖ, δₖ₊₁. */
interface Piece extends Slopes {
  readonly width: Tensor;
  readonly height: Tensor;
}

/** (4) and (5) at ξ: the rise above the piece's start, and dy/dx. */
function curve(g: TensorBuilder, xi: Tensor, { width, height, first, last }: Piece): { readonly rise: Tensor; readonly slope: Tensor } {
  const s = g.divide(height, width);
  const rest = g.subtract(g.constant(1), xi);
  const product = g.multiply(xi, rest);
  const [xi2, rest2] = [g.multiply(xi, xi), g.multiply(rest, rest)];
  const denominator = g.add(s, g.multiply(bend(g, s, first, last), product));
  const numerator = g.add(g.multiply(s, xi2), g.multiply(first, product));
  const ratio = g.divide(s, denominator);
  const steepness = g.add(g.add(g.multiply(last, xi2), g.multiply(g.multiply(g.constant(2), s), product)), g.multiply(first, rest2));
  return { rise: g.multiply(height, g.divide(numerator, denominator)), slope: g.multiply(g.multiply(ratio, ratio), steepness) };
}

/** δₖ₊₁ + δₖ - 2s. */
const bend = (g: TensorBuilder, s: Tensor, first: Tensor, last: Tensor): Tensor => g.subtract(g.add(first, last), g.add(s, s));

/** (25)–(29): ξ from the rise η, of aξ² + bξ - sη = 0. For b < 0, a is above h s. */
function root(g: TensorBuilder, rise: Tensor, { width, height, first, last }: Piece): Tensor {
  const s = g.divide(height, width);
  const bent = g.multiply(rise, bend(g, s, first, last));
  const a = g.add(g.multiply(height, g.subtract(s, first)), bent);
  const b = g.subtract(g.multiply(height, first), bent);
  const twiceProduct = g.multiply(g.constant(2), g.multiply(s, rise));
  const discriminant = g.add(g.multiply(b, b), g.multiply(g.multiply(g.constant(2), a), twiceProduct));
  const isPositive = g.lessEqual(g.constant(0), b);
  const size = g.select(isPositive, b, g.negate(b));
  const sum = g.add(size, g.squareRoot(g.maximum(discriminant, g.constant(LEAST_DISCRIMINANT))));
  return g.divide(g.select(isPositive, twiceProduct, sum), g.select(isPositive, sum, g.add(a, a)));
}

/** The spline's value and log-slope within the interval, the argument itself and 0 beyond. */
function onlyWithin(g: TensorBuilder, x: Tensor, bound: number, value: Tensor, logSlope: Tensor): Mapped {
  const isWithin = g.lessEqual(g.absolute(x), g.constant(bound));
  return { value: g.select(isWithin, value, x), logDet: g.sumRows(g.select(isWithin, logSlope, g.constant(0))) };
}
