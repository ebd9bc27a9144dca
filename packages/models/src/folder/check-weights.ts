import { LowrankError, nearest } from '@lowrank/core';
import type { SafetensorsFile } from '@lowrank/formats';
import { tensorsOf, type ModuleSpec } from '../module-spec.js';
import type { ModelFolder } from './model-folder.js';

const floats = ['F32', 'F16', 'BF16'];

/** Buffers that old checkpoints carry and no reader needs. */
const ignored =
  /\.rotary_emb\.inv_freq$|^(bert\.)?embeddings\.position_ids$|^(transformer\.)?h\.\d+\.attn\.(masked_)?bias$/;

/** A tensor that some file holds. */
interface Found {
  file: string;
  dtype: string;
  shape: readonly number[];
}

/** Checks that the files together hold each tensor that `specs` need once, and no other. Throws `file-invalid`. */
export function checkWeights(folder: ModelFolder, files: SafetensorsFile[], specs: ModuleSpec[]): void {
  const there = tensorsIn(files);
  const needed = new Map(specs.flatMap(tensorsOf).map(({ name, shape }) => [name, shape]));
  for (const [name, shape] of needed) {
    const found = there.get(name);
    if (!found) {
      throw refused(`${folder.name}: no tensor "${name}"`, 'config.json asks for it', near(name, there, needed));
    }
    checkOne(name, found, shape);
  }
  // A tied head's own copy is the table again.
  const tied = new Set(specs.flatMap((spec) => (spec.kind === 'tied-head' ? [`${spec.path}.weight`] : [])));
  for (const [name, { file }] of there) {
    if (needed.has(name) || tied.has(name) || ignored.test(name)) continue;
    throw refused(`${file}: tensor "${name}"`, 'nothing in config.json uses it', near(name, needed, there));
  }
}

function tensorsIn(files: SafetensorsFile[]): Map<string, Found> {
  const there = new Map<string, Found>();
  for (const { name: file, tensors } of files) {
    for (const [name, { dtype, shape }] of tensors) {
      const first = there.get(name);
      if (first) throw refused(`${file}: tensor "${name}"`, `${first.file} holds it too`, 'fetch the shards again');
      there.set(name, { file, dtype, shape });
    }
  }
  return there;
}

function checkOne(name: string, { file, dtype, shape }: Found, expected: number[]): void {
  if (shape.join() !== expected.join()) {
    const given = `${file}: "${name}" is [${shape.join(', ')}]`;
    throw refused(given, `config.json makes it [${expected.join(', ')}]`, 'take the config.json of these weights');
  }
  if (!floats.includes(dtype)) {
    throw refused(`${file}: "${name}" is ${dtype}`, `weights are ${floats.join(', ')}`, 'convert the model first');
  }
}

/** Names among `these` that `those` lack, for one of them is likelier what `name` became; else any of `these`. */
function near(name: string, these: Map<string, unknown>, those: Map<string, unknown>): string {
  const alone = [...these.keys()].filter((key) => !those.has(key));
  const names = nearest(name, alone.length > 0 ? alone : these.keys());
  return names.length > 0 ? `nearest here: ${names.join(', ')}` : 'fetch the weights again';
}

function refused(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix });
}
