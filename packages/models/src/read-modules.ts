import { LowrankError, type ModelOutline, type ModuleInfo } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import { causalFamilies, encoderFamilies, familyOf, type Families } from './families/family.js';
import type { Family } from './families/family-reader.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { openWeights } from './folder/weights.js';
import { checkedOptions, type LoadOptions } from './load-options.js';
import { infoOf } from './module-spec.js';
import { packings, type Packing } from './packing.js';

const families: Families<unknown> = { ...causalFamilies, ...encoderFamilies };

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

export interface OutlineOptions extends LoadOptions {
  /** What messages call the config. Default `config.json`. */
  file?: string;
}

/**
 * A model from its `config.json` alone, of any family that lowrank loads: no weights need be there.
 *
 * @throws `file-invalid`, `model-unsupported`; `config-invalid` for `quantise: 'stored'`, which only a file can tell
 */
export function outlineOf(config: JsonObject, { file = 'config.json', ...options }: OutlineOptions = {}): ModelOutline {
  const { quantise } = checkedOptions(options);
  if (quantise === 'stored') throw unstored(file);
  return outlined(familyOf(families, config, file), packings(quantise, { packing: () => undefined }));
}

function outlined(
  { specs, pass, maxPositions }: Family<unknown>,
  packingOf: (name: string) => Packing | undefined,
): ModelOutline {
  return { modules: specs.map((spec) => infoOf(spec, packingOf)), pass, maxPositions };
}

function unstored(file: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `quantise: "stored" with ${file} alone`,
    rule: 'only the file of the weights tells how they are stored',
    fix: 'give the folder or .gguf file of the weights, or one of int8, nf4, q4, bf16, f16',
  });
}
