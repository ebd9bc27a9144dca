import { invariant, type PlainTensor } from '@lowrank/core';
import { openSafetensors, type SafetensorsFile } from '@lowrank/formats';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';
import { checkTensors, type StoredTensors } from './check-tensors.js';
import { freshHeads, type FreshHeads } from './fresh-heads.js';
import { withFullNames } from './full-names.js';
import { missing, pathIn, readJsonIfThere, type ModelFolder } from './model-folder.js';
import { shardNames } from './shard-names.js';
import type { Weights } from './weights.js';

const single = 'model.safetensors';
const index = `${single}.index.json`;

/** Buffers that old checkpoints carry and no reader needs. */
const buffers =
  /\.rotary_emb\.inv_freq$|^(bert\.)?embeddings\.position_ids$|^(transformer\.)?h\.\d+\.attn\.(masked_)?bias$/;

/** `openWeights` for `model.safetensors`, or the shards that its index names. */
export async function safetensorsWeights(
  folder: ModelFolder,
  specs: ModuleSpec[],
  fresh?: FreshHeads,
): Promise<Weights> {
  const files: SafetensorsFile[] = [];
  let made = new Map<string, PlainTensor>();
  const close = async () => void (await Promise.all(files.map((file) => file.close())));
  try {
    await openFiles(folder, files, specs);
    if (fresh) made = freshHeads(specs, files, fresh);
    const stored = specs.filter(({ path }) => !made.has(`${path}.weight`));
    checkTensors(tensorsIn(folder, files, specs), stored.flatMap(tensorsOf));
  } catch (error) {
    await close();
    throw error;
  }
  const fileWith = (name: string) => files.find((file) => file.tensors.has(name)) as SafetensorsFile;
  return {
    read: async (name) => made.get(name) ?? fileWith(name).read(name),
    packing: () => undefined,
    isFresh: (path) => made.has(`${path}.weight`),
    readPacked: async (name) => invariant(false, `"${name}" is packed in no safetensors file`) as never,
    close,
  };
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

function tensorsIn(folder: ModelFolder, files: SafetensorsFile[], specs: ModuleSpec[]): StoredTensors {
  // A tied head's own copy is the table again.
  const tied = new Set(specs.flatMap((spec) => (spec.kind === 'tied-head' ? [`${spec.path}.weight`] : [])));
  return {
    name: folder.name,
    config: 'config.json',
    found: files.flatMap(({ name: file, tensors }) =>
      Array.from(tensors, ([name, { dtype, shape }]) => ({ file, name, dtype, shape })),
    ),
    dtypes: ['F32', 'F16', 'BF16'],
    isIgnored: (name) => tied.has(name) || buffers.test(name),
  };
}
