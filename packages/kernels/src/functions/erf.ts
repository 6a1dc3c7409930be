/** Error function: a polynomial in x² up to 1, and 1 - e^(-x²)·Q above, Q = e^(x²) erfc x as a polynomial in (x - 2)/(x + 2). */
import type { GraphBuilder, Node } from '../graph.ts';
import { exp } from './exp.ts';
import { polynomial, withSign } from './polynomial.ts';

/** erf x = 2/√π ∫₀ˣ e^(-t²) dt. */
export function erf(g: GraphBuilder, x: Node): Node {
  const size = g.absolute(x);
  const [one, two, six] = [g.constant(1), g.constant(2), g.constant(6)];
  const z = g.multiply(x, x);
  const inner = g.multiply(x, polynomial(g, INNER, z));
  // From 6 on erf is 1 to the last bit; the comparison lets NaN through.
  const capped = g.select(g.less(six, size), six, size);
  const u = g.divide(g.subtract(capped, two), g.add(capped, two));
  const complement = g.multiply(exp(g, g.negate(g.multiply(capped, capped))), polynomial(g, OUTER, u));
  const outer = withSign(g, g.subtract(one, complement), x);
  return g.select(g.less(size, one), inner, outer);
}

/** Chebyshev fit of erf(√z)/√z on [0, 1], error 2.2e-21 (mpmath: chebyfit(lambda z: erf(sqrt(z))/sqrt(z), [0, 1], 14)). */
const INNER: readonly number[] = [
  -4.230945824295338e-12, 8.709045129053106e-11, -1.216456005728345e-9, 1.4792401209404813e-8, -1.6364642158167616e-7, 1.6462045441468418e-6,
  -1.4925647567519332e-5, 0.00012055332902888736, -0.000854832702193483, 0.0052239776254232985, -0.02686617064512984, 0.1128379167095512,
  -0.37612638903183754, 1.1283791670955126,
];

/** Chebyshev fit of erfc(x) e^(x²), x = 2(1 + u)/(1 - u), for x in [1, 6], error 3.3e-17 (mpmath: chebyfit, 16 coefficients). */
const OUTER: readonly number[] = [
  -2.22812957637235e-7, 4.146302183268488e-6, 1.859427387429402e-6, -1.4166339069117108e-5, -2.7640727821912852e-5, 2.7560352756678313e-5,
  0.00017436477257256738, 4.355265359817883e-5, -0.0009819771114740715, -0.0008471431229415333, 0.006997461739200575, 0.0037328924016564484,
  -0.07897858101571269, 0.24165819424248763, -0.4271858474139585, 0.2553956763105057,
];
