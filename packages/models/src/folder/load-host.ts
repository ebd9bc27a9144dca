import type { BlockFormat } from '@lowrank/core';
import { familyOf, type Families } from '../families/family.js';
import { checkedOptions, type LoadOptions } from '../load-options.js';
import { infoOf, type ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { buildModule } from './build-module.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './model-folder.js';
import { openWeights } from './weights.js';

/** Loads a folder as a model of one of `families`; where it throws, nothing is left behind. */
export async function loadHost<Model>(
  families: Families<Model>,
  folder: string | ModelFolder,
  options: LoadOptions,
): Promise<Model> {
  const { quantise } = checkedOptions(options);
  const files = folderOf(folder);
  const { specs, create } = familyOf(families, await readJson(files, 'config.json'), pathIn(files, 'config.json'));
  const modules = await loadModules(files, specs, quantise);
  return create(
    specs.map((spec) => infoOf(spec, quantise)),
    modules,
  );
}

/** Every module by path, one tensor after another: of a quantised model, only one matrix at a time is in float32. */
async function loadModules(
  files: ModelFolder,
  specs: ModuleSpec[],
  quantise: BlockFormat | undefined,
): Promise<Map<string, OwnedModule>> {
  const weights = await openWeights(files, specs);
  const modules = new Map<string, OwnedModule>();
  try {
    for (const spec of specs) modules.set(spec.path, await buildModule(spec, weights, modules, quantise));
    return modules;
  } catch (error) {
    for (const module of modules.values()) module.dispose();
    throw error;
  } finally {
    await weights.close();
  }
}
