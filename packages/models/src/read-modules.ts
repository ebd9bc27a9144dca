import type { ModuleInfo } from '@lowrank/core';
import { causalFamilies, encoderFamilies, familyOf, type Families } from './families/family.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { openWeights } from './folder/weights.js';
import { checkedOptions, type LoadOptions } from './load-options.js';
import { infoOf } from './module-spec.js';
import { packings } from './packing.js';

const families: Families<unknown> = { ...causalFamilies, ...encoderFamilies };

/**
 * The modules of a model, causal or encoder, in forward order, from its config and the weights' header: enough to plan
 * an adapter and know its cost without loading a weight. Throws as `loadModel` does.
 */
export async function readModules(folder: string | ModelFolder, options: LoadOptions = {}): Promise<ModuleInfo[]> {
  const { quantise } = checkedOptions(options);
  const files = folderOf(folder);
  const family = familyOf(families, await readJson(files, 'config.json'), pathIn(files, 'config.json'));
  const weights = await openWeights(files, family);
  await weights.close();
  return family.specs
    .filter(({ path }) => !weights.lacks(path))
    .map((spec) => infoOf(spec, packings(quantise, weights)));
}
