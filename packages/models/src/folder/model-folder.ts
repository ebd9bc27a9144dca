import { LowrankError } from '@lowrank/core';
import { fileSource, type ByteSource } from '@lowrank/formats';
import type { JsonObject } from '../families/config-reader.js';

/** Where a model's files come from: a folder on disk, or a browser's fetch or OPFS. */
export interface ModelFolder {
  /** For messages. */
  name: string;
  /** The file of that name, or undefined when there is none. */
  open(file: string): Promise<ByteSource | undefined>;
}

/** A folder on disk (Node only); anything that is already a `ModelFolder` stays as it is. */
export function folderOf(folder: string | ModelFolder): ModelFolder {
  if (typeof folder !== 'string') return folder;
  return {
    name: folder,
    async open(file) {
      const { join } = await import('node:path');
      const { stat } = await import('node:fs/promises');
      const path = join(folder, file);
      const found = await stat(path).catch(() => undefined);
      return found?.isFile() ? await fileSource(path) : undefined;
    },
  };
}

/** The bytes of a file, or undefined when it is not there. */
export async function readBytes(folder: ModelFolder, file: string): Promise<Uint8Array | undefined> {
  const source = await folder.open(file);
  if (!source) return undefined;
  try {
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}

/** A JSON object from a file. Throws `file-missing`, or `file-invalid` when it is not one. */
export async function readJson(folder: ModelFolder, file: string): Promise<JsonObject> {
  const bytes = await readBytes(folder, file);
  if (!bytes) throw missing(folder, [file]);
  const value = parse(new TextDecoder().decode(bytes));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new LowrankError('file-invalid', {
    given: pathIn(folder, file),
    rule: 'it must hold one JSON object',
    fix: 'fetch or write the file again',
  });
}

/** `file-missing`, listing what was looked for. */
export function missing(folder: ModelFolder, files: string[]): LowrankError {
  return new LowrankError('file-missing', {
    given: `"${folder.name}"`,
    rule: `a model folder needs ${files.join(' or ')}, and it has none`,
    fix: 'check the path: it names the folder that holds config.json, model.safetensors and tokenizer.json',
  });
}

export const pathIn = (folder: ModelFolder, file: string) => `${folder.name}/${file}`;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
