import type { CausalModel } from './causal-model.js';
import { familyOf } from './families/family.js';
import { buildModule } from './folder/build-module.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { openWeights } from './folder/weights.js';
import type { OwnedModule } from './module.js';

/**
 * Loads a Hugging Face folder (`config.json` with `model.safetensors`, or shards and their index) on the
 * active backend. Weights of F32, F16 or BF16 are kept as float32, linears as `[in, out]`.
 *
 * @param folder a path (Node), or where to read files from
 * @returns a model that the caller disposes
 * @throws `file-missing`, `file-invalid` or `model-unsupported`; nothing is left behind
 */
export async function loadModel(folder: string | ModelFolder): Promise<CausalModel> {
  const files = folderOf(folder);
  const family = familyOf(await readJson(files, 'config.json'), pathIn(files, 'config.json'));
  const weights = await openWeights(files, family.specs);
  const modules = new Map<string, OwnedModule>();
  try {
    for (const spec of family.specs) modules.set(spec.path, await buildModule(spec, weights, modules));
  } catch (error) {
    for (const module of modules.values()) module.dispose();
    throw error;
  } finally {
    await weights.close();
  }
  return family.create(modules);
}
