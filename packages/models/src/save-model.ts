import { LowrankError, invariant, type PlainTensor } from '@lowrank/core';
import { encodeSafetensors, writeFileAtomic } from '@lowrank/formats';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { CausalModel } from './causal-model.js';
import { folderOf, readBytes, readJson } from './folder/model-folder.js';
import { transposed } from './parts/transposed.js';

export interface SaveModelOptions {
  /** The folder that the model was loaded from: its config and tokenizer are copied. */
  from: string;
  /** The folder to write; made when it is not there, never `from` itself. */
  to: string;
  /** How weights are stored. Default `F32`. */
  dtype?: keyof typeof torchNames;
}

const torchNames = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

const copied = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'tokenizer.model',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
];

/**
 * Writes a model as a Hugging Face folder with the weights it now computes with: merge adapters first,
 * for one that is active but not merged is left out. Each file is written whole or not at all,
 * `config.json` last (Node only).
 *
 * Throws `file-unwritable` when `to` is `from`, or as `readJson` does for the config.
 */
export async function saveModel(model: CausalModel, { from, to, dtype = 'F32' }: SaveModelOptions): Promise<void> {
  const { join } = await import('node:path');
  const { mkdir } = await import('node:fs/promises');
  const source = folderOf(from);
  const config = await readJson(source, 'config.json');
  await refuseSame(from, to);
  const tensors = await effectiveTensors(model);
  await mkdir(to, { recursive: true });
  await writeFileAtomic(
    join(to, 'model.safetensors'),
    encodeSafetensors(tensors, { dtype, metadata: { format: 'pt' } }),
  );
  for (const file of copied) {
    const bytes = await readBytes(source, file);
    if (bytes) await writeFileAtomic(join(to, file), bytes);
  }
  config['dtype' in config ? 'dtype' : 'torch_dtype'] = torchNames[dtype];
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  await writeFileAtomic(join(to, 'config.json'), new TextEncoder().encode(text));
}

/** Every tensor under Hugging Face's name, linears as `[out, in]`. */
async function effectiveTensors(model: CausalModel): Promise<Map<string, PlainTensor>> {
  const tensors = new Map<string, PlainTensor>();
  for (const { path, kind } of model.modules()) {
    if (kind === 'tied-head') continue;
    const { weight, bias } = model.get(path) as { weight?: Tensor; bias?: Tensor };
    invariant(weight, `the module at ${path} shows no weight`);
    const plain = await plainOf(weight);
    tensors.set(`${path}.weight`, kind === 'linear' ? onItsSide(plain) : plain);
    if (bias) tensors.set(`${path}.bias`, await plainOf(bias));
  }
  return tensors;
}

async function plainOf(tensor: Tensor): Promise<PlainTensor> {
  return { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
}

function onItsSide({ shape, data }: PlainTensor): PlainTensor {
  const [rows, columns] = shape as [number, number];
  return { shape: [columns, rows], data: transposed(data, rows, columns) };
}

async function refuseSame(from: string, to: string): Promise<void> {
  const { realpath } = await import('node:fs/promises');
  const there = await realpath(to).catch(() => undefined);
  if (there === undefined || there !== (await realpath(from))) return;
  throw new LowrankError('file-unwritable', {
    given: `"${to}"`,
    rule: 'the model was loaded from this folder, and is not written over itself',
    fix: 'name another folder',
  });
}
