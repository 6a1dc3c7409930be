/**
 * Grids of numbers, with numpy's meaning (linspace, geomspace, logspace with both ends; arange's range without its stop), each point the double nearest to
 * the real number that the written decimals mean; numpy's points differ from these by some units in the last place.
 */
import { evaluate, parseExpression } from '@ergoflow/kernels';
import { roundFraction } from '../statistics/roundFraction.ts';
import { geometricMean } from './geometricMean.ts';
import { nearestRoot } from './nearestRoot.ts';
import { minus, plus, type Rational, rationalOf, times } from './rational.ts';

/** The names of the grids. */
export const GRID_NAMES = ['linspace', 'geomspace', 'logspace', 'range'] as const;

/** A grid that is not yet computed. */
export interface Grid {
  readonly name: (typeof GRID_NAMES)[number];
  /** As written; finite. */
  readonly numbers: readonly number[];
}

/** Roots up to this are rounded exactly; beyond it (grids of more than 257 points) powers come from kernels, some units in the last place off. */
const LARGEST_ROOT = 256;

/** Writes a grid as it stands in a file. */
export function formatGrid({ name, numbers }: Grid): string {
  return `${name}(${numbers.join(', ')})`;
}

/** Says what is wrong with a grid's arguments, or null. */
export function gridProblem({ name, numbers }: Grid): string | null {
  if (name === 'range') {
    if (numbers.length < 1 || numbers.length > 3)
      return `range has ${numbers.length} arguments: write range(stop), range(start, stop) or range(start, stop, step)`;
    if (numbers[2] === 0) return 'the step of a range is 0: it must not be';
    return gridSize({ name, numbers }) === 0n ? `${formatGrid({ name, numbers })} is empty: its stop is left out` : null;
  }
  if (numbers.length !== 3)
    return `${name} has ${numbers.length} arguments: write ${name}(${name === 'logspace' ? 'log10 of start, log10 of stop' : 'start, stop'}, n)`;
  const [low, high, n] = numbers;
  if (!Number.isInteger(n) || n < 1) return `the number of points of ${name} is ${n}: a whole number of at least 1 is needed`;
  if (n > 1 && low === high) return `start and stop of ${name} are both ${low}: they must differ`;
  if (name === 'geomspace' && (low === 0 || high === 0)) return 'start or stop of geomspace is 0: both must be above 0 (or both below)';
  if (name === 'geomspace' && low < 0 !== high < 0)
    return `start ${low} and stop ${high} of geomspace have different signs: both must be above 0 (or both below)`;
  if (name === 'logspace' && [low, high].some((power) => Math.abs(power) > 300))
    return 'logspace takes powers of ten, from -300 to 300: for the ends themselves there is geomspace';
  return null;
}

/** Counts the points without computing them. @param grid Without a problem. */
export function gridSize({ name, numbers }: Grid): bigint {
  if (name !== 'range') return BigInt(numbers[2]);
  const { start, stop, step } = rangeParts(numbers);
  const extent = minus(stop, start);
  const [n, d] = [extent.n * step.d, extent.d * step.n];
  const [top, bottom] = d < 0n ? [-n, -d] : [n, d];
  return top <= 0n ? 0n : (top + bottom - 1n) / bottom;
}

/** Computes the points, in the order from start to stop. @param grid Without a problem, and not too large. */
export function gridValues(grid: Grid): number[] {
  const size = Number(gridSize(grid));
  const { name, numbers } = grid;
  if (name === 'range') {
    const { start, step } = rangeParts(numbers);
    const [first, each] = [start.n * step.d, step.n * start.d];
    return Array.from({ length: size }, (_, k) => roundFraction(first + each * BigInt(k), start.d * step.d));
  }
  const [low, high] = numbers;
  const point = { linspace: linear, geomspace: geometric, logspace: powerOfTen }[name](low, high);
  return Array.from({ length: size }, (_, k) => (size === 1 ? point(0, 1) : point(...fraction(k, size - 1))));
}

function rangeParts(numbers: readonly number[]): { start: Rational; stop: Rational; step: Rational } {
  const [start, stop, step = 1] = numbers.length === 1 ? [0, numbers[0]] : numbers;
  return { start: rationalOf(start), stop: rationalOf(stop), step: rationalOf(step) };
}

/** Computes the point that is the share p/q of the way. */
type Point = (p: number, q: number) => number;

/** low + (high - low)·p/q = (low·(q-p) + high·p)/q */
function linear(low: number, high: number): Point {
  const [from, to] = [rationalOf(low), rationalOf(high)];
  const [first, last] = [from.n * to.d, to.n * from.d];
  return (p, q) => roundFraction(first * BigInt(q - p) + last * BigInt(p), from.d * to.d * BigInt(q));
}

/** low·(high/low)^(p/q) = (low^(q-p)·high^p)^(1/q) */
function geometric(low: number, high: number): Point {
  if (low < 0) {
    const mirrored = geometric(-low, -high);
    return (p, q) => -mirrored(p, q);
  }
  const [from, to] = [rationalOf(low), rationalOf(high)];
  return (p, q) => {
    if (p === 0 || p === q) return p === 0 ? low : high;
    const near = geometricMean(low, high, p / q);
    if (q > LARGEST_ROOT) return near;
    return nearestRoot(
      [
        [from, q - p],
        [to, p],
      ],
      q,
      near,
    );
  };
}

const POWER_OF_TEN = parseExpression('10^power');
const TEN: Rational = { n: 10n, d: 1n };

/** 10^(low + (high - low)·p/q) */
function powerOfTen(low: number, high: number): Point {
  const from = rationalOf(low);
  const extent = minus(rationalOf(high), from);
  return (p, q) => {
    const power = plus(from, times(extent, { n: BigInt(p), d: BigInt(q) }));
    if (power.d === 1n) return Number(`1e${power.n}`);
    const near = evaluate(POWER_OF_TEN, new Map([['power', roundFraction(power.n, power.d)]]));
    return power.d > BigInt(LARGEST_ROOT) ? near : nearestRoot([[TEN, Number(power.n)]], Number(power.d), near);
  };
}

function fraction(k: number, of: number): [number, number] {
  let [a, b] = [k, of];
  while (b !== 0) [a, b] = [b, a % b];
  return [k / a, of / a];
}
