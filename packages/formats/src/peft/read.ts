import type { Adapter } from '@lowrank/core';
import { checkLayers } from './check-layers.js';
import { readPeftConfig } from './read-config.js';
import { readChecked } from './read-peft-folder.js';
import { fromPeft } from './tensor-names.js';

/**
 * Reads the folder that PEFT's `save_pretrained` writes as an adapter that lowrank can apply, Node only. Strict: every
 * tensor is a factor that is used, every pair is whole, ranks are those of the config. A choice of layers by index
 * becomes a list of the whole paths that the file adapts.
 * Throws `file-missing`, `file-invalid`, `config-invalid`, `config-unsupported`, `adapter-mismatch` or `not-finite`.
 */
export async function readPeft(folder: string): Promise<Adapter> {
  const { adapter, weightsPath, looked: config } = await readChecked(folder, readPeftConfig);
  const paths = adapter.entries.map(({ path }) => path);
  const targetModules = checkLayers(weightsPath, paths, adapter.config) ? paths.sort() : config.targetModules;
  const tensors = new Map(adapter.entries.flatMap((entry) => fromPeft(weightsPath, entry)));
  return { config: { ...config, targetModules }, tensors };
}
