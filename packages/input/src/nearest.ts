/** The name that a person most likely meant. */
import { distance } from 'fastest-levenshtein';

/** Longer names are not compared: nobody types them by hand, and the comparison costs length². */
const LONGEST = 100;

/**
 * Finds the name with the smallest edit distance (Levenshtein 1966), the first of several; a difference in case alone counts as none.
 *
 * @param among The allowed names.
 * @returns undefined if every distance is above max(1, length/3).
 */
export function nearest(name: string, among: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of among) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const d = candidate.toLowerCase() === name.toLowerCase() ? 0 : distance(name, candidate);
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** Gives `; did you mean y4?`, or nothing where no name is near. */
export function didYouMean(name: string, among: Iterable<string>): string {
  const near = nearest(name, among);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
