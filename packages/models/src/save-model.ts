import { LowrankError, type Host } from '@lowrank/core';
import { isModelWeights, shardedSafetensors, writeFolder, type FloatDtype } from '@lowrank/formats';
import { effectiveTensors } from './folder/effective-tensors.js';
import type { EncoderConfig } from './encoder-model.js';
import { classifierConfig, headlessConfig } from './families/classifier-config.js';
import { folderOf, readBytes, readJson } from './folder/model-folder.js';
import { untiedHead } from './folder/untied-head.js';

export interface SaveModelOptions {
  /** The folder that the model was loaded from: its config and tokenizer are copied. */
  from: string;
  /** The folder to write; made when it is not there, never `from` itself. */
  to: string;
  /** How weights are stored. Default `F32`. */
  dtype?: FloatDtype;
  /** The most bytes that a file of weights gets, if it holds more than one tensor. Default 50e9, Hugging Face's. */
  maxShardSize?: number;
}

const torchNames: Record<FloatDtype, string> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

const copied = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'tokenizer.model',
  'vocab.json',
  'vocab.txt',
  'merges.txt',
  'chat_template.jinja',
];

/**
 * Writes a model as a Hugging Face folder with the weights it computes with: merge an adapter first, or take it off.
 * Tensor after tensor goes to the disk, so that beside the model memory holds one; the same model gives the same bytes.
 * Where an adapter gave a tied embedding another table than the head's, the head is written apart, and no longer tied.
 * Of a quantised base, the values that its packed weights stand for are written, dense as `dtype` says.
 * A classifier's class names go into the config.
 * All files are on the disk before the first takes its name, so a failure leaves an earlier model whole (Node only);
 * weights of an earlier model that have no place in this one go.
 *
 * @throws `adapter-mismatch` for an active adapter that is not merged; `not-finite` for a weight too large for
 *   `dtype`; `file-unwritable`, also when `to` is `from`; `file-missing` or `file-invalid` for `from`'s config
 */
export async function saveModel(model: Host, options: SaveModelOptions): Promise<void> {
  const { from, to, dtype = 'F32', maxShardSize } = options;
  const source = folderOf(from);
  const json = await readJson(source, 'config.json');
  const { classNames } = (model as { config?: Partial<EncoderConfig> }).config ?? {};
  const config = classNames ? classifierConfig(json, classNames) : headlessConfig(json);
  await refuseSame(from, to);
  const sharding = maxShardSize === undefined ? {} : { maxShardSize };
  const files = shardedSafetensors(effectiveTensors(model), { dtype, metadata: { format: 'pt' }, ...sharding });
  for (const file of copied) {
    const bytes = await readBytes(source, file);
    if (bytes) files.set(file, bytes);
  }
  config['dtype' in config ? 'dtype' : 'torch_dtype'] = torchNames[dtype];
  if (untiedHead(model)) config['tie_word_embeddings'] = false;
  files.set('config.json', new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`));
  await writeFolder(to, files, { replaces: isModelWeights });
}

async function refuseSame(from: string, to: string): Promise<void> {
  const { realpath } = await import('node:fs/promises');
  const there = await realpath(to).catch(() => undefined);
  if (there === undefined || there !== (await realpath(from))) return;
  throw new LowrankError('file-unwritable', {
    given: to,
    rule: 'the model was loaded from this folder, and is not written over itself',
    fix: 'name another folder',
  });
}
