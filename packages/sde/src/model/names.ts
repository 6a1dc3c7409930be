/** Which names a model may give to its variables, parameters and processes. */
import { type Document, didYouMean, InputError, isForbiddenKey, type Path, quoted } from '@ergoflow/input';
import { FUNCTIONS } from '@ergoflow/kernels';

/** Names that mean something in every expression or model file. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['i', 't', 'pi', 'e', 'if', 'and', 'or', 'not', 'epsilon', 'true', 'false', 'unknown', 'stationary', 'noise', 'processes'],
  ...['sum', 'mean', 'dot', 'norm'],
  ...Object.keys(FUNCTIONS),
]);

/** The names of one model, as they are taken. */
export interface Names {
  /** Takes a name for something; the path is of the key that gives it, or of the text. */
  take(name: string, what: 'variable' | 'parameter' | 'table', path: Path): void;
  /** Checks a process's name, which a variable may have too, a parameter not. */
  process(name: string, path: Path, part: 'key' | 'value'): void;
}

/**
 * Starts with no names taken.
 *
 * @throws InputError from its methods for names that are malformed, reserved or taken.
 */
export function namesOf(document: Document): Names {
  const taken = new Map<string, 'variable' | 'parameter' | 'table'>();

  function form(name: string, what: string, path: Path, part: 'key' | 'value'): void {
    const place = document.placeOf(path, part);
    if (name.length > 60) throw new InputError(`the name of a ${what} has ${name.length} characters: at most 60 are allowed`, place);
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
      throw new InputError(`${quoted(name)} is not a name for a ${what}: a letter comes first, then letters, digits and underscores`, place);
    }
    if (RESERVED.has(name) || isForbiddenKey(name))
      throw new InputError(`${quoted(name)} cannot be the name of a ${what}: it has a meaning of its own`, place);
  }

  return {
    take(name, what, path) {
      form(name, what, path, 'key');
      const before = taken.get(name);
      if (before !== undefined)
        throw new InputError(`${what} ${quoted(name)} has the name of another ${before}: names must differ`, document.placeOf(path, 'key'));
      taken.set(name, what);
    },
    process(name, path, part) {
      form(name, 'process', path, part);
      if (taken.get(name) === 'parameter') {
        const variables = [...taken].filter(([, what]) => what === 'variable').map(([known]) => known);
        const hint = didYouMean(name, variables);
        throw new InputError(`process ${quoted(name)} has the name of a parameter: names must differ${hint}`, document.placeOf(path, part));
      }
    },
  };
}
