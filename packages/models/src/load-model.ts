import type { CausalModel } from './causal-model.js';
import { causalFamilies } from './families/family.js';
import { loadHost } from './folder/load-host.js';
import { folderOf, type ModelFolder } from './folder/model-folder.js';
import { configWithStops } from './generation-config.js';
import type { LoadOptions } from './load-options.js';

/**
 * Loads a Hugging Face folder (`config.json` with `model.safetensors`, or shards and their index), or a GGUF file, on
 * the active backend. Weights of any type are kept as float32, linears as `[in, out]`; or packed, with `quantise`, when
 * a merged adapter's weights are still dense. What ends a text is as `generation_config.json` says, where it says so.
 *
 * @param folder a path (Node), or where to read files from
 * @returns a model that the caller disposes
 * @throws `file-missing`, `file-invalid`, `model-unsupported`, `config-invalid`, or `not-finite` naming the tensor
 *   that holds what is no number; nothing is left behind
 */
export async function loadModel(folder: string | ModelFolder, options: LoadOptions = {}): Promise<CausalModel> {
  const files = folderOf(folder);
  return loadHost(causalFamilies, files, options, { config: await configWithStops(files) });
}
