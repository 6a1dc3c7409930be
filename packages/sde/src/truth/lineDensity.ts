/** The stationary law of one fast component by quadrature: π ~ exp(∫ 2β/α² dy)/α², exact in one dimension (Risken 1989, "The Fokker–Planck Equation", 5.13). */
import { scalarFunction } from '@ergoflow/kernels';
import type { CellMasses } from './cells.ts';
import type { FastProcess } from './fastProcess.ts';
import { gaussLegendre } from './gaussLegendre.ts';
import { densityMasses } from './logDensity.ts';

const log = scalarFunction('log');

/** Exact to degree 7 in each cell. */
const RULE = gaussLegendre(4);

/**
 * Makes the masses of the law. The integral goes from midpoint to midpoint.
 *
 * @throws RangeError for a process of more than one component, or where the noise vanishes.
 */
export function lineMasses(process: FastProcess): CellMasses {
  if (process.dimension !== 1) throw new RangeError(`the quadrature formula needs one fast component, got ${process.dimension}`);
  return densityMasses(([points]) => {
    const h = points[1] - points[0];
    const between = Float64Array.from({ length: (points.length - 1) * RULE.nodes.length }, (_, k) => {
      return points[Math.floor(k / RULE.nodes.length)] + h * RULE.nodes[k % RULE.nodes.length];
    });
    const inner = process.dynamics([between]);
    const { diffusion } = process.dynamics([points]);
    if ([...diffusion[0], ...inner.diffusion[0]].some((value) => !(value > 0)))
      throw new RangeError('the fast noise must not vanish: the quadrature formula divides by it');
    const values = new Float64Array(points.length);
    for (let k = 1, integral = 0; k < points.length; k++) {
      for (const [j, weight] of RULE.weights.entries()) {
        const at = (k - 1) * RULE.nodes.length + j;
        integral += (h * weight * 2 * inner.drift[0][at]) / inner.diffusion[0][at];
      }
      values[k] = integral;
    }
    return values.map((value, k) => value - log(diffusion[0][k]));
  });
}
