/** The command line: what was asked for, told apart from what cannot be meant; every mistake is one sentence and exit code 2. */
import { didYouMean, InputError } from '@ergoflow/input';
import yargs, { type Argv } from 'yargs';
import type { Command } from './commands/command.ts';
import { COMMANDS } from './commands/table.ts';
import { EXIT } from './exitCodes.ts';
import { type Given, OPTIONS, readGiven, variableOf } from './options.ts';
import { COMMAND_LINE } from './place.ts';
import { version } from './version.ts';

/**
 * Runs a command.
 *
 * @param list What follows the program's name.
 * @returns The exit code.
 */
export async function runCommandLine(list: readonly string[]): Promise<number> {
  const isVerbose = list.some((argument) => /^-\w*v\w*$|^--verbose$/.test(argument));
  try {
    return await dispatch(list);
  } catch (error) {
    if (error instanceof InputError) {
      process.stderr.write(`${error.format()}\n`);
      return EXIT.usage;
    }
    const { message, stack, code } = error as NodeJS.ErrnoException;
    // A full disk or a folder without permission is no error of the program; its message names the file.
    process.stderr.write(`${code === undefined ? 'internal error: ' : ''}${isVerbose ? stack : message}\n`);
    return EXIT.failed;
  }
}

async function dispatch(list: readonly string[]): Promise<number> {
  const chosen: { readonly command: Command; readonly given: Given }[] = [];
  const parser = yargs()
    .scriptName('ergoflow')
    .usage('$0 <command>\n\nSlow–fast stochastic models: experiments with honest errors.')
    .version(version)
    .help()
    .alias('help', 'h')
    .locale('en')
    .parserConfiguration({ 'camel-case-expansion': false, 'parse-positional-numbers': false })
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .exitProcess(false)
    .strict()
    .demandCommand(1, 'a command is missing')
    .recommendCommands()
    .epilogue(
      `Every option can be given as an environment variable, such as ${variableOf('jobs')}=4.\nExit codes: 0 done, 1 some tasks failed, 2 wrong input, 75 drained and resumable, 130 and 143 signals.`,
    )
    .fail((message, error) => {
      // What a command throws comes through here as well; only yargs' own complaints are about the command line.
      throw error === undefined || error === null || error.name === 'YError' ? usageError(message ?? error.message, list) : error;
    });
  for (const command of COMMANDS) {
    parser.command(
      command.usage,
      command.about,
      (inner) => describeCommand(inner, command),
      // For a handler that gives a promise yargs lays out its help, which takes longer than all else that it does.
      (parsed) => {
        chosen.push({ command, given: readGiven(parsed, process.env) });
      },
    );
  }
  await parser.parseAsync([...list]);
  for (const { command, given } of chosen) return (await command.load(given))(given);
  return EXIT.done;
}

function describeCommand(parser: Argv, { arguments: named, options, examples }: Command): Argv {
  for (const [name, describe] of Object.entries(named)) parser.positional(name, { type: 'string', describe });
  for (const name of options) {
    const row: { readonly alias?: string; readonly type: 'boolean' | 'string' | 'count'; readonly about: string } = OPTIONS[name];
    parser.option(name, {
      ...(row.alias === undefined ? {} : { alias: row.alias }),
      type: row.type,
      describe: row.about,
      ...(row.type === 'string' ? { requiresArg: true } : {}),
    });
  }
  for (const [line, about] of examples) parser.example(line, about);
  return parser;
}

/** Says what is wrong with the command line, with the nearest name. */
function usageError(message: string, list: readonly string[]): InputError {
  const commands = COMMANDS.map(({ usage }) => usage.split(' ')[0]);
  const command = COMMANDS.find(({ usage }) => usage.split(' ')[0] === list.find((word) => !word.startsWith('-')));
  const unknown = /^Unknown (?:argument|command)s?: ([^,]+)/.exec(message)?.[1];
  if (command === undefined) {
    const word = list.find((one) => !one.startsWith('-'));
    const found = word === undefined ? 'a command is missing' : `unknown command ${JSON.stringify(word)}`;
    return new InputError(`${found}: allowed are ${commands.join(', ')}${word === undefined ? '' : didYouMean(word, commands)}`, COMMAND_LINE);
  }
  if (unknown !== undefined) {
    const names = [...command.options, 'help'];
    const isOption = list.some((word) => word.startsWith('-') && word.replace(/^-+/, '').split('=')[0] === unknown) || unknown.length === 1;
    if (isOption) {
      const written = list.find((word) => word.replace(/^-+/, '').split('=')[0] === unknown) ?? `-${unknown}`;
      const hint = didYouMean(unknown, names).replace(/did you mean (\S+)\?/, 'did you mean --$1?');
      return new InputError(
        `unknown option ${written.split('=')[0]}: allowed are ${names.map((name) => `--${name}`).join(', ')}${hint}`,
        COMMAND_LINE,
      );
    }
    return new InputError(`${JSON.stringify(unknown)} is too much: the command is ${command.usage}`, COMMAND_LINE);
  }
  const lower = message.charAt(0).toLowerCase() + message.slice(1);
  return new InputError(`${lower.split('\n')[0]}: the command is ${command.usage}`, COMMAND_LINE);
}
