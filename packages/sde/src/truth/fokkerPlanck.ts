/**
 * The stationary Fokker–Planck equation 0 = Σ ∂_i(½ ∂_i(D_ii p) - β_i p) by finite volumes, for one or two fast components.
 *
 * Fluxes are exponentially fitted (Scharfetter & Gummel 1969; Chang & Cooper 1970): between the midpoints of two cells h apart, with v = β - ½ D′ and
 * P = 2 h v/D at the face, the rates are D/(2h²)·P/(1 - e^(-P)) forth and D/(2h²)·P/(e^P - 1) back. So cells are a Markov chain: mass is conserved,
 * densities are positive, no flux leaves the box, and the error falls as h².
 */
import { scalarFunction } from '@ergoflow/kernels';
import { type Box, type CellMasses, cellsOf, midpoints } from './cells.ts';
import type { FastProcess } from './fastProcess.ts';
import { stationaryChain } from './stationaryChain.ts';

const exp = scalarFunction('exp');

const square = (x: number): number => x * x;

/** P/(e^P - 1). */
function bernoulli(p: number): number {
  if (p > -1e-2 && p < 1e-2) return 1 - p / 2 + (p * p) / 12 - (p * p * p * p) / 720;
  return p / (exp(p) - 1);
}

/** Rates below this share of the rate the other way are raised to it: e^(-P) underflows for large P, and the chain must stay irreducible. */
const LEAST_SHARE = 1e-200;

/** Rates across the face between two cells, forth and back. */
function faceRates(drift: number, diffusion: number, slope: number, h: number): { readonly forth: number; readonly back: number } {
  const velocity = drift - slope / 2;
  const p = diffusion > 0 ? (2 * h * velocity) / diffusion : Number.POSITIVE_INFINITY;
  const [forth, back] =
    p < 1e200 && p > -1e200
      ? [bernoulli(-p) * (diffusion / (2 * h * h)), bernoulli(p) * (diffusion / (2 * h * h))]
      : [Math.max(velocity, 0) / h, Math.max(-velocity, 0) / h];
  const least = LEAST_SHARE * Math.max(forth, back, Number.MIN_VALUE / LEAST_SHARE);
  return { forth: Math.max(forth, least), back: Math.max(back, least) };
}

/** A rotation z ↦ y = Q z, [d × d] row by row. */
export type Rotation = readonly (readonly number[])[];

/** Points in the coordinates of the process. */
export const rotated = (rotation: Rotation, points: readonly Float64Array[]): Float64Array[] =>
  rotation.map((row) => points[0].map((_, k) => row.reduce((sum, q, j) => sum + q * points[j][k], 0)));

/**
 * Gives the coordinates in which the noise of the directions is independent: the eigenvectors of D.
 *
 * @throws RangeError if D has entries off the diagonal that depend on y, as no one rotation removes them, or a direction has no noise (at probes within ±2):
 *   there the equation is not elliptic, and upwinding would smear the law by the first power of the cell.
 */
export function noiseRotation(process: FastProcess): Rotation {
  if (process.dimension === 1) return [[1]];
  const probes = [0, 1].map((axis) => Float64Array.from({ length: 64 }, (_, k) => ((k * (axis === 0 ? 0.754877666 : 0.569840291)) % 1) * 4 - 2));
  const [d11, d12, d22] = process.dynamics(probes).diffusion;
  if (d11.some((value, k) => !(value * d22[k] - square(d12[k]) > 1e-12 * square(value + d22[k]))))
    throw new RangeError('fast noise must act in every direction for the Fokker–Planck equation, got a direction without: use ergodic averages');
  if (d12.every((value) => value === 0)) return IDENTITY;
  const scale = Math.max(d11[0], d22[0]);
  for (const entry of [d11, d12, d22]) {
    if (entry.some((value) => !(Math.abs(value - entry[0]) <= 1e-12 * scale)))
      throw new RangeError(
        'the fast noise must be constant or independent from component to component, got correlated noise that depends on the fast state',
      );
  }
  // Jacobi's rotation of a symmetric 2 × 2 matrix.
  const theta = (d22[0] - d11[0]) / (2 * d12[0]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  return [
    [c, t * c],
    [-t * c, c],
  ];
}

const IDENTITY: Rotation = [
  [1, 0],
  [0, 1],
];

/** The solution as masses of cells, in rotated coordinates. */
export function fokkerPlanckMasses(process: FastProcess, rotation: Rotation): CellMasses {
  const d = process.dimension;
  return (box, cells) => {
    const total = cellsOf(cells, d);
    const band = cellsOf(cells, d - 1);
    const rates = new Float64Array(total * (2 * band + 1));
    const centres = midpoints(box, cells);
    const centre = coefficientsAlong(process, rotation, centres);
    for (let axis = 0; axis < d; axis++) {
      const stride = cellsOf(cells, d - 1 - axis);
      const h = (box[axis].high - box[axis].low) / cells;
      const faces = coefficientsAlong(
        process,
        rotation,
        centres.map((values, j) => (j === axis ? values.map((value) => value + h / 2) : values)),
      );
      for (let k = 0; k < total; k++) {
        if (Math.floor(k / stride) % cells === cells - 1) continue;
        const slope = (centre.diffusion[axis][k + stride] - centre.diffusion[axis][k]) / h;
        const { forth, back } = faceRates(faces.drift[axis][k], faces.diffusion[axis][k], slope, h);
        rates[k * (2 * band + 1) + stride + band] = forth;
        rates[(k + stride) * (2 * band + 1) - stride + band] = back;
      }
    }
    return stationaryChain({ states: total, band, rates });
  };
}

/** β and the diagonal of D in rotated coordinates, [d] of [count] each. */
function coefficientsAlong(
  process: FastProcess,
  rotation: Rotation,
  points: readonly Float64Array[],
): { drift: Float64Array[]; diffusion: Float64Array[] } {
  const { drift, diffusion } = process.dynamics(rotated(rotation, points));
  if (rotation === IDENTITY || process.dimension === 1)
    return { drift, diffusion: process.dimension === 1 ? diffusion : [diffusion[0], diffusion[2]] };
  const [d11, d12, d22] = diffusion;
  const column = (j: number): number[] => rotation.map((row) => row[j]);
  return {
    drift: [0, 1].map((j) => drift[0].map((value, k) => column(j)[0] * value + column(j)[1] * drift[1][k])),
    diffusion: [0, 1].map((j) => {
      const [a, b] = column(j);
      return d11.map((value, k) => a * a * value + 2 * a * b * d12[k] + b * b * d22[k]);
    }),
  };
}

/** A box to begin with. */
export const firstBox = (dimension: number): Box => Array.from({ length: dimension }, () => ({ low: -4.1, high: 4.3 }));
