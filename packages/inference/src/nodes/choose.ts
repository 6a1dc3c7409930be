/** Chooses the nodes: those with which the interpolated coefficients agree with the coefficients themselves at the visited states, as measured. */
import type { Model } from '@ergoflow/sde';
import type { Points } from '../convex/candidates.ts';
import { slowCoefficients } from '../equations/coefficients.ts';
import { evaluateCoefficients } from '../equations/evaluateCoefficients.ts';
import { chebyshevNodes } from './chebyshev.ts';
import { localNodes } from './local.ts';
import { interpolated, type Nodes, type Range } from './nodes.ts';

/** Largest error of an interpolated coefficient, root mean square over visited states, relative to the coefficient's own. */
export const NODE_TOLERANCE = 1e-3;

/** Numbers of nodes that are tried, along each direction, by the number of slow components; more components than listed have no grid. */
const CHEBYSHEV = [8, 12, 16, 24, 32, 48, 64] as const;
const CUBIC: readonly (readonly number[])[] = [
  [32, 64, 128, 256, 512],
  [8, 12, 16, 24, 32],
  [6, 8, 10],
];

/** Visited states at which the error is measured. */
const CHECKED = 400;

/** What nodes are chosen by. */
export interface ChooseOptions {
  readonly model: Model;
  readonly parameters: ReadonlyMap<string, number>;
  /** [dx] of any length: the visited states. */
  readonly visited: readonly Float64Array[];
  /** Fast states at which the coefficients are looked at. */
  readonly probes: Points;
  /** Default {@link NODE_TOLERANCE}. */
  readonly tolerance?: number;
}

/** One measurement. */
export interface NodeMeasurement {
  readonly kind: Nodes['kind'];
  readonly counts: readonly number[];
  /** Over all coefficients and probes, the largest rms error over the visited states relative to the largest rms value of that coefficient over the probes. */
  readonly error: number;
  /** The same of the largest absolute error, relative to the same. */
  readonly worst: number;
}

/** The choice. */
export interface NodeChoice {
  /** Null where no grid reaches the tolerance: then the likelihood needs the transitions themselves. */
  readonly nodes: Nodes | null;
  readonly measured: readonly NodeMeasurement[];
  readonly tolerance: number;
  /** The choice and its reason in a sentence. */
  readonly about: string;
}

/** The box of the visited states; a direction that does not move gets a width of 1. */
export function rangesOf(states: readonly Float64Array[]): Range[] {
  return states.map((values) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return high > low ? { low, high } : { low: low - 0.5, high: high + 0.5 };
  });
}

/**
 * Tries Chebyshev nodes (one slow component), then local cubic ones, fewest first, and takes the first that reach the tolerance.
 *
 * b is compared, and where it depends on the fast variables σσᵀ as well. Errors are of single probes, so those of averages over a law are smaller.
 * Not checked: fast states other than the probes, and visited states other than some hundreds, evenly chosen.
 */
export function chooseNodes({ model, parameters, visited, probes, tolerance = NODE_TOLERANCE }: ChooseOptions): NodeChoice {
  const dimension = visited.length;
  const ranges = rangesOf(visited);
  const every = Math.max(1, Math.floor(visited[0].length / CHECKED));
  const states = visited.map((values) => values.filter((_, k) => k % every === 0));
  const want = slowCoefficients(model).diffusionIsFast ? 'both' : 'drift';
  const evaluate = (slow: readonly Float64Array[]): Float64Array[] => {
    const { drift, diffusion } = evaluateCoefficients({ model, parameters, slow, fast: probes, want });
    return [...drift, ...diffusion];
  };
  const exact = evaluate(states);
  const tries = [
    ...(dimension === 1 ? CHEBYSHEV.map((count) => () => chebyshevNodes(ranges[0], count)) : []),
    ...(CUBIC[dimension - 1] ?? []).map((count) => () => localNodes('cubic', ranges, new Array(dimension).fill(count))),
  ];
  const measured: NodeMeasurement[] = [];
  for (const make of tries) {
    const nodes = make();
    const found = measure(nodes, states, exact, evaluate(nodes.points));
    measured.push({ kind: nodes.kind, counts: nodes.counts, ...found });
    if (found.error <= tolerance) return { nodes, measured, tolerance, about: describe(measured, tolerance, true) };
  }
  return { nodes: null, measured, tolerance, about: describe(measured, tolerance, false) };
}

function measure(
  nodes: Nodes,
  states: readonly Float64Array[],
  exact: readonly Float64Array[],
  atNodes: readonly Float64Array[],
): { error: number; worst: number } {
  const count = states[0].length;
  const probes = exact[0].length / count;
  let [error, worst] = [0, 0];
  for (const [c, values] of exact.entries()) {
    let [size, rms, peak] = [0, 0, 0];
    for (let m = 0; m < probes; m++) {
      const between = interpolated(
        nodes,
        Float64Array.from({ length: nodes.count }, (_, i) => atNodes[c][i * probes + m]),
        states,
      );
      let [squares, own] = [0, 0];
      for (let k = 0; k < count; k++) {
        const value = values[k * probes + m];
        const off = between[k] - value;
        squares += off * off;
        own += value * value;
        peak = Math.max(peak, Math.abs(off));
      }
      rms = Math.max(rms, Math.sqrt(squares / count));
      size = Math.max(size, Math.sqrt(own / count));
    }
    if (size === 0) continue;
    error = Math.max(error, rms / size);
    worst = Math.max(worst, peak / size);
  }
  return { error, worst };
}

const percent = (x: number): string => `${Number((100 * x).toPrecision(2))} %`;

function describe(measured: readonly NodeMeasurement[], tolerance: number, found: boolean): string {
  if (measured.length === 0) return 'No nodes: a grid in more than 3 slow components would have too many, so every transition is used as it is.';
  const last = measured[measured.length - 1];
  const grid = ({ counts, kind }: NodeMeasurement): string => `${counts.join(' × ')} ${kind === 'chebyshev' ? 'Chebyshev' : 'local cubic'} nodes`;
  const failed = measured.filter(({ kind }) => kind !== last.kind).pop();
  const instead =
    failed === undefined ? '' : ` (${grid(failed)} miss it by ${percent(failed.error)}: the equations are not smooth in the slow variable)`;
  if (found)
    return `${grid(last)}: between them the coefficients are known to ${percent(last.error)} of their size, limit ${percent(tolerance)}${instead}.`;
  return `No nodes: even ${grid(last)} miss the coefficients by ${percent(last.error)} of their size, limit ${percent(tolerance)}, so every transition is used as it is.`;
}
