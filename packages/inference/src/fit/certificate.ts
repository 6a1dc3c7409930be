/** What a fit is worth, in plain sentences. */
import type { Certificate } from './types.ts';

/** Nats above the optimum that a fit may lie: below what the data tell (an unconstrained parameter moves the likelihood by ½ nat on average). */
export const ALLOWED_NATS = 1.5;

/** A number as people read it: three digits, no trailing noise. */
const nats = (value: number): string => `${Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1))} nats`;

/** Says what the numbers mean. */
export function sentencesOf(
  certificate: Omit<Certificate, 'sentences'>,
  {
    isFlow,
    weight,
    isConditional,
    restarts,
    information,
  }: { isFlow: boolean; weight: number; isConditional: boolean; restarts: number; information: string },
): string[] {
  const { natsAboveOptimum: above, natsAbovePenalisedOptimum: gap, effectiveDegreesOfFreedom: freedom, plugInBias } = certificate;
  const sentences = [information];
  if (above === null) sentences.push('No optimum is known to compare with: every transition was used as it is.');
  else if (isConditional)
    sentences.push(`The fit is ${nats(above)} above the best drift at the nodes whatever the law, which is no law of a smooth kind.`);
  else sentences.push(`The fit is ${nats(above)} above the best that any law of the fast variables could do without a penalty.`);
  if (gap !== null) {
    const what = weight > 0 ? `the best law under the penalty (${nats(weight)} for a nat of relative entropy)` : 'the best law';
    const verdict = gap <= ALLOWED_NATS ? 'as good as found' : `more than ${ALLOWED_NATS} nats: train longer, or take a richer flow`;
    if (isFlow) sentences.push(`It is ${nats(Math.max(0, gap))} above ${what}, after ${restarts} ${restarts === 1 ? 'run' : 'runs'}: ${verdict}.`);
  }
  sentences.push(
    `Under the penalty the data decide ${Number(freedom.toFixed(1))} degrees of freedom of the drift; all else is as in the reference law.`,
  );
  if (isFlow) sentences.push(`Plugging in the samples' mean would have cost ${nats(plugInBias)} of bias a step.`);
  return sentences;
}
