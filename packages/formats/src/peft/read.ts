import type { Adapter, LoraConfig } from '@lowrank/core';
import { checkLayers } from './check-layers.js';
import { readPeftConfig } from './read-config.js';
import { readChecked } from './read-folder.js';
import { fromPeft } from './tensor-names.js';

/**
 * Reads the folder that PEFT's `save_pretrained` writes as an adapter that lowrank can apply, Node only. Strict: every
 * tensor is a factor that is used, every pair is whole, ranks are those of the config. A choice of layers by index
 * becomes a list of the whole paths that the file adapts.
 * Throws `file-missing`, `file-invalid`, `config-invalid`, `config-unsupported`, `adapter-mismatch` or `not-finite`.
 */
export async function readPeft(folder: string): Promise<Adapter> {
  let found: LoraConfig | undefined;
  const read = await readChecked(folder, (file, json) => {
    found = readPeftConfig(file, json);
  });
  const config = found as LoraConfig;
  const paths = read.entries.map(({ path }) => path);
  const targetModules = checkLayers(read.weightsPath, paths, read.config) ? paths.sort() : config.targetModules;
  const tensors = new Map(read.entries.flatMap((entry) => fromPeft(read.weightsPath, entry)));
  return { config: { ...config, targetModules }, tensors };
}
