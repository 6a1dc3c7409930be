/** The system's C compiler: where it is, how it is called, and what tells its results from those of another one. */
import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';
import { env, kill, platform } from 'node:process';

/** A compiler that was found. */
export interface Compiler {
  /** The program and its first arguments (a wrapper's compiler). */
  readonly command: readonly string[];
  /** Flags of the user's: they may replace those that are about speed. */
  readonly flags: readonly string[];
  /** Changes when the compiler or the processor does. */
  readonly identity: string;
}

/** Why there is no library. */
export interface Failure {
  readonly reason: string;
  /** True if the next attempt, with another source, would fare no better. */
  readonly lasting: boolean;
}

/** What may be replaced: speed, not bits. */
const SPEED: readonly string[] = ['-std=gnu11', '-O2', '-march=native', '-w'];

/** Traps and errno, which nothing here looks at, are given up; infinities and NaN are not. */
const MEANING: readonly string[] = ['-fno-fast-math', '-fno-math-errno', '-fno-trapping-math', '-fPIC', '-shared'];

/** `exact` keeps IEEE-754 arithmetic as written; `contracted` allows a multiplication and an addition to be rounded together. */
export type Arithmetic = 'exact' | 'contracted';

const BITS: Readonly<Record<Arithmetic, readonly string[]>> = {
  exact: [...MEANING, '-ffp-contract=off'],
  contracted: [...MEANING, '-ffp-contract=fast'],
};

/** All flags of ours. */
export const flagsOf = (arithmetic: Arithmetic): readonly string[] => [...SPEED, ...BITS[arithmetic]];

/** A compiler that needs longer, in milliseconds, counts as hanging. */
export const PATIENCE = 60_000;

/**
 * Finds the compiler: `ERGOFLOW_CC` (a command; it may have flags, such as `gcc -march=x86-64-v3`), else the first of cc, gcc, clang in the PATH.
 *
 * @returns The compiler, or the reason why there is none.
 */
export function findCompiler(): Compiler | string {
  const asked = env.ERGOFLOW_CC?.trim();
  const candidates = asked ? [asked.split(/\s+/)] : [['cc'], ['gcc'], ['clang']];
  for (const [name, ...rest] of candidates) {
    const path = findProgram(name);
    if (path === undefined) continue;
    const [flags, words] = [rest.filter((word) => word.startsWith('-')), rest.filter((word) => !word.startsWith('-'))];
    return { command: [path, ...words], flags, identity: identityOf(path, rest) };
  }
  return asked ? `ERGOFLOW_CC names no program that can be run: ${asked}` : 'no C compiler (cc, gcc or clang) was found in the PATH';
}

/** The first line of what the compiler says about its version. */
export function versionOf({ command: [name, ...rest] }: Compiler): string {
  const { stdout } = spawnSync(name, [...rest, '--version'], { encoding: 'utf8', timeout: PATIENCE, stdio: ['ignore', 'pipe', 'ignore'] });
  return stdout?.split('\n')[0] || 'unknown version';
}

/**
 * Compiles a source to a library.
 *
 * @param patience Milliseconds after which the compiler is killed.
 * @returns Undefined, or the reason why it failed.
 */
export function compileLibrary(
  { command: [name, ...words], flags: own }: Compiler,
  source: string,
  library: string,
  arithmetic: Arithmetic = 'exact',
  patience: number = PATIENCE,
): Failure | undefined {
  const run = (speed: readonly string[]) => {
    const options: SpawnSyncOptionsWithStringEncoding & { readonly detached: boolean } = {
      encoding: 'utf8',
      timeout: patience,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: platform !== 'win32',
    };
    const ended = spawnSync(name, [...words, ...speed, ...own, ...BITS[arithmetic], '-o', library, source], options);
    if (ended.error !== undefined || ended.signal !== null) killGroup(ended.pid);
    return ended;
  };
  let result = run(SPEED);
  // Clang has no -march=native on some processors; without it the code is slower and the bits are the same.
  if (result.status !== 0 && /march/.test(result.stderr ?? '')) result = run(SPEED.filter((flag) => !flag.startsWith('-march')));
  if (result.status === 0 && existsSync(library)) return undefined;
  const { error, signal, status, stderr } = result;
  const failure = (how: string, lasting: boolean): Failure => ({ reason: `the C compiler ${name} ${how}`, lasting });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT') return failure(`took more than ${patience / 1000} seconds`, true);
  if (error !== undefined) return failure(`could not be started: ${error.message}`, true);
  if (signal !== null) return failure(`was killed by ${signal}`, true);
  return failure(`failed with status ${status}: ${firstLine(stderr)}`, false);
}

/** A compiler is several programs: those that it started go with it. It was started detached, as the first of a group of its own. */
function killGroup(leader: number): void {
  // 0 is the group of this process, and means here that nothing was started.
  if (!(leader > 0)) return;
  try {
    kill(-leader, 'SIGKILL');
  } catch {
    // Nobody is left, or the system has no groups.
  }
}

const firstLine = (text: string): string => text.split('\n').find((line) => /error/i.test(line)) ?? text.split('\n')[0];

function findProgram(name: string): string | undefined {
  const names = platform === 'win32' ? [name, `${name}.exe`] : [name];
  const folders = /[\\/]/.test(name) ? [''] : (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((each) => (folder === '' ? each : join(folder, each)))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A compiler's file changes with its version, so it need not be asked; what `native` means is the processor's. */
function identityOf(path: string, rest: readonly string[]): string {
  const real = realpathSync(path);
  const { size, mtimeMs } = statSync(real);
  return JSON.stringify([real, ...rest, size, mtimeMs, process.arch, processor()]);
}

function processor(): string {
  const name = cpus()[0]?.model ?? '';
  try {
    const text = readFileSync('/proc/cpuinfo', 'utf8');
    return `${name} ${/^(?:flags|Features)\s*:.*$/m.exec(text)?.[0] ?? ''}`;
  } catch {
    return name;
  }
}
