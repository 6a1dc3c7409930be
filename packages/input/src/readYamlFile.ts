/** YAML files; the only place in this package that touches the disk. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TextDecoder } from 'node:util';
import { type Document, LIMITS } from './document.ts';
import { InputError } from './inputError.ts';
import { nearest } from './nearest.ts';
import { readYaml, tooLarge } from './readYaml.ts';

/**
 * Reads a YAML file.
 *
 * @param path As the user named it; messages repeat it.
 * @throws InputError if it is missing (with the nearest name in its folder), a folder, unreadable, too large or not UTF-8, and as {@link readYaml}.
 */
export function readYamlFile(path: string): Document {
  const bytes = readBytes(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new InputError('the file is not UTF-8 text: save it as UTF-8', { file: path, line: 0, column: 0 }, { cause });
  }
  return readYaml(text, path);
}

/** Looks at the size before it reads, so that a file of any size is refused at once. */
function readBytes(path: string): Uint8Array {
  const place = { file: path, line: 0, column: 0 };
  try {
    // Reading a pipe would wait for its writer, so what it is is asked first.
    const status = statSync(path);
    if (status.isDirectory()) throw new InputError('this is a folder: a YAML file is needed', place);
    if (!status.isFile()) throw new InputError('this is not a regular file: a YAML file is needed', place);
    if (status.size > LIMITS.bytes) throw tooLarge(status.size, path);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const code = (cause as { code?: unknown }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ERR_INVALID_ARG_VALUE') {
      throw new InputError(`this file does not exist${suggestion(path)}`, place, { cause });
    }
    throw new InputError(`this file cannot be read (${String(code)})`, place, { cause });
  }
}

function suggestion(path: string): string {
  try {
    const near = nearest(basename(path), readdirSync(dirname(path)));
    return near === undefined ? '' : `; did you mean ${join(dirname(path), near)}?`;
  } catch {
    return '';
  }
}
