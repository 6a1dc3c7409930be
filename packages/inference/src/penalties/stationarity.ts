/**
 * Weak stationarity under known fast dynamics: Σ_f (E A f)², A f = β·∇f + ½ tr(αᵀα ∇²f) the generator of the frozen fast process, which has E A f = 0 for
 * all f under its invariant law (Echeverría 1982).
 *
 * Test functions are the monomials yᵢ, …, yᵢ^degree and the products yᵢ yⱼ, whose derivatives are closed. Each term is divided by E (A f)² under the
 * law itself, held fixed for differentiation: so the penalty has no unit, and its size is that of a squared number of standard deviations per sample.
 */
import { graphBuilder, type Node, type Tensor, type TensorBuilder, tensorsOf } from '@ergoflow/kernels';
import { frozenFast, type Model } from '@ergoflow/sde';
import type { LawTensors, Penalty } from './penalty.ts';

/**
 * Makes the penalty.
 *
 * @param degree Highest power, ≥ 1; default 2. Higher powers see more of the law and are noisier.
 * @throws TypeError where a fast equation is unknown.
 */
export function stationarity(degree = 2): Penalty {
  if (!Number.isInteger(degree) || degree < 1) throw new RangeError(`degree of stationarity must be a whole number ≥ 1, got ${degree}`);
  return (g, law) => {
    const { drift, covariance } = dynamics(g, law);
    const y = drift.map((_, i) => g.gatherRows(law.value, [i]));
    const terms: Tensor[] = [];
    for (const [i, yi] of y.entries()) {
      let power: Tensor = g.constant(1);
      let before: Tensor = g.constant(0);
      for (let p = 1; p <= degree; p++) {
        // A y^p = p y^{p-1} β + ½ p (p - 1) y^{p-2} αα
        terms.push(
          g.add(
            g.multiply(g.constant(p), g.multiply(power, drift[i])),
            g.multiply(g.constant((p * (p - 1)) / 2), g.multiply(before, covariance[i][i])),
          ),
        );
        before = power;
        power = g.multiply(power, yi);
      }
      for (let j = 0; j < i && degree > 1; j++) {
        terms.push(g.add(g.add(g.multiply(drift[i], y[j]), g.multiply(drift[j], yi)), covariance[i][j]));
      }
    }
    let total: Tensor = g.constant(0);
    for (const term of terms) {
      const scale = g.add(g.stopGradient(law.mean(g.multiply(term, term))), g.constant(1e-12));
      total = g.add(total, g.divide(law.squaredMean(term), scale));
    }
    return total;
  };
}

/** β of each component and ααᵀ, at the samples. */
function dynamics(g: TensorBuilder, { model, fast, slow, parameters }: LawTensors): { drift: Tensor[]; covariance: Tensor[][] } {
  const graph = graphBuilder({ keepFunctions: true });
  const node = ({ name, size }: Model['fast'][number]): [string, Node] => [name, graph.state(name, size)];
  const equations = frozenFast(model, () => new Map(model.slow.map(node)));
  const state = new Map(model.fast.map(node));
  const drifts = equations.drift(graph, state, graph.constant(0));
  const noise = equations.noise(graph, state, graph.constant(0));
  const sizes = new Map(model.processes.map(({ name, size }) => [name, size]));
  const components = model.fast.flatMap(({ name, size }) => Array.from({ length: size }, (_, index) => ({ name, index, size })));
  const part = (from: Node, index: number): Node => (from.width === 1 ? from : graph.gather(from, [index]));
  const nodes = components.map(({ name, index }) => part(drifts.get(name) as Node, index));
  const pairs = components.flatMap((row, i) =>
    components.slice(0, i + 1).map((column) => {
      let total: Node = graph.constant(0);
      for (const a of noise.filter(({ variable }) => variable === row.name)) {
        for (const b of noise.filter(({ variable, process }) => variable === column.name && process === a.process)) {
          if (sizes.get(a.process) !== 1 && row.index !== column.index) continue;
          total = graph.add(total, graph.multiply(part(a.coefficient, row.index), part(b.coefficient, column.index)));
        }
      }
      return total;
    }),
  );
  const bind = (leaf: Node): Tensor => {
    const bound = fast[leaf.name] ?? slow[leaf.name] ?? parameters[leaf.name.replace(/^parameter\./, '')];
    if (bound === undefined) throw new TypeError(`stationarity must know ${leaf.name}, which the fast equations read`);
    return bound;
  };
  const tensors = tensorsOf(g, [...nodes, ...pairs], bind);
  const covariance = components.map(() => new Array<Tensor>(components.length));
  let next = components.length;
  for (let i = 0; i < components.length; i++) {
    for (let j = 0; j <= i; j++, next++) {
      covariance[i][j] = tensors[next];
      covariance[j][i] = tensors[next];
    }
  }
  return { drift: tensors.slice(0, components.length), covariance };
}
