/** What a command is: light enough that `--help` loads none of the program. */
import type { Given, OptionName } from '../options.ts';

/** Does the work of a command and gives the exit code. */
export type RunCommand = (given: Given) => number | Promise<number>;

/** One command. */
export interface Command {
  /** As yargs writes it, such as `run <experiment> [overrides..]`. */
  readonly usage: string;
  readonly about: string;
  /** What the arguments in the usage are, by name. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly options: readonly OptionName[];
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  readonly load: (given: Given) => Promise<RunCommand>;
}
