import type { CausalModel } from './causal-model.js';
import { familyOf } from './families/family.js';
import { loadModules } from './folder/load-modules.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { checkedOptions, type LoadOptions } from './load-options.js';
import { infoOf } from './module-spec.js';

/**
 * Loads a Hugging Face folder (`config.json` with `model.safetensors`, or shards and their index) on the
 * active backend. Weights of F32, F16 or BF16 are kept as float32, linears as `[in, out]`; or packed, with `quantise`,
 * when a merged adapter's weights are still dense.
 *
 * @param folder a path (Node), or where to read files from
 * @returns a model that the caller disposes
 * @throws `file-missing`, `file-invalid`, `model-unsupported`, `config-invalid`, or `not-finite` for a weight that
 *   cannot be packed; nothing is left behind
 */
export async function loadModel(folder: string | ModelFolder, options: LoadOptions = {}): Promise<CausalModel> {
  const { quantise } = checkedOptions(options);
  const files = folderOf(folder);
  const { specs, create } = familyOf(await readJson(files, 'config.json'), pathIn(files, 'config.json'));
  const modules = await loadModules(files, specs, quantise);
  return create(
    specs.map((spec) => infoOf(spec, quantise)),
    modules,
  );
}
