import type { EncoderModel } from './encoder-model.js';
import { encoderFamilies } from './families/family.js';
import { loadHost } from './folder/load-host.js';
import type { ModelFolder } from './folder/model-folder.js';
import type { LoadOptions } from './load-options.js';

/**
 * Loads an encoder, today BERT, from a Hugging Face folder as `loadModel` does a causal model.
 *
 * @param folder a path (Node), or where to read files from
 * @returns a model that the caller disposes
 * @throws as `loadModel`; nothing is left behind
 */
export function loadEncoder(folder: string | ModelFolder, options: LoadOptions = {}): Promise<EncoderModel> {
  return loadHost(encoderFamilies, folder, options);
}
