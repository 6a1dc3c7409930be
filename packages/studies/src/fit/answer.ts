/** From a fit to its answer as JSON, and to the numbers that are compared between data sets. */
import type { Curve, FitResult, ObservedPath } from '@ergoflow/inference';
import type { Json, JsonObject } from '@ergoflow/runner';
import { type Model, slowComponents } from '@ergoflow/sde';

/** What is known of the data beside the fit. */
export interface DataFacts {
  readonly observations: number;
  readonly paths: number;
  readonly missing: number;
  readonly notes: readonly string[];
}

/** Shares of the observations at whose quantiles the drift is told. */
const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Makes the answer. */
export function answerOf(model: Model, result: FitResult, paths: readonly ObservedPath[], data: DataFacts): JsonObject {
  const { level, parameters, rank, restarts, heldOut, certificate, penalties, method } = result;
  const { sentences, ...nats } = certificate;
  const { gaps, transitions, ...how } = method;
  return plain({
    level,
    parameters,
    drift: curve(result.drift),
    diffusion: curve(result.diffusion),
    quantiles: quantileTable(model, result.drift, paths),
    rank,
    restarts,
    heldOut,
    certificate: nats,
    information: { natsOverZeroDrift: certificate.natsOverZeroDrift, effectiveDegreesOfFreedom: certificate.effectiveDegreesOfFreedom },
    penalties,
    method: how,
    data: { ...data, transitions, gaps },
    sentences: [
      ...dataSentences(data, gaps),
      ...sentences,
      ...(method.fallback === null ? [] : [`It was computed by the target ${method.target}: ${method.fallback}.`]),
    ],
  }) as JsonObject;
}

/** The numbers of a fit that data sets are compared by; null where one has no meaning. */
export function measuresOf(result: FitResult, driftError: number | null): Readonly<Record<string, number | null>> {
  const { certificate, heldOut, method, rank, parameters } = result;
  return {
    'drift-mse': driftError,
    'nats-above-optimum': certificate.natsAboveOptimum,
    'nats-over-zero-drift': certificate.natsOverZeroDrift,
    'degrees-of-freedom': certificate.effectiveDegreesOfFreedom,
    'nll-per-transition': certificate.nll / method.transitions,
    'held-out-nll-per-transition': heldOut.nllPerTransition,
    rank,
    ...Object.fromEntries(Object.entries(parameters).map(([name, { estimate }]) => [`parameter ${name}`, estimate])),
  };
}

const curve = ({ at, estimate, low, high }: Curve) => ({ at, estimate, low, high });

function dataSentences({ missing }: DataFacts, gaps: number): string[] {
  return [
    ...(missing > 0 ? [`${missing} rows lack a value: a path ends before each of them.`] : []),
    ...(gaps > 0 ? [`${gaps} transitions are longer than ten median ones: they count as gaps and are left out.`] : []),
  ];
}

/** The drift at quantiles of the observations, linear between the points of the curve; for one slow component. */
function quantileTable(model: Model, { at, estimate, low, high }: Curve, paths: readonly ObservedPath[]) {
  if (slowComponents(model).length !== 1 || at.length < 2) return [];
  const sorted = thinned(paths).sort();
  const order = at.map((_, k) => k).sort((a, b) => at[a][0] - at[b][0]);
  const read = (values: Curve['estimate'], x: number): number => {
    let right = order.findIndex((k) => at[k][0] >= x);
    if (right < 1) right = right < 0 ? order.length - 1 : 1;
    const [a, b] = [order[right - 1], order[right]];
    const share = Math.min(1, Math.max(0, (x - at[a][0]) / (at[b][0] - at[a][0])));
    return (1 - share) * values[a][0] + share * values[b][0];
  };
  return SHARES.map((share) => {
    const x = sorted[Math.round(share * (sorted.length - 1))];
    return { share, x, estimate: read(estimate, x), low: read(low, x), high: read(high, x) };
  });
}

/** Values of the first component, at most 10 000 of them, evenly chosen. */
function thinned(paths: readonly ObservedPath[]): Float64Array {
  const total = paths.reduce((sum, { times }) => sum + times.length, 0);
  const every = Math.ceil(total / 10_000);
  return Float64Array.from(paths.flatMap(({ values }) => [...values[0].filter((_, k) => k % every === 0)]));
}

/** JSON of it: lists for arrays, null for what is not finite. */
function plain(value: unknown): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value instanceof Float64Array) return Array.from(value, plain);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value as object).flatMap(([key, part]) => (part === undefined ? [] : [[key, plain(part)]])));
}
