import { LowrankError } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import { checkClassNames } from './check-class-names.js';
import type { EncoderModel } from './encoder-model.js';
import { areGeneric, configClassNames } from './families/class-names.js';
import { classifierConfig, isClassifier } from './families/classifier-config.js';
import { ConfigReader } from './families/config-reader.js';
import { encoderFamilies, familyOf } from './families/family.js';
import { loadHost } from './folder/load-host.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import type { LoadOptions } from './load-options.js';

export interface LoadClassifierOptions extends LoadOptions {
  /** The names of the classes by number. Those that the folder has where they are left out. */
  classNames?: readonly string[] | undefined;
  /** Decides where a fresh head starts. Default 0. */
  seed?: number | undefined;
}

/**
 * Loads an encoder from a Hugging Face folder as a sequence classifier, to be trained with an adapter of task type
 * `SEQ_CLS`, which saves the head along. An encoder without a head gets a fresh one as transformers makes it: weights
 * normal with the config's `initializer_range` (0.02), biases 0, seeded; so does a pooler that it lacks, frozen.
 *
 * @param folder a path (Node), or where to read files from
 * @returns a model that the caller disposes, with the names in its config
 * @throws as `loadEncoder`; `config-invalid` for names that cannot be, are missing, or differ from those of its head
 */
export async function loadClassifier(
  folder: string | ModelFolder,
  { classNames, seed = 0, ...options }: LoadClassifierOptions = {},
): Promise<EncoderModel> {
  if (classNames) checkClassNames(classNames);
  const files = folderOf(folder);
  const file = pathIn(files, 'config.json');
  const json = await readJson(files, 'config.json');
  familyOf(encoderFamilies, json, file);
  const names = chosenNames(json, file, classNames);
  const deviation = new ConfigReader(json, file).positive('initializer_range', 0.02);
  return loadHost(encoderFamilies, files, options, {
    config: classifierConfig(json, names),
    // A classifier's own head must be there: it is not made up.
    fresh: isClassifier(json) ? undefined : { deviation, seed },
  });
}

function chosenNames(json: JsonObject, file: string, wanted: readonly string[] | undefined): readonly string[] {
  if (!isClassifier(json)) {
    if (wanted) return wanted;
    throw refused(`${file}, without a head or names for its classes`, 'a fresh head needs one name for each class');
  }
  const own = configClassNames(json, file);
  if (wanted === undefined || own.join('\n') === wanted.join('\n')) return own;
  if (own.length === wanted.length && areGeneric(own)) return wanted;
  throw refused(`classNames: ${JSON.stringify(wanted)}`, `the head of ${file} tells ${JSON.stringify(own)} apart`);
}

function refused(given: string, rule: string): LowrankError {
  const fix = 'give classNames in the order of their numbers; for other classes start from an encoder without a head';
  return new LowrankError('config-invalid', { given, rule, fix });
}
