import { invariant, type PlainTensor } from '@lowrank/core';
import { openSafetensors, type ByteSource, type SafetensorsFile } from '@lowrank/formats';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';
import { checkTensors, type StoredTensors } from './check-tensors.js';
import { freshHeads, holdNothingOf, type FreshHeads } from './fresh-heads.js';
import { missing, pathIn, readJsonIfThere, type ModelFolder } from './model-folder.js';
import { shardNames } from './shard-names.js';
import { underOwnNames, type Naming } from './stored-names.js';
import type { Weights } from './weights.js';

const single = 'model.safetensors';
const index = `${single}.index.json`;

/** Buffers that old checkpoints carry and no reader needs. */
const buffers =
  /\.rotary_emb\.inv_freq$|^(bert\.)?embeddings\.position_ids$|^(transformer\.)?h\.\d+\.attn\.(masked_)?bias$/;

/** `openWeights` for `model.safetensors`, or the shards that its index names. */
export async function safetensorsWeights(folder: ModelFolder, naming: Naming, fresh?: FreshHeads): Promise<Weights> {
  const { specs } = naming;
  const files: SafetensorsFile[] = [];
  let made = new Map<string, PlainTensor>();
  let lacking: ModuleSpec[] = [];
  const close = async () => void (await Promise.all(files.map((file) => file.close())));
  try {
    await openFiles(folder, files, naming);
    lacking = specs.filter((spec) => spec.kind === 'linear' && spec.optional && holdNothingOf(spec, files));
    if (fresh) made = freshHeads(specs, files, fresh);
    const stored = specs.filter((spec) => !lacking.includes(spec) && !made.has(`${spec.path}.weight`));
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
    lacks: (path) => lacking.some((spec) => spec.path === path),
    readPacked: async (name) => invariant(false, `"${name}" is packed in no safetensors file`) as never,
    close,
  };
}

/** @param opened where each file goes as soon as it is open */
async function openFiles(folder: ModelFolder, opened: SafetensorsFile[], naming: Naming): Promise<void> {
  const open = async (source: ByteSource) => {
    const place = opened.push(await openSafetensors(source)) - 1;
    opened[place] = underOwnNames(opened[place] as SafetensorsFile, naming);
  };
  const source = await folder.open(single);
  if (source) return open(source);
  const json = await readJsonIfThere(folder, index);
  if (!json) throw missing(folder, [single, index]);
  for (const shard of shardNames(pathIn(folder, index), json)) {
    const source = await folder.open(shard);
    if (!source) throw missing(folder, [`${shard} (named in ${index})`]);
    await open(source);
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
