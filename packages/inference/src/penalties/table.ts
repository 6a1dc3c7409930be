/** The penalties by name. A new one is its file and one line. */
import type { PenaltyChoice } from '../fit/types.ts';
import { constraint } from './constraint.ts';
import { entropy } from './entropy.ts';
import { moment } from './moment.ts';
import type { Penalty } from './penalty.ts';
import { relativeEntropy } from './relativeEntropy.ts';
import { stationarity } from './stationarity.ts';

type Make<Kind extends PenaltyChoice['kind']> = (choice: Extract<PenaltyChoice, { readonly kind: Kind }>) => Penalty;

/** Makes each penalty of what was chosen. */
export const PENALTIES: { readonly [Kind in PenaltyChoice['kind']]: Make<Kind> } = {
  'relative-entropy': () => relativeEntropy,
  entropy: () => entropy,
  moment: ({ order }) => moment(order),
  stationarity: ({ degree }) => stationarity(degree),
  constraint: ({ function: text, value }) => constraint(text, value),
};

/** Makes a penalty. */
export const penaltyOf = (choice: PenaltyChoice): Penalty => (PENALTIES[choice.kind] as (choice: PenaltyChoice) => Penalty)(choice);
