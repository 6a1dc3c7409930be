/**
 * How much the data say about the averaged drift: nats over a zero drift, degrees of freedom, visible directions, and whether chance alone would give as much.
 *
 * With a zero drift v is normal of mean 0 and covariance G (Girsanov; σ known), so draws of v show what the best law gains when there is nothing to gain.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { candidatePoints, type Points } from '../convex/candidates.ts';
import { corrected, singleAtom } from '../convex/corrective.ts';
import type { Npmle } from '../convex/npmle.ts';
import type { AveragedObjective } from '../convex/objective.ts';
import { standardNormals } from '../convex/standardNormals.ts';
import { factor, triangle } from '../data/covariance.ts';
import type { QuadraticStatistics } from '../data/quadratic.ts';
import { compress, inner, stackedSize } from '../data/quadraticForm.ts';
import { separate } from '../nodes/separable.ts';

/** Draws of data without a drift: the largest of 99 gains is exceeded by chance in 1 of 100 cases. */
const DRAWS = 99;

/** Candidates that stand for all laws in the comparison. */
const POOL = 512;

/** Duality gap of the comparison, in nats: small beside what is compared. */
const TEST_GAP = 0.01;

/** A direction of the drift is visible if a typical law moves the likelihood along it by more than this, in nats. */
const VISIBLE = 1;

/** What is asked. */
export interface InformationOptions {
  readonly statistics: QuadraticStatistics;
  /** Gives b at the nodes, stacked, for fast states, [M × size]. */
  readonly coefficients: (points: Points) => Float64Array;
  /** Components of the fast state. */
  readonly dimension: number;
  readonly seed: readonly (string | number)[];
  /** [dimension]: size of each fast component; default 1. */
  readonly scale?: readonly number[] | undefined;
  /** The best law, if it is known. */
  readonly best: Npmle;
}

/** The answer. */
export interface Information {
  /** NLL(0) - NLL(best law), in nats. */
  readonly gain: number;
  /** Atoms of the best law less 1: the dimension of the face of all laws' drifts that it lies on, and so the expectation of its degrees of freedom (Meyer & Woodroofe 2000). */
  readonly degreesOfFreedom: number;
  /** Number of functions of x that b is made of, whatever the law; singular values above 1e-6 of the largest. */
  readonly rank: number;
  /** Number of directions of the drift along which laws differ by more than 1 nat on these data. */
  readonly visible: number;
  /** Nats along each direction, largest first: half the mean square over the candidates of G-weighted deviations from their mean. */
  readonly directions: readonly number[];
  /** Gain of the best law on the candidates of the comparison, and the largest gain on data without a drift. */
  readonly compared: number;
  readonly byChance: number;
  /** Probability that data without a drift count as informative. */
  readonly falseAlarm: number;
  readonly isInformative: boolean;
  /** A plain sentence. */
  readonly about: string;
}

/**
 * Measures the information in the statistics.
 *
 * The comparison is a Monte Carlo test (Barnard 1963): the gain on the data against gains on {@link DRAWS} draws of v, by the same candidates; its level is exact but for
 * the normal law of v given the visited states.
 */
export function informationOf({ statistics, coefficients, dimension, seed, scale, best }: InformationOptions): Information {
  const size = stackedSize(statistics);
  const points = candidatePoints({ dimension, count: dimension === 0 ? 1 : POOL, seed: [...seed, 'information'], scale });
  const table = coefficients(points);
  const rows = finiteRows(table, size);
  const count = rows.length / size;
  const { rank, functions } = separate(
    Float64Array.from({ length: rows.length }, (_, k) => rows[(k % count) * size + Math.floor(k / count)]),
    size,
  );
  const gain = statistics.zeroDrift - best.nll;
  const degreesOfFreedom = best.weights.length - 1;
  if (rank === 0) return answer({ gain, degreesOfFreedom, rank, directions: [], compared: 0, chance: [0] });
  const { gram, moment } = compress(statistics, functions);
  const terms = Float64Array.from({ length: count * rank }, (_, k) =>
    inner(functions[k % rank], rows.subarray(Math.floor(k / rank) * size, (Math.floor(k / rank) + 1) * size)),
  );
  const lower = choleskyOf(gram, rank);
  const gainOf = (v: Float64Array): number => Math.max(0, -bestOf(gram, v, terms, rank));
  const normals = standardNormals(rank, DRAWS, [...seed, 'chance']);
  const chance = Array.from({ length: DRAWS }, (_, draw) =>
    gainOf(
      lowerTimes(
        lower,
        Float64Array.from(normals, (values) => values[draw]),
      ),
    ),
  );
  return answer({ gain, degreesOfFreedom, rank, directions: directionsOf(lower, terms, rank), compared: gainOf(moment), chance });
}

