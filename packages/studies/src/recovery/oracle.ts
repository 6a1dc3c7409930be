/**
 * The drift by least squares where the law of the fast variables is known: b̄(x; θ) is the model's truth, and only parameters θ are free.
 *
 *   min_θ Σ_k |dx_k − b̄(x_k; θ) Δ_k|²/Δ_k
 *
 * by Gauss–Newton with Levenberg's damping from the true values: the floor of what any method can reach that has to find the law as well.
 */
import type { ObservedPath } from '@ergoflow/inference';
import { type Model, parameterValues } from '@ergoflow/sde';
import { trueCoefficients } from '../fit/drift.ts';

/** Steps of Gauss–Newton at most, and the change of the sum of squares below which it ends. */
const ITERATIONS = { most: 50, change: 1e-10 } as const;

/** Finds the parameters. @param names The free ones; those that the truth does not read stay what they are. */
export function oracleParameters(
  model: Model,
  parameters: ReadonlyMap<string, number>,
  names: readonly string[],
  paths: readonly ObservedPath[],
): ReadonlyMap<string, number> {
  const components = paths[0].values.length;
  const join = (read: (path: ObservedPath, k: number) => number): Float64Array =>
    Float64Array.from(paths.flatMap((path) => Array.from({ length: path.times.length - 1 }, (_, k) => read(path, k))));
  const at = Array.from({ length: components }, (_, c) => join(({ values }, k) => values[c][k]));
  const increment = Array.from({ length: components }, (_, c) => join(({ values }, k) => values[c][k + 1] - values[c][k]));
  const duration = join(({ times }, k) => times[k + 1] - times[k]);
  const withValues = (theta: readonly number[]): ReadonlyMap<string, number> => {
    const free = new Map(names.map((name, k) => [name, theta[k]]));
    const fixed = model.parameters
      .filter(({ name, value }) => value.kind === 'number' && !free.has(name))
      .map(({ name }): [string, number] => [name, parameters.get(name) as number]);
    return parameterValues(model, new Map([...fixed, ...free]));
  };
  const drift = (theta: readonly number[]) => trueCoefficients(model, withValues(theta), at).drift;
  const squares = (b: readonly Float64Array[]): number => {
    let sum = 0;
    for (let c = 0; c < components; c++)
      for (let k = 0; k < duration.length; k++) sum += (increment[c][k] - b[c][k] * duration[k]) ** 2 / duration[k];
    return Number.isFinite(sum) ? sum : Number.POSITIVE_INFINITY;
  };

  let theta = names.map((name) => parameters.get(name) as number);
  let value = drift(theta);
  let sum = squares(value);
  let damping = 1e-6;
  for (let iteration = 0; iteration < ITERATIONS.most; iteration++) {
    const jacobian = names.map((_, p) => {
      const h = 1e-5 * Math.max(1, Math.abs(theta[p]));
      const [above, below] = [h, -h].map((by) => drift(theta.map((x, q) => (q === p ? x + by : x))));
      return above.map((column, c) => column.map((x, k) => (x - below[c][k]) / (2 * h)));
    });
    const dot = (a: readonly Float64Array[], b: readonly Float64Array[]): number => {
      let total = 0;
      for (let c = 0; c < components; c++) for (let k = 0; k < duration.length; k++) total += a[c][k] * b[c][k] * duration[k];
      return total;
    };
    const residual = increment.map((column, c) => column.map((dx, k) => dx / duration[k] - value[c][k]));
    const normal = jacobian.map((row) => jacobian.map((column) => dot(row, column)));
    const force = jacobian.map((row) => dot(row, residual));
    let gained = 0;
    while (damping < 1e12) {
      const step = solve(normal, force, damping);
      const next = theta.map((x, p) => x + step[p]);
      const moved = drift(next);
      const candidate = squares(moved);
      if (candidate < sum) {
        gained = sum - candidate;
        [theta, value, sum] = [next, moved, candidate];
        damping = Math.max(1e-12, damping / 10);
        break;
      }
      damping *= 10;
    }
    if (gained <= ITERATIONS.change * sum) break;
  }
  return withValues(theta);
}

/** Solves (N + damping · diag N) s = f by Cholesky; a parameter without influence gets no step. */
function solve(normal: readonly (readonly number[])[], force: readonly number[], damping: number): number[] {
  const size = force.length;
  const factor = normal.map((row) => [...row]);
  const used = normal.map((row, p) => row[p] > 0);
  for (let p = 0; p < size; p++) factor[p][p] = used[p] ? factor[p][p] * (1 + damping) : 1;
  const s = [...force];
  for (let p = 0; p < size; p++) {
    for (let q = 0; q <= p; q++) {
      let rest = used[p] && used[q] ? factor[p][q] : p === q ? 1 : 0;
      for (let r = 0; r < q; r++) rest -= factor[p][r] * factor[q][r];
      factor[p][q] = p === q ? Math.sqrt(Math.max(rest, 1e-300)) : rest / factor[q][q];
    }
  }
  for (let p = 0; p < size; p++) {
    for (let q = 0; q < p; q++) s[p] -= factor[p][q] * s[q];
    s[p] /= factor[p][p];
  }
  for (let p = size - 1; p >= 0; p--) {
    for (let q = p + 1; q < size; q++) s[p] -= factor[q][p] * s[q];
    s[p] /= factor[p][p];
  }
  return s.map((x, p) => (used[p] ? x : 0));
}
