/** Words for what was found: values of unknown kind and lists of names, kept short enough for one line. */

/** Most characters of a person's text that a message repeats. */
const LONGEST_TEXT = 60;

/** Most names that a message lists. */
const MOST_NAMES = 30;

/** Quotes text, cut to 60 characters, line breaks and control characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text);
}

/** Says what a value is: `"ten"`, `3`, `an empty list`, `a mapping`, `nothing`. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') return value === '' ? 'empty text' : quoted(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  return `a ${typeof value}`;
}

/** Lists names: `drift, noise, start`; cut after 30. */
export function listed(names: Iterable<string>): string {
  const all = [...names];
  const shown = all.slice(0, MOST_NAMES).join(', ');
  return all.length > MOST_NAMES ? `${shown}, … (${all.length} in all)` : shown;
}
