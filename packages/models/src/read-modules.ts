import type { ModelOutline, ModuleInfo } from '@lowrank/core';
import { familyOf } from './families/family.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { openWeights } from './folder/weights.js';
import { checkedOptions, type LoadOptions } from './load-options.js';
import { families, outlined } from './outline-of.js';
import { packings } from './packing.js';

/**
 * The modules of a model, causal or encoder, in forward order, from its config and the weights' header: enough to plan
 * an adapter and know its cost without loading a weight. Throws as `loadModel` does.
 */
export async function readModules(folder: string | ModelFolder, options: LoadOptions = {}): Promise<ModuleInfo[]> {
  return (await readOutline(folder, options)).modules;
}

/** `readModules` with how the modules are put together, which decides what a batch costs. Throws as `loadModel` does. */
export async function readOutline(folder: string | ModelFolder, options: LoadOptions = {}): Promise<ModelOutline> {
  const { quantise } = checkedOptions(options);
  const files = folderOf(folder);
  const family = familyOf(families, await readJson(files, 'config.json'), pathIn(files, 'config.json'));
  const weights = await openWeights(files, family);
  await weights.close();
  const there = family.specs.filter(({ path }) => !weights.lacks(path));
  return outlined({ ...family, specs: there }, packings(quantise, weights));
}
