import { LowrankError } from '@lowrank/core';
import { fileSource, parseJsonObject, type ByteSource, type JsonObject } from '@lowrank/formats';
import { ggufFolder } from '../gguf/gguf-folder.js';

/** Where a model's files come from: a folder on disk, or a browser's fetch or OPFS. */
export interface ModelFolder {
  /** For messages. */
  name: string;
  /** The file of that name, or undefined when there is none. */
  open(file: string): Promise<ByteSource | undefined>;
  /** Opens the GGUF file that the weights are in, where no safetensors file has them: see `ggufFolder`. */
  openGguf?: (() => Promise<ByteSource>) | undefined;
}

/** A folder or `.gguf` file on disk (Node only); anything that is already a `ModelFolder` stays as it is. */
export function folderOf(folder: string | ModelFolder): ModelFolder {
  if (typeof folder !== 'string') return folder;
  if (folder.toLowerCase().endsWith('.gguf')) return ggufFolder(folder);
  const open = (file: string) =>
    fileSource(pathIn({ name: folder }, file)).catch((error: unknown) => {
      if (LowrankError.is(error, 'file-missing')) return undefined;
      throw error;
    });
  return { name: folder, open };
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
  const json = await readJsonIfThere(folder, file);
  if (json) return json;
  throw missing(folder, [file]);
}

/** A JSON object from a file, or undefined when there is no such file. Throws `file-invalid`. */
export async function readJsonIfThere(folder: ModelFolder, file: string): Promise<JsonObject | undefined> {
  const bytes = await readBytes(folder, file);
  return bytes && parseJsonObject(pathIn(folder, file), bytes);
}

/** `file-missing`, listing what was looked for. */
export function missing(folder: ModelFolder, files: string[]): LowrankError {
  return new LowrankError('file-missing', {
    given: `"${folder.name}"`,
    rule: `a model folder needs ${files.join(' or ')}, and it has none`,
    fix: 'check the path: it names the folder that holds config.json, model.safetensors and tokenizer.json',
  });
}

/** What messages call a file of a folder. */
export function pathIn({ name }: Pick<ModelFolder, 'name'>, file: string): string {
  return `${name.replace(/\/$/, '')}/${file}`;
}
