/**
 * What theory says of a model's averaging errors: the orders in ε, and how errors of the step behave.
 *
 * With generator L₀/ε + L₁ all joint expectations of X and X̄ have expansions in whole powers of ε, so that E|X - X̄|² = c₁ε + c₂ε² + … and weak errors are
 * c₁ε + c₂ε² + … (Khasminskii & Yin 2005). A process that acts on slow and fast variables both adds a part ε^(-1/2) to the generator: then the expansions go by
 * √ε, and the weak order is ½ (the average of ∂φ/∂y α σ, φ the corrector, is not 0). So do equations that read ε, as in homogenization.
 */
import { EPSILON, fastProcesses, type Model, readsName, slowNoiseIsAdditive, slowNoiseIsFast } from '@ergoflow/sde';

/** Orders of a metric. */
export interface Orders {
  /** The order in ε, where theory says one. */
  readonly expected?: number;
  /** How much faster the next term falls. */
  readonly next: number;
}

/** Orders by the kind of metric. */
export function ordersOf(model: Model): { readonly strong: Orders; readonly sup: Orders; readonly weak: Orders } {
  const homogenizes = readsName(model, EPSILON);
  const isShared = fastProcesses(model) === null;
  const strong = homogenizes || slowNoiseIsFast(model) ? {} : { expected: 0.5 };
  const weak = homogenizes || isShared ? {} : { expected: 1 };
  const next = homogenizes || isShared ? 0.5 : 1;
  return {
    strong: { ...strong, next },
    // The maximum of a path that is Brownian down to times of size ε, and smooth below.
    sup: { ...strong, next: 0.5 },
    weak: { ...weak, next },
  };
}

/** Order of the step's bias of a path's maximum: ½ where X - X̄ has a Brownian part, which has maxima between any two steps. */
export function supStepOrder(model: Model): number {
  return slowNoiseIsAdditive(model) && !readsName(model, EPSILON) ? 1 : 0.5;
}
