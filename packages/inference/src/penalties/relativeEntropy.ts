/**
 * The relative entropy (Kullback–Leibler) to the reference law, KL(q ‖ q₀) = E_q ln (q/q₀) ≥ 0.
 *
 * With weight w the least objective is reached by q ∝ q₀ exp(−u·b/w), so what the data say nothing about stays as in the reference. An empirical law of w
 * independent draws from q₀ is close to q with probability e^{−w KL} (Sanov 1957): the weight counts draws, each worth a nat per nat.
 */
import { densityOf, type Penalty } from './penalty.ts';

/** Makes the penalty. */
export const relativeEntropy: Penalty = (_, { logRatio, mean }) => mean(densityOf(logRatio, 'relative-entropy'));
