/**
 * What a member's step sees of the Wiener processes: combinations of numbers drawn at the finest resolution of the program.
 *
 * Over a fine step δ, with standard normals ξ and η: ΔW = √δ ξ and ΔZ = ½ δ^(3/2) (ξ + η/√3) (Kloeden & Platen 1992, (10.4.3)). Over a coarse step of
 * fine ones, ΔW = Σ ΔW_k and ΔZ = Σ (ΔZ_k + δ Σ_(j<k) ΔW_j), which is ∫ (W(s) - W(t)) ds cut at the fine times. So every member sees one path.
 */
import type { GraphBuilder, Node } from '@ergoflow/kernels';
import type { Equations } from '../equations.ts';
import type { Increments } from './scheme.ts';

/** Where a step lies in the program's step. */
export interface Place {
  /** The program's step. */
  readonly dt: Node;
  /** Fine steps per step of the program. */
  readonly finest: number;
  /** Fine steps of this step: [first, first + share). */
  readonly first: number;
  readonly share: number;
}

/** Makes the increments of one step. */
export function incrementsOf(g: GraphBuilder, equations: Equations, { dt, finest, first, share }: Place): Increments {
  const widthOf = (process: string): number => (equations.processes.find(({ name }) => name === process) as { readonly width: number }).width;
  const fine = g.divide(dt, g.constant(finest));
  const deviation = g.squareRoot(fine);
  /** The part of a stream's normals of the program's step that belongs to one slot. */
  const slot = (stream: string, width: number, slots: number, index: number): Node =>
    g.gather(
      g.normal(stream, width * slots),
      Array.from({ length: width }, (_, j) => index * width + j),
    );
  const standard = (process: string, k: number): Node => slot(process, widthOf(process), finest, first + k);

  return {
    get(process) {
      let total = standard(process, 0);
      for (let k = 1; k < share; k++) total = g.add(total, standard(process, k));
      return g.multiply(deviation, total);
    },
    area(process) {
      // ΔZ/δ^(3/2) = Σ_k ½(ξ_k + η_k/√3) + Σ_k (share - 1 - k) ξ_k: ξ_k is part of W(s) in all later fine steps.
      let total: Node | null = null;
      for (let k = 0; k < share; k++) {
        const own = g.multiply(g.constant(0.5 + share - 1 - k), standard(process, k));
        const second = g.multiply(g.constant(0.5 / Math.sqrt(3)), slot(`${process}.area`, widthOf(process), finest, first + k));
        const part = g.add(own, second);
        total = total === null ? part : g.add(total, part);
      }
      return g.multiply(g.multiply(fine, deviation), total as Node);
    },
    normals(process, purpose, count) {
      // They belong to no path, so each resolution has a stream of its own, and none is drawn in vain.
      const [steps, width] = [finest / share, widthOf(process)];
      const stream = `${process}.${purpose}.${count}.${steps}`;
      return Array.from({ length: count }, (_, k) => slot(stream, width, steps * count, (first / share) * count + k));
    },
  };
}
