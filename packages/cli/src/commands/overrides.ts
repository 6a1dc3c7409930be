/** Overrides of an experiment: those written, and the options that stand for one. */
import type { Given } from '../options.ts';

/** Lists overrides; the option wins over what is written before it. */
export function overridesOf({ rest, seed }: Given): readonly string[] {
  return seed === null ? rest : [...rest, `seed=${seed}`];
}
