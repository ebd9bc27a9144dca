import { loraConfig, LowrankError, loraTensorName, type Adapter, type LoraConfig, type LoraRole } from '@lowrank/core';
import { checkFactors } from '../adapter/check-factors.js';
import { checkFinite } from '../adapter/check-finite.js';
import { readJsonObject, type JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';
import { fileSource } from '../io/source.js';
import { openSafetensors } from '../safetensors/read.js';
import { configFile, fromMlxPath, weightsFile } from './files.js';

/**
 * Reads the folder that MLX-LM's `lora` command or `writeMlxAdapter` writes; numbered checkpoints in it are left alone.
 * Node only. MLX keeps A `[in, rank]` and B `[rank, out]`, as we do; its scale is alpha / rank. Targets are the whole
 * paths of the modules that the file adapts.
 * Throws `file-missing`, `file-invalid`, `config-invalid`, `adapter-mismatch`, `not-finite`, or `config-unsupported` for
 * DoRA, full fine-tuning, embeddings and experts.
 */
export async function readMlxAdapter(folder: string): Promise<Adapter> {
  const { join } = await import('node:path');
  const configPath = join(folder, configFile);
  const parameters = readMlxConfig(configPath, await readJsonObject(configPath));
  const file = await openSafetensors(await fileSource(join(folder, weightsFile)));
  try {
    const factors = Array.from(file.tensors, ([name, { shape }]) => ({ name, ...parseName(file.name, name), shape }));
    const targetModules = [...new Set(factors.map(({ path }) => path))].sort();
    const config = loraConfig({ ...parameters, targetModules: targetModules.length > 0 ? targetModules : ['none'] });
    checkFactors(file.name, factors, config);
    const tensors: Adapter['tensors'] = new Map();
    for (const { name, path, role } of factors) {
      const tensor = await file.read(name);
      checkFinite(`"${name}" in ${file.name}`, tensor.data);
      tensors.set(loraTensorName(path, role), tensor);
    }
    return { config, tensors };
  } finally {
    await file.close();
  }
}

/** Throws `config-unsupported` or `config-invalid`, naming `file` and key. */
export function readMlxConfig(file: string, json: JsonObject): Pick<LoraConfig, 'rank' | 'alpha' | 'dropout'> {
  const { fine_tune_type: kind = 'lora', lora_parameters: parameters } = json;
  if (kind !== 'lora') {
    const known = kind === 'dora' || kind === 'full';
    throw new LowrankError(known ? 'config-unsupported' : 'config-invalid', {
      given: `"fine_tune_type": ${shown(kind)} in ${file}`,
      rule: 'lowrank reads MLX-LM adapters of type "lora"',
      fix: 'train with --fine-tune-type lora',
    });
  }
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw invalid(file, 'lora_parameters', parameters, 'it holds rank, scale and dropout');
  }
  const { rank, scale, dropout = 0 } = parameters as JsonObject;
  if (!Number.isSafeInteger(rank) || (rank as number) < 1)
    throw invalid(file, 'rank', rank, 'a rank is a whole number of 1 or more');
  if (typeof scale !== 'number' || !(scale > 0 && Number.isFinite(scale * (rank as number)))) {
    throw invalid(file, 'scale', scale, 'a scale is a finite number above 0, not divided by the rank again');
  }
  if (typeof dropout !== 'number' || !(dropout >= 0 && dropout < 1)) {
    throw invalid(file, 'dropout', dropout, 'dropout is a probability, at least 0 and below 1');
  }
  return { rank: rank as number, alpha: scale * (rank as number), dropout };
}

function parseName(file: string, name: string): { path: string; role: LoraRole } {
  const match = /^(.+)\.lora_([ab])$/.exec(name);
  const path = fromMlxPath(match?.[1] ?? '');
  if (match && !embedding.test(path)) return { path, role: match[2] === 'a' ? 'lora_A' : 'lora_B' };
  throw new LowrankError('config-unsupported', {
    given: `"${name}" in ${file}`,
    rule: match ? 'it is an adapter of an embedding' : 'lowrank reads "<path>.lora_a" and "<path>.lora_b"',
    fix: 'use an adapter of linear layers only',
  });
}

/** What MLX-LM's models call their embeddings: shapes do not tell them from linears. */
const embedding = /(^|\.)(wte|wpe|[^.]*embed[^.]*)$/;

function invalid(file: string, key: string, value: unknown, rule: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `"${key}": ${shown(value)} in ${file}`,
    rule,
    fix: 'save the adapter again with MLX-LM',
  });
}
