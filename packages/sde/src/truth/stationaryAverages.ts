/**
 * Averages over the invariant law of the frozen fast process, b̄(x) = E_π b and ā(x) = E_π σσᵀ, without simulation.
 *
 * Each method gives masses of cells of a box on grids of n/4, n/2 and n cells in each direction, which measure its error.
 */
import { type Box, type CellMasses, edgeMass, holdingBox, midpoints } from './cells.ts';
import { type FastProcess, type FrozenProcess, fastProcess } from './fastProcess.ts';
import { firstBox, fokkerPlanckMasses, noiseRotation, rotated } from './fokkerPlanck.ts';
import { gaussianLaw } from './gaussianLaw.ts';
import { gradientLaw } from './gradientLaw.ts';
import { lineMasses } from './lineDensity.ts';
import { densityMasses } from './logDensity.ts';

/** How the law is found: linear process, reversible process, one component by quadrature, one or two by the Fokker–Planck equation. */
export type TruthMethod = 'gaussian' | 'gradient' | 'quadrature' | 'fokker-planck';

/** A number and how far it may be off. */
export interface Average {
  readonly value: number;
  readonly error: number;
}

/** What is wanted. */
export interface StationaryOptions extends FrozenProcess {
  /** Default: the first of the list above that applies. */
  readonly method?: TruthMethod;
  /** Cells in each direction on the finer grid; a multiple of 4, ≥ 16. Default {@link CELLS}. */
  readonly cells?: number;
}

/** Averages by coefficient, as `ergodicAverages` names them. */
export interface StationaryAverages {
  readonly method: TruthMethod;
  readonly averages: ReadonlyMap<string, Average>;
  /** Mass of the outermost cells, about what lies outside the box. */
  readonly tailMass: number;
  /** The law on the finer grid: midpoints [dy] of [cells^dy], and the masses there. */
  readonly points: readonly Float64Array[];
  readonly masses: Float64Array;
}

/** Default numbers of cells by dy: the quickest that keep smooth laws below 1e-4 (measured in the tests), 0 where a method does not go. */
export const CELLS: Readonly<Record<TruthMethod, readonly number[]>> = {
  gaussian: [0, 200, 100, 60, 32],
  gradient: [0, 400, 160, 60, 36],
  quadrature: [0, 1000],
  'fokker-planck': [0, 1000, 128],
};

/** A law on cells, before it is averaged. */
interface GridLaw {
  readonly masses: CellMasses;
  readonly start: Box;
  /** Cells' coordinates to the process's. */
  readonly toPoints: (points: readonly Float64Array[]) => readonly Float64Array[];
  /** True if the error falls as the square of the cell's width; false for laws known at points, whose error falls faster than any power. */
  readonly isSecondOrder: boolean;
}

/**
 * Computes the averages.
 *
 * Of the Fokker–Planck equation the value is Richardson's extrapolation of the finest two grids, R(n) = (4 f(n) - f(n/2))/3, and `error` is |R(n) - R(n/2)|; else the
 * value is f(n) and `error` |f(n) - f(n/2)|. What lies outside the box is added: at most n/2 times the outermost cells' part if that falls as 1/r² or faster beyond.
 * All that is above the true error where n is in the asymptotic range, which is not checked.
 *
 * @throws RangeError where no method applies (or not the one asked for), for `cells` out of range, and as `fastProcess`.
 */
export function stationaryAverages(options: StationaryOptions): StationaryAverages {
  const process = fastProcess(options);
  const { method, law } = lawOf(process, options.method);
  const d = process.dimension;
  const cells = options.cells ?? CELLS[method][d];
  if (!(Number.isInteger(cells / 4) && cells >= 16)) throw new RangeError(`cells must be a multiple of 4 from 16 on, got ${cells}`);
  const box = holdingBox(law.masses, law.start, TRIAL_CELLS[d]);
  const [coarsest, coarse, fine] = [cells / 4, cells / 2, cells].map((n) => {
    const masses = law.masses(box, n);
    const points = law.toPoints(midpoints(box, n));
    const values = process.observables(points);
    const means = values.map((each) => each.reduce((sum, value, k) => sum + (masses[k] === 0 ? 0 : value * masses[k]), 0));
    return { masses, points, means, values };
  });
  const averages = new Map(
    process.coefficients.map((name, k): [string, Average] => {
      const [least, middle, most] = [coarsest, coarse, fine].map(({ means }) => means[k]);
      const [before, value] = law.isSecondOrder ? [(4 * middle - least) / 3, (4 * most - middle) / 3] : [middle, most];
      if (!Number.isFinite(value)) throw new RangeError(`the average of ${name} must be finite, got ${value}`);
      const beyond = outside(fine.masses, fine.values[k], value, cells, d);
      return [name, { value, error: Math.abs(value - before) + beyond }];
    }),
  );
  return { method, averages, tailMass: edgeMass(fine.masses, cells, d), points: fine.points, masses: fine.masses };
}

/** Bounds the part of an average that lies outside the box. */
function outside(masses: Float64Array, values: Float64Array, mean: number, cells: number, dimension: number): number {
  const parts = masses.map((mass, k) => (mass === 0 ? 0 : mass * Math.abs(values[k] - mean)));
  return (edgeMass(parts, cells, dimension) * cells) / 2;
}

/** By dy: cells in each direction while the box is looked for. */
const TRIAL_CELLS = [0, 256, 40, 24, 16];

const METHODS: Readonly<Record<TruthMethod, (process: FastProcess) => GridLaw | null>> = {
  gaussian: (process) => {
    const law = process.dimension <= 4 ? gaussianLaw(process) : null;
    if (law === null) return null;
    const masses = densityMasses((points) => points[0].map((_, k) => points.reduce((sum, component) => sum - (component[k] * component[k]) / 2, 0)));
    return {
      masses,
      start: firstBox(process.dimension),
      toPoints: (points) => rotated(law.factor, points).map((component, i) => component.map((value) => value + law.mean[i])),
      isSecondOrder: false,
    };
  },
  gradient: (process) => {
    const logDensity = process.dimension <= 4 ? gradientLaw(process) : null;
    if (logDensity === null) return null;
    return { masses: densityMasses(logDensity), start: firstBox(process.dimension), toPoints: (points) => points, isSecondOrder: false };
  },
  quadrature: (process) =>
    process.dimension === 1 ? { masses: lineMasses(process), start: firstBox(1), toPoints: (points) => points, isSecondOrder: false } : null,
  'fokker-planck': (process) => {
    if (process.dimension > 2) return null;
    const rotation = noiseRotation(process);
    return {
      masses: fokkerPlanckMasses(process, rotation),
      start: firstBox(process.dimension),
      toPoints: (points) => rotated(rotation, points),
      isSecondOrder: true,
    };
  },
};

function lawOf(process: FastProcess, wanted: TruthMethod | undefined): { readonly method: TruthMethod; readonly law: GridLaw } {
  for (const method of wanted === undefined ? (Object.keys(METHODS) as TruthMethod[]) : [wanted]) {
    const law = METHODS[method](process);
    if (law !== null) return { method, law };
  }
  throw new RangeError(
    `the frozen fast process must be ${wanted === undefined ? 'linear, reversible with constant noise (4 components at most), or of 1 or 2 components' : `one that ${wanted} can solve`}, got ${process.dimension} components: use ergodic averages`,
  );
}
