/** Minus the entropy, E ln q(y): prefers wide laws. Depends on the units of y, and has no lower bound; relative entropy has both. */
import { densityOf, type Penalty } from './penalty.ts';

/** Makes the penalty. */
export const entropy: Penalty = (_, { logDensity, mean }) => mean(densityOf(logDensity, 'entropy'));
