import type { ModuleInfo, PlainTensor } from '@lowrank/core';
import { transposed } from '@lowrank/formats';
import { causalFamilies, encoderFamilies, familyOf, type Families } from './families/family.js';
import { folderOf, pathIn, readJson, type ModelFolder } from './folder/model-folder.js';
import { openWeights } from './folder/weights.js';
import { infoOf } from './module-spec.js';

/** A model's files, open: its modules, and its tensors to be read one at a time. */
export interface ModelWeights {
  /** For messages. */
  name: string;
  /** In forward order. */
  modules: ModuleInfo[];
  /** Float32 values of the tensor of that name, in the shape that Hugging Face's files have, owned by the caller. */
  read(name: string): Promise<PlainTensor>;
  /** The weight of the linear at `path` as layers have it, `[in, out]`, owned by the caller. */
  linear(path: string): Promise<PlainTensor>;
  close(): Promise<void>;
}

const families: Families<unknown> = { ...causalFamilies, ...encoderFamilies };

/**
 * Opens a folder or `.gguf` file, causal or encoder, whose weights are then read as they are asked for, with no backend.
 * The caller closes it. Throws as `loadModel` does, and leaves nothing open.
 */
export async function openModelWeights(folder: string | ModelFolder): Promise<ModelWeights> {
  const files = folderOf(folder);
  const family = familyOf(families, await readJson(files, 'config.json'), pathIn(files, 'config.json'));
  const weights = await openWeights(files, family);
  const there = family.specs.filter(({ path }) => !weights.lacks(path));
  const modules = there.map((spec) => infoOf(spec));
  const lyingAcross = new Set(modules.flatMap(({ path, fanInFanOut }) => (fanInFanOut ? [path] : [])));
  return {
    name: files.name,
    modules,
    read: (name) => weights.read(name),
    linear: async (path) => {
      const weight = await weights.read(`${path}.weight`);
      return lyingAcross.has(path) ? weight : transposed(weight);
    },
    close: () => weights.close(),
  };
}
