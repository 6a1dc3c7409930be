/** Arc tangent: |x| is moved to [-7/16, 7/16] by atan x = atan c + atan((x - c)/(1 + cx)), as in fdlibm's s_atan.c (Sun Microsystems 1993). */
import type { GraphBuilder, Node } from '../graph.ts';
import { polynomial, withSign } from './polynomial.ts';

/** atan x, in [-π/2, π/2]. */
export function atan(g: GraphBuilder, x: Node): Node {
  const size = g.absolute(x);
  const one = g.constant(1);
  // For c = ∞ the argument is -1/x.
  let [top, bottom, high, low] = [g.constant(-1), size, g.constant(CENTRES[3].high), g.constant(CENTRES[3].low)];
  for (const { below, c, high: atanHigh, low: atanLow } of CENTRES.slice(0, 3).reverse()) {
    const here = g.less(size, g.constant(below));
    top = g.select(here, g.subtract(size, g.constant(c)), top);
    bottom = g.select(here, g.add(one, g.multiply(g.constant(c), size)), bottom);
    high = g.select(here, g.constant(atanHigh), high);
    low = g.select(here, g.constant(atanLow), low);
  }
  const direct = g.less(size, g.constant(7 / 16));
  const t = g.select(direct, size, g.divide(top, bottom));
  const z = g.multiply(t, t);
  const tail = g.multiply(t, g.multiply(z, polynomial(g, ATAN, z)));
  const moved = g.subtract(high, g.subtract(g.subtract(tail, low), t));
  return withSign(g, g.select(direct, g.subtract(t, tail), moved), x);
}

/** Centres c for |x| below a limit, with atan c in two parts. */
const CENTRES: readonly { readonly below: number; readonly c: number; readonly high: number; readonly low: number }[] = [
  { below: 11 / 16, c: 0.5, high: 4.63647609000806093515e-1, low: 2.26987774529616870924e-17 },
  { below: 19 / 16, c: 1, high: 7.85398163397448278999e-1, low: 3.06161699786838301793e-17 },
  { below: 39 / 16, c: 1.5, high: 9.82793723247329054082e-1, low: 1.39033110312309984516e-17 },
  { below: Number.POSITIVE_INFINITY, c: Number.POSITIVE_INFINITY, high: 1.570796326794896558, low: 6.12323399573676603587e-17 },
];

/** fdlibm s_atan.c, aT[10] … aT[0]. */
const ATAN: readonly number[] = [
  1.62858201153657823623e-2, -3.6531572744216915527e-2, 4.97687799461593236017e-2, -5.83357013379057348645e-2, 6.66107313738753120669e-2,
  -7.69187620504482999495e-2, 9.09088713343650656196e-2, -1.1111110405462355788e-1, 1.42857142725034663711e-1, -1.99999999998764832476e-1,
  3.33333333333329318027e-1,
];
