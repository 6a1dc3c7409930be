/** Offsets of a text as lines and columns. */
import type { Place } from './place.ts';

/** Turns offsets (from 0) into places; offsets outside the text are brought to its ends. */
export type PlaceAt = (offset: number) => Place;

/** Indexes a text's lines, which end with \n or \r\n. Cost: the length of the text, then log(lines) a place. */
export function placesIn(text: string, file: string): PlaceAt {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const inside = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= inside) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: inside - starts[low] + 1 };
  };
}
