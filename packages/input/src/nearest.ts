/** The name that a person most likely meant. */
import { distance } from 'fastest-levenshtein';

/** Longer names are not compared: nobody types them by hand, and the comparison costs length². */
const LONGEST = 100;

/**
 * Finds the name with the smallest edit distance (Levenshtein 1966, but two exchanged neighbours count as one change, a difference in case alone as
 * none); of several the one whose number at the end is nearest, then the first.
 *
 * @param among The allowed names.
 * @returns undefined if every distance is above max(1, length/3).
 */
export function nearest(name: string, among: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of among) {
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    const d = changes(name, candidate) + numberGap(name, candidate);
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

function changes(a: string, b: string): number {
  if (a.toLowerCase() === b.toLowerCase()) return 0;
  return isExchange(a, b) ? 1 : distance(a, b);
}

/** True if `b` is `a` with two neighbours exchanged: the commonest slip of fast hands. */
function isExchange(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let k = 0;
  while (a[k] === b[k]) k += 1;
  return a[k] === b[k + 1] && a[k + 1] === b[k] && a.slice(k + 2) === b.slice(k + 2);
}

/** Below 1, so that it only decides between equal distances: y5 is nearer to y4 than to y1. */
function numberGap(a: string, b: string): number {
  const [, stem, digits] = /^(.*?)(\d*)$/s.exec(a) as unknown as [string, string, string];
  const [, otherStem, otherDigits] = /^(.*?)(\d*)$/s.exec(b) as unknown as [string, string, string];
  if (digits === '' || otherDigits === '' || stem !== otherStem) return 0.99;
  const gap = Math.abs(Number(digits) - Number(otherDigits));
  return gap / (gap + 1.02);
}
