/**
 * Gathers the sufficient statistics of transitions in one pass.
 *
 * Local weights are few, so each transition adds to a few entries of the gram matrix. Chebyshev's are all nodes', but l_i l_j is a polynomial of degree
 * 2n - 2: with the moments m_d = Σ_k T_d(u_k) Δ_k/A_k, T_a T_b = (T_{a+b} + T_|a-b|)/2 gives the same matrix from 2n - 1 sums, exactly; and they
 * come from products of the first n polynomials, T_2d = 2 T_d² - 1 and T_{2d+1} = 2 T_d T_{d+1} - T_1.
 */
import { scalarFunction } from '@ergoflow/kernels';
import { chebyshevCoefficients } from '../nodes/chebyshev.ts';
import type { Nodes } from '../nodes/nodes.ts';
import { invert, type KnownDiffusion, triangle } from './covariance.ts';
import { logSum } from './logarithms.ts';
import type { Transitions } from './observations.ts';
import type { QuadraticStatistics } from './quadratic.ts';

const LOG_TWO_PI = scalarFunction('log')(2 * Math.PI);

/** Transitions at once: the arrays of a block stay in the cache. */
const BLOCK = 256;

/** What a block of transitions adds: A⁻¹ of each, by entry of the lower triangle. */
type AddBlock = (from: number, to: number, inverse: readonly Float64Array[]) => void;

/**
 * Gathers gram matrix and moments of b̄ between nodes; memory beside the transitions: the result.
 *
 * @throws RangeError where σσᵀ is not positive definite at a transition.
 */
export function gatherQuadratic(transitions: Transitions, nodes: Nodes, diffusion: KnownDiffusion): QuadraticStatistics {
  const size = transitions.from.length;
  const pairs = (size * (size + 1)) / 2;
  const n = nodes.count;
  const lower = Array.from({ length: pairs }, () => new Float64Array(n * n));
  const moment = Array.from({ length: size }, () => new Float64Array(n));
  const isDense = nodes.kind === 'chebyshev';
  const sums = isDense ? chebyshevSums(transitions, nodes) : null;
  const add: AddBlock = sums?.add ?? (size === 1 ? addLine(transitions, nodes, lower[0], moment[0]) : addGrid(transitions, nodes, lower, moment));
  const zeroDrift = passOver(transitions, diffusion, add);
  sums?.write(lower[0], moment[0]);
  const gram = Array.from({ length: size }, (_, p) =>
    Array.from({ length: size }, (_, q) => (p >= q ? lower[triangle(p, q)] : transposed(lower[triangle(q, p)], n))),
  );
  return { nodes: nodes.points, gram, moment, zeroDrift, count: transitions.count };
}

/** Hands over all blocks with their A⁻¹ and gives the NLL of a zero drift. */
function passOver({ count, from, increment, duration }: Transitions, diffusion: KnownDiffusion, add: AddBlock): number {
  const size = from.length;
  const pairs = (size * (size + 1)) / 2;
  const inverse = Array.from({ length: pairs }, () => new Float64Array(BLOCK));
  const matrix = new Float64Array(pairs);
  const logs = logSum();
  let constantDeterminant = 0;
  const refuse = (k: number): never => {
    throw new RangeError(`σσᵀ must be positive definite, but is not at transition ${k + 1}, x = ${from.map((component) => component[k]).join(', ')}`);
  };
  if (diffusion.kind === 'constant') {
    matrix.set(diffusion.entries);
    constantDeterminant = invert(matrix, size);
    if (!(constantDeterminant > 0)) refuse(0);
    for (const [e, entries] of inverse.entries()) entries.fill(matrix[e]);
  }
  let squares = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const end = Math.min(count, start + BLOCK);
    const entries = diffusion.kind === 'states' ? diffusion.at(from.map((component) => component.subarray(start, end))) : null;
    for (let k = start; k < end; k++) {
      let determinant = constantDeterminant;
      if (entries !== null) {
        for (let e = 0; e < pairs; e++) matrix[e] = entries[e][k - start];
        determinant = invert(matrix, size);
        if (!(determinant > 0)) refuse(k);
        for (let e = 0; e < pairs; e++) inverse[e][k - start] = matrix[e];
      }
      let square = 0;
      for (let p = 0; p < size; p++) {
        square += matrix[triangle(p, p)] * increment[p][k] * increment[p][k];
        for (let q = 0; q < p; q++) square += 2 * matrix[triangle(p, q)] * increment[p][k] * increment[q][k];
        determinant *= duration[k];
      }
      squares += square / duration[k];
      logs.add(determinant);
    }
    add(start, end, inverse);
  }
  return (squares + logs.total() + count * size * LOG_TWO_PI) / 2;
}

