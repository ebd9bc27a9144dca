import { LowrankError } from '@lowrank/core';
import { writeFolder } from '@lowrank/formats';
import { checkClassNames } from './check-class-names.js';
import { configClassNames } from './families/class-names.js';
import { labelMaps } from './families/classifier-config.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';

const file = 'classes.json';

/**
 * Writes the names of a classifier's classes beside its adapter, as `classes.json`: `id2label` and `label2id` as a
 * transformers config has them. Not as a `config.json`, for transformers takes a folder with one for a whole model.
 * Node only.
 *
 * @throws `config-invalid` for fewer than two names or one twice; `file-unwritable`
 */
export async function writeClassNames(folder: string, classNames: readonly string[]): Promise<void> {
  await writeFolder(folder, encodeClassNames(classNames));
}

/** That file's bytes by its name, to be written with the adapter's own as one. Throws `config-invalid`. */
export function encodeClassNames(classNames: readonly string[]): Map<string, Uint8Array> {
  checkClassNames(classNames);
  const text = `${JSON.stringify(labelMaps(classNames), undefined, 2)}\n`;
  return new Map([[file, new TextEncoder().encode(text)]]);
}

/** What `writeClassNames` wrote. Throws `file-missing` or `file-invalid`. */
export async function readClassNames(folder: string | ModelFolder): Promise<string[]> {
  const files = folderOf(folder);
  const json = await readJson(files, file);
  const names = configClassNames(json, pathIn(files, file));
  try {
    checkClassNames(names);
    return names;
  } catch (error) {
    if (!LowrankError.is(error)) throw error;
    const { rule, fix } = error;
    throw new LowrankError('file-invalid', { given: pathIn(files, file), rule, fix, cause: error });
  }
}
