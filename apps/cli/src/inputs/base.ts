import { LowrankError, type ModuleInfo } from '@lowrank/core';
import { fileSource, openGguf, readJsonObject, type BaseFacts, type GgufFile, type JsonObject } from '@lowrank/formats';
import { readModules } from '@lowrank/models';
import { join } from 'node:path';
import type { HubOptions } from './hub-source.js';
import { modelFolder } from './model.js';

/** What the writing of an adapter depends on in its base. */
export interface Base extends BaseFacts {
  /** What messages call it. */
  given: string;
  /** llama.cpp's `general.architecture`. */
  architecture: string;
  heads: number;
  keyValueHeads: number;
  /** Its modules, where lowrank loads its family. */
  modules?: ModuleInfo[];
}

/**
 * The base that `--model` names, from its config or a GGUF file's metadata; no weight is loaded.
 * Throws `file-missing`, `file-invalid`, and `model-unsupported` without the facts that are asked.
 */
export async function readBase(model: string, options: HubOptions): Promise<Base> {
  const folder = await modelFolder(model, options);
  if (folder.endsWith('.gguf')) return readGgufBase(folder);
  const path = join(folder, 'config.json');
  const config = await readJsonObject(path);
  const heads = count(path, config, 'num_attention_heads', 'n_head');
  return {
    given: model,
    architecture: architectureOf(path, config['model_type']),
    heads,
    keyValueHeads:
      (config['num_key_value_heads'] ?? undefined) === undefined ? heads : count(path, config, 'num_key_value_heads'),
    tiedHead: isTied(config),
    ...(await modulesOf(folder)),
  };
}

/** Transformers' defaults where a config says nothing. */
function isTied({ tie_word_embeddings: tied, model_type: type }: JsonObject): boolean {
  return typeof tied === 'boolean' ? tied : type === 'gpt2' || type === 'bert';
}

function architectureOf(path: string, type: unknown): string {
  if (typeof type === 'string') return type === 'mistral' ? 'llama' : type;
  throw refused(`${path}: no "model_type"`, 'it says what llama.cpp calls the model');
}

function count(path: string, config: JsonObject, ...keys: string[]): number {
  const key = keys.find((name) => config[name] !== undefined) ?? (keys[0] as string);
  const value = config[key];
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw refused(`${path}: "${key}": ${JSON.stringify(value) ?? 'nothing'}`, 'it is a whole number of 1 or more');
}

async function modulesOf(folder: string): Promise<{ modules?: ModuleInfo[] }> {
  try {
    return { modules: await readModules(folder) };
  } catch (error) {
    // Of a family that lowrank does not load its config alone is known.
    if (LowrankError.is(error, 'model-unsupported')) return {};
    throw error;
  }
}

async function readGgufBase(path: string): Promise<Base> {
  const file = await openGguf(await fileSource(path));
  try {
    const architecture = file.metadata.get('general.architecture');
    if (typeof architecture !== 'string' || file.metadata.get('general.type') === 'adapter') {
      throw refused(path, 'it is no model');
    }
    const heads = numberIn(file, `${architecture}.attention.head_count`);
    const keyValueKey = `${architecture}.attention.head_count_kv`;
    return {
      given: path,
      architecture,
      heads,
      keyValueHeads: file.metadata.has(keyValueKey) ? numberIn(file, keyValueKey) : heads,
      tiedHead: !file.tensors.has('output.weight'),
    };
  } finally {
    await file.close();
  }
}

function numberIn({ name, metadata }: GgufFile, key: string): number {
  const value = metadata.get(key);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw refused(`${name}: "${key}" is ${String(value)}`, 'it is a whole number of 1 or more');
}

function refused(given: string, rule: string): LowrankError {
  return new LowrankError('model-unsupported', { given, rule, fix: 'name the base that the adapter was trained on' });
}