/** One slow component, local weights. */
function addLine({ from, increment, duration }: Transitions, nodes: Nodes, gram: Float64Array, moment: Float64Array): AddBlock {
  const { width, count } = nodes;
  const [indices, weights] = [new Int32Array(width), new Float64Array(width)];
  const [dx] = increment;
  return (start, end, [inverse]) => {
    for (let k = start; k < end; k++) {
      nodes.weigh(from, k, indices, weights);
      const time = inverse[k - start] * duration[k];
      const push = inverse[k - start] * dx[k];
      for (let a = 0; a < width; a++) {
        const row = indices[a] * count;
        const weight = weights[a] * time;
        moment[indices[a]] += weights[a] * push;
        for (let b = 0; b < width; b++) gram[row + indices[b]] += weight * weights[b];
      }
    }
  };
}

/** Several slow components. */
function addGrid({ from, increment, duration }: Transitions, nodes: Nodes, gram: readonly Float64Array[], moment: readonly Float64Array[]): AddBlock {
  const { width, count } = nodes;
  const size = from.length;
  const [indices, weights] = [new Int32Array(width), new Float64Array(width)];
  return (start, end, inverse) => {
    for (let k = start; k < end; k++) {
      nodes.weigh(from, k, indices, weights);
      for (let p = 0; p < size; p++) {
        let push = 0;
        for (let q = 0; q < size; q++) push += inverse[p >= q ? triangle(p, q) : triangle(q, p)][k - start] * increment[q][k];
        for (let a = 0; a < width; a++) moment[p][indices[a]] += weights[a] * push;
        for (let q = 0; q <= p; q++) {
          const entry = triangle(p, q);
          const time = inverse[entry][k - start] * duration[k];
          if (time === 0) continue;
          for (let a = 0; a < width; a++) {
            const row = indices[a] * count;
            const weight = weights[a] * time;
            for (let b = 0; b < width; b++) gram[entry][row + indices[b]] += weight * weights[b];
          }
        }
      }
    }
  };
}

/** Moments of Chebyshev polynomials, and what they make. */
function chebyshevSums(
  { from, increment, duration }: Transitions,
  nodes: Nodes,
): { readonly add: AddBlock; readonly write: (gram: Float64Array, moment: Float64Array) => void } {
  const n = nodes.count;
  const [squares, products, pushes] = [0, 1, 2].map(() => new Float64Array(n));
  const sums = new Float64Array(3);
  const [{ low, high }] = nodes.ranges;
  const [x] = from;
  const [dx] = increment;
  const [twice, even, odd, time, push] = Array.from({ length: 5 }, () => new Float64Array(BLOCK));
  const add: AddBlock = (start, end, [inverse]) => {
    const length = end - start;
    for (let k = 0; k < length; k++) {
      const at = Math.min(1, Math.max(-1, (2 * x[start + k] - low - high) / (high - low)));
      twice[k] = 2 * at;
      even[k] = 1;
      odd[k] = at;
      time[k] = inverse[k] * duration[start + k];
      push[k] = inverse[k] * dx[start + k];
    }
    for (let d = 0; d < n; d++) {
      const [present, next] = d % 2 === 0 ? [even, odd] : [odd, even];
      addDegree(present, next, twice, time, push, length, sums);
      squares[d] += sums[0];
      products[d] += sums[1];
      pushes[d] += sums[2];
    }
  };
  const write = (gram: Float64Array, moment: Float64Array): void => {
    const matrix = chebyshevCoefficients(n);
    const times = Float64Array.from({ length: 2 * n }, (_, d) => {
      const sum = (d % 2 === 0 ? squares : products)[Math.floor(d / 2)];
      return d < 2 ? sum : 2 * sum - (d % 2 === 0 ? squares : products)[0];
    });
    const half = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let b = 0; b < n; b++) {
        let total = 0;
        for (let a = 0; a < n; a++) total += (matrix[i * n + a] * (times[a + b] + times[Math.abs(a - b)])) / 2;
        half[i * n + b] = total;
        moment[i] += matrix[i * n + b] * pushes[b];
      }
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let total = 0;
        for (let b = 0; b < n; b++) total += half[i * n + b] * matrix[j * n + b];
        gram[i * n + j] = total;
        gram[j * n + i] = total;
      }
    }
  };
  return { add, write };
}

/** Σ T_d² time, Σ T_d T_{d+1} time and Σ T_d push; then T_{d+2} = 2u T_{d+1} - T_d goes over T_d. */
function addDegree(
  present: Float64Array,
  next: Float64Array,
  twice: Float64Array,
  time: Float64Array,
  push: Float64Array,
  length: number,
  sums: Float64Array,
): void {
  let [square, product, pushed] = [0, 0, 0];
  for (let k = 0; k < length; k++) {
    const [value, after] = [present[k], next[k]];
    const timed = value * time[k];
    square += timed * value;
    product += timed * after;
    pushed += value * push[k];
    present[k] = twice[k] * after - value;
  }
  sums[0] = square;
  sums[1] = product;
  sums[2] = pushed;
}

function transposed(matrix: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => matrix[(k % n) * n + Math.floor(k / n)]);
}
