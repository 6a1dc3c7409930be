/**
 * From a character of a YAML text value back to the character of the file.
 *
 * Folding, indentation and line ends change only the white space between the words of a value, so value and source are walked side by side, runs of
 * white space against runs of white space. Where an escape makes them differ otherwise there is no answer.
 */

const isSpace = (text: string, at: number): boolean => {
  const c = text.charCodeAt(at);
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
};

/**
 * Finds the source offset of `value[offset]`; an offset beyond the end gives the place after the last character.
 *
 * @param source The whole file.
 * @param start Offset of the scalar's first character: after the quote, or after the header line of a block scalar.
 * @returns undefined where an escape comes before it. Cost: the length of the value.
 */
export function textOffset(source: string, start: number, value: string, offset: number): number | undefined {
  let s = start;
  let v = 0;
  const target = Math.min(offset, value.length);
  if (v < value.length && !isSpace(value, v)) while (isSpace(source, s)) s += 1;
  while (v < target) {
    if (isSpace(value, v)) {
      if (isSpace(source, s)) s += 1;
      v += 1;
      if (v < value.length && !isSpace(value, v)) while (isSpace(source, s)) s += 1;
    } else {
      if (source.charCodeAt(s) !== value.charCodeAt(v)) return undefined;
      s += 1;
      v += 1;
    }
  }
  return target < value.length && !isSpace(value, target) && source.charCodeAt(s) !== value.charCodeAt(target) ? undefined : s;
}
