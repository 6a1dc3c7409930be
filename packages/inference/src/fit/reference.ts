/**
 * The reference law that a fit shrinks towards, and how strongly: both by how well the data are predicted, in closed form.
 *
 * Under KL(q ‖ q₀) with weight w the averaged coefficients are, for w not small, those of a Gaussian field around the reference with covariance
 * Cov_{q₀}(b)/w. In the data's coordinates (`visible.ts`) the likelihood is exp(−½ |z − target|²), so the evidence is closed:
 *
 *   ln E e^{−NLL} = −least − ½ ln det(1 + S/w) − ½ rᵀ (1 + S/w)⁻¹ r,   S = Cov_{q₀} z,  r = target − E_{q₀} z.
 *
 * It is the sum over the transitions of the logarithm of each one's density given those before it (Dawid 1984): a held-out likelihood that leaves out
 * nothing and depends on no split. Beliefs before the data: the scale is 1 but may be another power of two (Cauchy in octaves), the weight is 2 nats
 * within a factor of 2. The reference is the mixture of N(mean, (s scale)²) over s by its posterior probabilities; the weight is the most probable one.
 * A single best scale overfits where data are few, and a fixed one is lost where units are others (measured on six systems, docs/fit.md).
 */
import { scalarFunction } from '@ergoflow/kernels';
import { EigenvalueDecomposition } from 'ml-matrix';
import type { Points } from '../convex/candidates.ts';
import type { AveragedObjective } from '../convex/objective.ts';
import { normalSource } from './normals.ts';
import { moments } from './tiltedLaw.ts';
import { type Visible, visible } from './visible.ts';

const [exp, log] = [scalarFunction('exp'), scalarFunction('log')];

/** Scales, in octaves around 1. */
export const OCTAVES = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6] as const;
/** Weights in nats, by half octaves from 1/8 to 512. */
export const WEIGHTS: readonly number[] = Array.from({ length: 25 }, (_, k) => 2 ** (Math.floor(k / 2) - 3) * (k % 2 === 0 ? 1 : Math.SQRT2));

/** Half width of the belief about the scale, in octaves: other scales are a hundred times less likely than 1 beforehand, but none is out of the question. */
const SCALE_WIDTH = 0.1;
/** Centre and deviation of the belief about the weight, in octaves. */
const [WEIGHT_CENTRE, WEIGHT_SD] = [1, 1];

/** Samples that the evidence of one scale is computed from. */
const SAMPLES = 512;

/** A mixture of normal laws with independent components: Σ_s probabilities_s N(mean, (scales_s · scale)²). */
export interface Reference {
  /** [d] */
  readonly mean: readonly number[];
  /** [d], > 0 */
  readonly scale: readonly number[];
  /** [S], > 0 */
  readonly scales: readonly number[];
  /** [S], sum 1 */
  readonly probabilities: readonly number[];
}

/** The choice. */
export interface ReferenceChoice {
  readonly reference: Reference;
  /** w in nats. */
  readonly weight: number;
  /** Where the mixture's densest part is: the most probable scale. */
  readonly typicalScale: number;
}

/** What to choose for. */
export interface ReferenceOptions {
  readonly objective: AveragedObjective;
  /** Gives rows of coefficients for points. */
  readonly coefficients: (points: Points) => Float64Array;
  /** [d]: mean, and the scale that counts as 1. */
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** A weight that is given instead of chosen. */
  readonly weight: number | null;
  /** Where the likelihood is expanded, if it is not quadratic. */
  readonly at?: Float64Array | undefined;
  readonly seed: readonly (string | number)[];
}

/**
 * Chooses the mixture and the weight.
 *
 * @throws RangeError if the coefficients are not finite at any scale.
 */
