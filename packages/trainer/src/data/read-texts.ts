import { LowrankError } from '@lowrank/core';
import { parseJsonl, type JsonlOptions } from './jsonl.js';

/** A document and the file it came from. */
export interface SourceText {
  file: string;
  text: string;
}

const plain = ['.txt', '.md'];
const lines = ['.jsonl', '.ndjson'];

/**
 * Reads text to train on, Node only. A `.txt` or `.md` file is one document, a `.jsonl` or `.ndjson` file one a line;
 * of a folder, those files that lie in it, by name.
 *
 * @throws `file-missing`; `data-invalid` for another ending, bytes that are not UTF-8, an empty file or a bad line
 */
export async function readTexts(paths: string[], options: JsonlOptions = {}): Promise<SourceText[]> {
  const files = await Promise.all(paths.map(filesAt));
  const texts = await Promise.all(files.flat().map((file) => textsIn(file, options)));
  return texts.flat();
}

async function filesAt(path: string): Promise<string[]> {
  const [{ readdir, stat }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const kind = await stat(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  if (!kind.isDirectory()) {
    if (endsIn(path, [...plain, ...lines])) return [path];
    throw refused(path, 'text to train on ends in .txt, .md, .jsonl or .ndjson', 'rename or convert the file');
  }
  const entries = await readdir(path, { withFileTypes: true }).catch((cause) =>
    Promise.reject(unreadable(path, cause)),
  );
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const texts = names.filter((name) => !name.startsWith('.') && endsIn(name, [...plain, ...lines])).toSorted();
  if (texts.length > 0) return texts.map((name) => join(path, name));
  throw refused(path, 'the folder holds no .txt, .md, .jsonl or .ndjson file', 'give a folder with text in it');
}

async function textsIn(file: string, options: JsonlOptions): Promise<SourceText[]> {
  const { readFile } = await import('node:fs/promises');
  const bytes = await readFile(file).catch((cause) => Promise.reject(unreadable(file, cause)));
  const content = decoded(bytes, file);
  if (endsIn(file, lines)) return parseJsonl(content, file, options).map((text) => ({ file, text }));
  if (content.trim() === '') throw refused(file, 'it is empty', 'leave it out');
  return [{ file, text: content }];
}

function endsIn(path: string, endings: string[]): boolean {
  return endings.some((ending) => path.toLowerCase().endsWith(ending));
}

/** Drops a byte-order mark. */
function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused(file, 'it is not UTF-8 text', 'convert it to UTF-8', cause);
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): LowrankError {
  if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') {
    return refused(path, `it cannot be read: ${cause.message}`, 'give a file that this user may read', cause);
  }
  return new LowrankError('file-missing', {
    given: path,
    rule: 'there is no such file or folder',
    fix: 'check the path',
    cause,
  });
}

function refused(given: string, rule: string, fix: string, cause?: unknown): LowrankError {
  return new LowrankError('data-invalid', { given, rule, fix, cause });
}
