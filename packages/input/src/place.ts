/** Where in a person's input something stands. */

/** A position in a file; line and column count from 1, in UTF-16 code units. */
export interface Place {
  /** The file as the user named it, or `command line`, or `(object)` for data that a program gave. */
  readonly file: string;
  /** Line; 0 where there is none. */
  readonly line: number;
  /** Column; 0 where there is none. */
  readonly column: number;
}

/** The way from a document's root to a value: keys of mappings and indices (from 0) of lists. */
export type Path = readonly (string | number)[];

/** Writes a path as a person would: `slow.x.noise[2]`, indices counted from 1; `the document` for the root. */
export function formatPath(path: Path): string {
  if (path.length === 0) return 'the document';
  return path.map((part, k) => (typeof part === 'number' ? `[${part + 1}]` : `${k === 0 ? '' : '.'}${plainKey(part)}`)).join('');
}

/** Writes a place as `file:line:column`, or the file alone where there is no line. */
export function formatPlace({ file, line, column }: Place): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** Keys come from outside, so odd ones are quoted and long ones cut. */
function plainKey(key: string): string {
  return /^[\w.+-]{1,60}$/.test(key) ? key : JSON.stringify(key.length > 60 ? `${key.slice(0, 57)}…` : key);
}
