/** The YAML library's complaints in our words, with the remedy for what happens to people who write equations. */
import type { ErrorCode } from 'yaml';

const IN_BRACES = 'inside { } and [ ] an expression with , [ ] { } or : must be in quotes';

const MESSAGES: Record<ErrorCode, string> = {
  ALIAS_PROPS: 'an alias (*name) stands with an anchor or a tag, which is not allowed',
  BAD_ALIAS: 'text beginning with * or & is an alias or an anchor in YAML and needs a name: put an expression in quotes',
  BAD_DIRECTIVE: 'a directive (%…) is not known: leave it out',
  BAD_DQ_ESCAPE: 'a \\ in double quotes begins no known escape: use single quotes',
  BAD_INDENT: 'the indentation does not fit: items of one mapping or list must begin in the same column, what they contain further to the right',
  BAD_PROP_ORDER: 'an anchor or a tag must stand before its value',
  BAD_SCALAR_START: 'text begins with a character that means something else in YAML: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a key follows a value: correct the indentation, or put text with ": " in quotes',
  BLOCK_IN_FLOW: `a block stands inside { } or [ ]: ${IN_BRACES}`,
  DUPLICATE_KEY: 'a key is given twice: each is allowed once',
  IMPOSSIBLE: 'this is not YAML',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: `a comma, colon or space is missing: ${IN_BRACES}`,
  MULTILINE_IMPLICIT_KEY: 'a key goes over several lines: is a colon missing?',
  MULTIPLE_ANCHORS: 'a value has two anchors: one is allowed',
  MULTIPLE_DOCS: 'a second document begins: one is allowed in a file',
  MULTIPLE_TAGS: 'a value has two tags: one is allowed',
  NON_STRING_KEY: 'a key is not text: allowed are names',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'a tab indents the line: use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!…) is not known: leave it out, or put text that begins with ! in quotes',
  UNEXPECTED_TOKEN: `this does not belong here: ${IN_BRACES}`,
  BAD_COLLECTION_TYPE: 'a tag does not fit its value: leave it out',
};

/** The library's own words tell apart what its codes do not. */
const SHARPER: readonly (readonly [ErrorCode, RegExp, string])[] = [
  ['BAD_INDENT', /and end with a/, 'a { or [ is not closed before the line that follows it'],
  ['MISSING_CHAR', /quote/, `a quote (" or ') is not closed`],
  [
    'MISSING_CHAR',
    /^Implicit map keys/,
    'this is neither "key: value" nor the continuation of what stands above it: is a colon or an indentation missing?',
  ],
];

/** Says in one sentence what is wrong. */
export function yamlProblem(code: ErrorCode, message = ''): string {
  const sharper = SHARPER.find(([of, pattern]) => of === code && pattern.test(message));
  return sharper?.[2] ?? (Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : MESSAGES.IMPOSSIBLE);
}