export function chooseReference({ objective, coefficients, mean, scale, weight, at, seed }: ReferenceOptions): ReferenceChoice {
  const weights = weight === null ? WEIGHTS : [weight];
  const z = normalSource([...seed, 'reference'], mean.length, SAMPLES).at(0);
  const scores = OCTAVES.map((octave) => {
    const table = coefficients(scaled(mean, scale, z, () => 2 ** octave, SAMPLES));
    if (!table.every(Number.isFinite)) return weights.map(() => Number.NEGATIVE_INFINITY);
    const belief = log(1 + (octave / SCALE_WIDTH) ** 2);
    const found = evidences(visible(objective, table, at), table, weights);
    return found.map((evidence, k) => evidence - belief - (weight === null ? -beliefAbout(weights[k]) : 0));
  });
  const most = Math.max(...scores.flat());
  if (!Number.isFinite(most)) throw new RangeError('coefficients must be finite at samples of a reference law, got none: set its mean and scale');
  const joint = scores.map((row) => row.map((score) => exp(score - most)));
  const total = joint.flat().reduce((sum, p) => sum + p, 0);
  const byScale = joint.map((row) => row.reduce((sum, p) => sum + p, 0) / total);
  const byWeight = weights.map((_, k) => joint.reduce((sum, row) => sum + row[k], 0));
  const kept = OCTAVES.map((octave, k) => ({ scale: 2 ** octave, probability: byScale[k] })).filter(({ probability }) => probability > NEGLIGIBLE);
  const sum = kept.reduce((all, { probability }) => all + probability, 0);
  return {
    reference: { mean, scale, scales: kept.map((part) => part.scale), probabilities: kept.map(({ probability }) => probability / sum) },
    weight: weights[byWeight.indexOf(Math.max(...byWeight))],
    typicalScale: 2 ** OCTAVES[byScale.indexOf(Math.max(...byScale))],
  };
}

/** ln of the belief about a weight before the data, up to a constant. */
export const beliefAbout = (weight: number): number => -((log(weight) / Math.LN2 - WEIGHT_CENTRE) ** 2) / (2 * WEIGHT_SD ** 2);

/** Parts of the mixture below this are left out: some thousand samples would not show them. */
const NEGLIGIBLE = 1e-4;

/** Samples of a reference; the parts of the mixture take turns by their probabilities, each as often as it is due. */
export function referencePoints({ mean, scale, scales, probabilities }: Reference, count: number, seed: readonly (string | number)[]): Points {
  const z = normalSource([...seed, 'reference points'], mean.length, count).at(0);
  // Golden-ratio steps cover [0, 1) evenly, and are unrelated to the order of the normals.
  const part = (m: number): number => {
    let rest = (m + 0.5) * 0.618033988749895;
    rest -= Math.floor(rest);
    for (const [s, probability] of probabilities.entries()) {
      rest -= probability;
      if (rest < 0) return scales[s];
    }
    return scales[scales.length - 1];
  };
  return scaled(mean, scale, z, part, count);
}

function scaled(mean: readonly number[], scale: readonly number[], z: Float64Array, factor: (m: number) => number, count: number): Points {
  const factors = Float64Array.from({ length: count }, (_, m) => factor(m));
  return mean.map((centre, k) => factors.map((s, m) => centre + s * scale[k] * z[k * count + m]));
}

/** ln evidence by weight. */
export function evidences({ rank, target, least, project }: Visible, table: Float64Array, weights: readonly number[]): number[] {
  if (rank === 0) return weights.map(() => -least);
  const z = project(table);
  const count = z.length / rank;
  const { mean, covariance } = moments(z, new Float64Array(count).fill(1 / count), rank);
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const squares = values.map((_, k) => {
    let part = 0;
    for (let j = 0; j < rank; j++) part += vectors.get(j, k) * (target[j] - mean[j]);
    return part * part;
  });
  return weights.map((weight) =>
    values.reduce((evidence, value, k) => {
      // A weight of 0 is no belief at all, and has no evidence; the least weight that is tried stands for it.
      const spread = 1 + Math.max(0, value) / Math.max(weight, WEIGHTS[0]);
      return evidence - (log(spread) + squares[k] / spread) / 2;
    }, -least),
  );
}
