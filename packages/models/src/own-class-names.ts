import { areGeneric, configClassNames } from './families/class-names.js';
import { isClassifier } from './families/classifier-config.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';

/**
 * The names of the classes that a model's own head tells apart, by number; undefined where it has no such head, or its
 * classes go by numbers alone. Reads `config.json` only. Throws `file-missing` or `file-invalid`.
 */
export async function ownClassNames(folder: string | ModelFolder): Promise<string[] | undefined> {
  const files = folderOf(folder);
  const json = await readJson(files, 'config.json');
  if (!isClassifier(json)) return undefined;
  const names = configClassNames(json, pathIn(files, 'config.json'));
  return areGeneric(names) ? undefined : names;
}
