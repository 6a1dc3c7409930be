/** σσᵀ of a model whose slow noise does not see the fast variables. */
import { type Model, slowNoiseIsAdditive } from '@ergoflow/sde';
import { slowCoefficients } from '../equations/coefficients.ts';
import { evaluateCoefficients } from '../equations/evaluateCoefficients.ts';
import type { KnownDiffusion } from './covariance.ts';

/**
 * Gives σσᵀ(x; θ) as the statistics want it.
 *
 * @throws TypeError if the noise depends on fast variables.
 */
export function knownDiffusion(model: Model, parameters: ReadonlyMap<string, number>): KnownDiffusion {
  if (slowCoefficients(model).diffusionIsFast) throw new TypeError(`the slow noise of ${model.name} must not depend on fast variables`);
  const fast = model.fast.flatMap(({ size }) => Array.from({ length: size }, () => new Float64Array(1)));
  const at = (slow: readonly Float64Array[]): readonly Float64Array[] =>
    evaluateCoefficients({ model, parameters, slow, fast, want: 'diffusion' }).diffusion;
  if (!slowNoiseIsAdditive(model)) return { kind: 'states', at };
  const anywhere = model.slow.flatMap(({ size }) => Array.from({ length: size }, () => new Float64Array(1)));
  return { kind: 'constant', entries: at(anywhere).map(([value]) => value) };
}
