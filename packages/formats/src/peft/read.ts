import { LowrankError, type Adapter } from '@lowrank/core';
import { readJsonObject } from '../io/json.js';
import { fileSource, type ByteSource } from '../io/source.js';
import { openSafetensors } from '../safetensors/read.js';
import { checkFactors } from '../adapter/check-factors.js';
import { configFile, weightsFile } from './files.js';
import { readPeftConfig } from './read-config.js';
import { fromPeft, parsePeftName } from './tensor-names.js';

/**
 * Reads the folder that PEFT's `save_pretrained` writes, Node only. Strict: every tensor is a factor that is used,
 * every pair is whole, and ranks are those of the config.
 * Throws `file-missing`, `file-invalid`, `config-invalid`, `config-unsupported` or `adapter-mismatch`.
 */
export async function readPeft(folder: string): Promise<Adapter> {
  const { join } = await import('node:path');
  const configPath = join(folder, configFile);
  const config = readPeftConfig(configPath, await readJsonObject(configPath));
  const file = await openSafetensors(await openWeights(join(folder, weightsFile)));
  try {
    const factors = Array.from(file.tensors, ([name, { shape }]) => ({
      ...parsePeftName(file.name, name),
      shape: shape.toReversed(),
    }));
    checkFactors(file.name, factors, config);
    const tensors = await file.readAll();
    return { config, tensors: new Map(Array.from(tensors, ([name, tensor]) => fromPeft(name, tensor))) };
  } finally {
    await file.close();
  }
}

async function openWeights(path: string): Promise<ByteSource> {
  try {
    return await fileSource(path);
  } catch (error) {
    const pickle = path.replace(/safetensors$/, 'bin');
    if (!LowrankError.is(error, 'file-missing') || !(await exists(pickle))) throw error;
    throw new LowrankError('file-missing', {
      given: path,
      rule: 'only adapter_model.bin is there, a pickle, which can run code when it is read',
      fix: 'save the adapter again with safe_serialization=True',
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  const { stat } = await import('node:fs/promises');
  return stat(path).then(
    () => true,
    () => false,
  );
}
