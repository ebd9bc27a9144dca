import type { JsonObject } from '@lowrank/formats';
import { familyOf, type Families } from '../families/family.js';
import { checkedOptions, type LoadOptions } from '../load-options.js';
import type { ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { outlined } from '../outline-of.js';
import { packings, type Quantise } from '../packing.js';
import { buildModule } from './build-module.js';
import type { FreshHeads } from './fresh-heads.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './model-folder.js';
import { openWeights, type Weights } from './weights.js';

/** What a folder is loaded as, where it is not just what it says. */
export interface LoadAs {
  /** In the place of its `config.json`. */
  config?: JsonObject | undefined;
  /** Makes heads that its files lack. */
  fresh?: FreshHeads | undefined;
}

/** Loads a folder as a model of one of `families`; where it throws, nothing is left behind. */
export async function loadHost<Model>(
  families: Families<Model>,
  folder: string | ModelFolder,
  options: LoadOptions,
  { config, fresh }: LoadAs = {},
): Promise<Model> {
  const { quantise } = checkedOptions(options);
  const files = folderOf(folder);
  const json = config ?? (await readJson(files, 'config.json'));
  const family = familyOf(families, json, pathIn(files, 'config.json'));
  const make = await family.maker();
  const weights = await openWeights(files, family, fresh);
  try {
    const specs = family.specs.filter(({ path }) => !weights.lacks(path));
    const outline = outlined({ ...family, specs }, packings(quantise, weights));
    const modules = outline.modules.map((info) => ({ ...info, ...(weights.isFresh(info.path) && { fresh: true }) }));
    return make({ ...outline, modules }, await loadModules(weights, specs, quantise));
  } finally {
    await weights.close();
  }
}

/** Every module by path, one tensor after another: of a quantised model, only one matrix at a time is in float32. */
async function loadModules(
  weights: Weights,
  specs: ModuleSpec[],
  quantise: Quantise | undefined,
): Promise<Map<string, OwnedModule>> {
  const modules = new Map<string, OwnedModule>();
  try {
    for (const spec of specs) modules.set(spec.path, await buildModule(spec, weights, modules, quantise));
    return modules;
  } catch (error) {
    for (const module of modules.values()) module.dispose();
    throw error;
  }
}
