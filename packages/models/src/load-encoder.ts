import type { EncoderModel } from './encoder-model.js';
import { Bert } from './families/bert.js';
import { bertSpecs, parseBertConfig } from './families/bert-config.js';
import { refuseFamily } from './families/family.js';
import { loadModules } from './folder/load-modules.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { checkedOptions, type LoadOptions } from './load-options.js';
import { infoOf } from './module-spec.js';

/**
 * Loads an encoder, today BERT, from a Hugging Face folder as `loadModel` does a causal model.
 *
 * @param folder a path (Node), or where to read files from
 * @returns a model that the caller disposes
 * @throws as `loadModel`; nothing is left behind
 */
export async function loadEncoder(folder: string | ModelFolder, options: LoadOptions = {}): Promise<EncoderModel> {
  const { quantise } = checkedOptions(options);
  const files = folderOf(folder);
  const [json, file] = [await readJson(files, 'config.json'), pathIn(files, 'config.json')];
  if (json['model_type'] !== 'bert') throw refuseFamily(json, file, ['bert']);
  const config = parseBertConfig(json, file);
  const specs = bertSpecs(config);
  const infos = specs.map((spec) => infoOf(spec, quantise));
  return new Bert(config, infos, await loadModules(files, specs, quantise));
}
