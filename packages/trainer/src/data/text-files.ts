import { LowrankError } from '@lowrank/core';
import { dataError } from './data-error.js';

/** A file's whole text, without a byte-order mark. */
export interface TextFile {
  file: string;
  content: string;
}

/**
 * Reads the files behind `paths`, Node only: of a folder, those with one of `endings` that lie in it, by name.
 *
 * @param what the files are, for messages
 * @throws `file-missing`; `data-invalid` for another ending, bytes that are not UTF-8 or an empty file
 */
export async function readTextFiles(paths: string[], endings: string[], what: string): Promise<TextFile[]> {
  return Promise.all((await listTextFiles(paths, endings, what)).map(contentOf));
}

/** The files that `readTextFiles` reads. Throws as it does, but for what is in them. */
export async function listTextFiles(paths: string[], endings: string[], what: string): Promise<string[]> {
  return (await Promise.all(paths.map((path) => filesAt(path, endings, what)))).flat();
}

/** Whether a file's name ends in one of `endings`, in capitals or not. */
export function endsIn(path: string, endings: string[]): boolean {
  return endings.some((ending) => path.toLowerCase().endsWith(ending));
}

async function filesAt(path: string, endings: string[], what: string): Promise<string[]> {
  const [{ readdir, stat }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const listed = `${endings.slice(0, -1).join(', ')} or ${endings.at(-1)}`;
  const kind = await stat(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  if (!kind.isDirectory()) {
    if (endsIn(path, endings)) return [path];
    throw dataError(path, `${what} ends in ${listed}`, 'rename or convert the file');
  }
  const entries = await readdir(path, { withFileTypes: true }).catch((cause) =>
    Promise.reject(unreadable(path, cause)),
  );
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const found = names.filter((name) => !name.startsWith('.') && endsIn(name, endings)).toSorted();
  if (found.length > 0) return found.map((name) => join(path, name));
  throw dataError(path, `the folder holds no ${listed} file`, `give a folder with ${what} in it`);
}

async function contentOf(file: string): Promise<TextFile> {
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(file).catch((cause) => Promise.reject(unreadable(file, cause)));
  const content = decoded(bytes, file);
  if (content.trim() === '') throw dataError(file, 'it is empty', 'leave it out');
  return { file, content };
}

/** Drops a byte-order mark. */
function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw dataError(file, `it is not UTF-8 text${lineOf(bytes)}`, 'convert it to UTF-8', cause);
  }
}

/** Where the first bad byte is: the lines before it decode. */
function lineOf(bytes: Uint8Array): string {
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end + 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(from, to));
    } catch {
      return `: line ${line}`;
    }
    from = to;
  }
  return '';
}

function unreadable(path: string, cause: NodeJS.ErrnoException): LowrankError {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') {
    return dataError(path, `it cannot be read: ${cause.message}`, 'give a file that this user may read', cause);
  }
  return new LowrankError('file-missing', {
    given: path,
    rule: 'there is no such file or folder',
    fix: 'check the path',
    cause,
  });
}
