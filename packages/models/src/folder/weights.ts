import { LowrankError, nearest, type PlainTensor } from '@lowrank/core';
import { openSafetensors, type SafetensorsFile } from '@lowrank/formats';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';
import { missing, pathIn, readJson, type ModelFolder } from './model-folder.js';

const single = 'model.safetensors';
const index = `${single}.index.json`;
const floats = ['F32', 'F16', 'BF16'];
/** Buffers that old checkpoints carry and no reader needs. */
const ignored = /\.rotary_emb\.inv_freq$/;

/** A model's tensors, in one file or many; it holds their files open. */
export interface Weights {
  /** Float32 values of a tensor that `checkWeights` found good. */
  read(name: string): Promise<PlainTensor>;
  close(): Promise<void>;
}

/**
 * Opens `model.safetensors`, or the shards that its index names, and checks that they hold exactly what
 * `specs` need. Reads headers only. Throws `file-missing` or `file-invalid`.
 */
export async function openWeights(folder: ModelFolder, specs: ModuleSpec[]): Promise<Weights> {
  const files = await openFiles(folder);
  const weights = {
    read: (name: string) => fileWith(files, name).read(name),
    close: async () => void (await Promise.all(files.map((file) => file.close()))),
  };
  try {
    checkWeights(folder, files, specs);
  } catch (error) {
    await weights.close();
    throw error;
  }
  return weights;
}

async function openFiles(folder: ModelFolder): Promise<SafetensorsFile[]> {
  const source = await folder.open(single);
  if (source) return [await openSafetensors(source)];
  if (!(await exists(folder, index))) throw missing(folder, [single, index]);
  const { weight_map: map } = await readJson(folder, index);
  const shards = [...new Set(Object.values((map ?? {}) as Record<string, string>))];
  return Promise.all(shards.map((shard) => openShard(folder, shard)));
}

async function exists(folder: ModelFolder, file: string): Promise<boolean> {
  const source = await folder.open(file);
  await source?.close();
  return source !== undefined;
}

async function openShard(folder: ModelFolder, shard: string): Promise<SafetensorsFile> {
  const source = /^[\w.-]+$/.test(shard) ? await folder.open(shard) : undefined;
  if (!source) throw missing(folder, [`${shard} (named in ${index})`]);
  return openSafetensors(source);
}

function checkWeights(folder: ModelFolder, files: SafetensorsFile[], specs: ModuleSpec[]): void {
  const there = new Map(files.flatMap((file) => [...file.tensors]));
  const needed = new Map(specs.flatMap(tensorsOf).map(({ name, shape }) => [name, shape]));
  const refuse = (given: string, rule: string, fix: string) =>
    new LowrankError('file-invalid', { given: `${pathIn(folder, single)}: ${given}`, rule, fix });
  for (const [name, shape] of needed) {
    const found = there.get(name);
    if (!found) throw refuse(`no tensor "${name}"`, 'config.json asks for it', near(name, there.keys()));
    if (found.shape.join() !== shape.join()) {
      const given = `"${name}" is [${found.shape.join(', ')}]`;
      throw refuse(given, `config.json makes it [${shape.join(', ')}]`, 'take the config.json of these weights');
    }
    if (!floats.includes(found.dtype)) {
      throw refuse(`"${name}" is ${found.dtype}`, `weights are ${floats.join(', ')}`, 'convert the model first');
    }
  }
  const tied = new Set(specs.flatMap((spec) => (spec.kind === 'tied-head' ? [`${spec.path}.weight`] : [])));
  for (const name of there.keys()) {
    if (needed.has(name) || tied.has(name) || ignored.test(name)) continue;
    throw refuse(`tensor "${name}"`, 'nothing in config.json uses it', near(name, needed.keys()));
  }
}

function near(name: string, names: Iterable<string>): string {
  return `nearest here: ${nearest(name, names).join(', ')}`;
}

function fileWith(files: SafetensorsFile[], name: string): SafetensorsFile {
  return files.find((file) => file.tensors.has(name)) as SafetensorsFile;
}
