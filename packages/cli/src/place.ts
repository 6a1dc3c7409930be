/** Where what was typed stands: commands and options have no line and column of their own. */
import type { Place } from '@ergoflow/input';

/** The command line as a whole. */
export const COMMAND_LINE: Place = { file: 'command line', line: 0, column: 0 };
