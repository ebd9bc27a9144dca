import type { BlockFormat } from '@lowrank/core';
import type { ModuleSpec } from '../module-spec.js';
import type { OwnedModule } from '../module.js';
import { buildModule } from './build-module.js';
import type { ModelFolder } from './model-folder.js';
import { openWeights } from './weights.js';

/**
 * Makes every module of `specs` from a folder's weights, one tensor at a time: of a quantised model, no more than one
 * matrix ever stands in float32.
 *
 * @returns modules by path, owned by the caller; where it throws, nothing is left behind
 */
export async function loadModules(
  files: ModelFolder,
  specs: ModuleSpec[],
  quantise?: BlockFormat,
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