interface Found {
  readonly gain: number;
  readonly degreesOfFreedom: number;
  readonly rank: number;
  readonly directions: readonly number[];
  readonly compared: number;
  readonly chance: readonly number[];
}

function answer({ gain, degreesOfFreedom, rank, directions, compared, chance }: Found): Information {
  const byChance = Math.max(...chance);
  const isInformative = compared > byChance;
  const falseAlarm = 1 / (chance.length + 1);
  const visible = directions.filter((nats) => nats > VISIBLE).length;
  const [nats, luck] = [gain, byChance].map((value) => value.toFixed(1));
  const rate = `${Number((100 * falseAlarm).toPrecision(2))} %`;
  const about = isInformative
    ? `The data say ${nats} nats more than a zero drift would, with ${degreesOfFreedom} degrees of freedom; by chance alone it would be at most ${luck} (but for ${rate} of such data), and ${visible} of ${rank} directions of the drift are visible.`
    : `The data cannot support a fit: the best law of the fast variables gains ${nats} nats over a zero drift, and data without any drift give up to ${luck} by chance (but for ${rate} of them). Observe longer, not more densely.`;
  return { gain, degreesOfFreedom, rank, visible, directions, compared, byChance, falseAlarm, isInformative, about };
}

/** min over laws on fixed candidates of ½ cᵀGc - vᵀc. */
function bestOf(gram: Float64Array, v: Float64Array, terms: Float64Array, rank: number): number {
  const times = (c: Float64Array): Float64Array => Float64Array.from({ length: rank }, (_, i) => inner(gram.subarray(i * rank, (i + 1) * rank), c));
  const objective: AveragedObjective = {
    size: rank,
    isQuadratic: true,
    value: (c) => inner(times(c), c) / 2 - inner(v, c),
    gradient: (c) => times(c).map((value, k) => value - v[k]),
    curvature: (_, c) => times(c),
  };
  return objective.value(corrected(objective, [], terms, singleAtom(objective, [], terms), TEST_GAP).mixture.averaged);
}

function directionsOf(lower: Float64Array, terms: Float64Array, rank: number): number[] {
  const count = terms.length / rank;
  const mean = Float64Array.from({ length: rank }, (_, k) => {
    let total = 0;
    for (let m = 0; m < count; m++) total += terms[m * rank + k];
    return total / count;
  });
  const whitened = new Matrix(count, rank);
  for (let m = 0; m < count; m++) {
    for (let j = 0; j < rank; j++) {
      let total = 0;
      for (let i = j; i < rank; i++) total += lower[triangle(i, j)] * (terms[m * rank + i] - mean[i]);
      whitened.set(m, j, total);
    }
  }
  const covariance = whitened
    .transpose()
    .mmul(whitened)
    .div(2 * count);
  return new EigenvalueDecomposition(covariance, { assumeSymmetric: true }).realEigenvalues.map((value) => Math.max(0, value)).sort((a, b) => b - a);
}

/** Rows without an infinite or undefined coefficient. */
function finiteRows(table: Float64Array, size: number): Float64Array {
  const kept: number[] = [];
  for (let m = 0; m < table.length / size; m++) {
    const row = table.subarray(m * size, (m + 1) * size);
    if (row.every(Number.isFinite)) kept.push(...row);
  }
  return Float64Array.from(kept);
}

/** Factor of a gram matrix that may be singular, as where nodes were not visited. */
function choleskyOf(gram: Float64Array, rank: number): Float64Array {
  const lower = new Float64Array((rank * (rank + 1)) / 2);
  const trace = Array.from({ length: rank }, (_, i) => gram[i * rank + i]).reduce((a, b) => a + b, 0);
  for (let ridge = 1e-13 * trace; ; ridge *= 10) {
    for (let i = 0; i < rank; i++) for (let j = 0; j <= i; j++) lower[triangle(i, j)] = gram[i * rank + j] + (i === j ? ridge : 0);
    if (factor(lower, rank) >= 0) return lower;
  }
}

/** L z */
function lowerTimes(lower: Float64Array, z: Float64Array): Float64Array {
  return z.map((_, i) => {
    let total = 0;
    for (let j = 0; j <= i; j++) total += lower[triangle(i, j)] * z[j];
    return total;
  });
}
