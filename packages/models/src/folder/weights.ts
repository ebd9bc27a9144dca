import type { PlainTensor } from '@lowrank/core';
import { openSafetensors, type SafetensorsFile } from '@lowrank/formats';
import type { ModuleSpec } from '../module-spec.js';
import { checkWeights } from './check-weights.js';
import { freshHeads, type FreshHeads } from './fresh-heads.js';
import { withFullNames } from './full-names.js';
import { missing, pathIn, readJsonIfThere, type ModelFolder } from './model-folder.js';
import { shardNames } from './shard-names.js';

const single = 'model.safetensors';
const index = `${single}.index.json`;

/** A model's tensors, in one file or many; it holds their files open. */
export interface Weights {
  /** Float32 values of a tensor that `checkWeights` found good. */
  read(name: string): Promise<PlainTensor>;
  close(): Promise<void>;
}

/**
 * Opens `model.safetensors`, or the shards that its index names, and checks that they hold exactly what
 * `specs` need, but for heads that `fresh` makes. Reads headers only. Throws `file-missing` or `file-invalid`, and leaves
 * nothing open.
 */
export async function openWeights(folder: ModelFolder, specs: ModuleSpec[], fresh?: FreshHeads): Promise<Weights> {
  const files: SafetensorsFile[] = [];
  let made = new Map<string, PlainTensor>();
  const close = async () => void (await Promise.all(files.map((file) => file.close())));
  try {
    await openFiles(folder, files, specs);
    if (fresh) made = freshHeads(specs, files, fresh);
    checkWeights(
      folder,
      files,
      specs.filter(({ path }) => !made.has(`${path}.weight`)),
    );
  } catch (error) {
    await close();
    throw error;
  }
  const fileWith = (name: string) => files.find((file) => file.tensors.has(name)) as SafetensorsFile;
  return { read: async (name) => made.get(name) ?? fileWith(name).read(name), close };
}

/** @param opened where each file goes as soon as it is open */
async function openFiles(folder: ModelFolder, opened: SafetensorsFile[], specs: ModuleSpec[]): Promise<void> {
  const source = await folder.open(single);
  if (source) {
    opened.push(withFullNames(await openSafetensors(source), specs));
    return;
  }
  const json = await readJsonIfThere(folder, index);
  if (!json) throw missing(folder, [single, index]);
  for (const shard of shardNames(pathIn(folder, index), json)) {
    const source = await folder.open(shard);
    if (!source) throw missing(folder, [`${shard} (named in ${index})`]);
    opened.push(withFullNames(await openSafetensors(source), specs));
  }
}
