import { LowrankError, type Adapter, type PlainTensor } from '@lowrank/core/plan';
import type { ModuleUpdate } from '../adapter/module-update.js';
import { checkFinite } from '../adapter/check-finite.js';
import { adapterOf, folderOf } from '../adapter/folder-of.js';
import { pairUp, type NamedFactor } from '../adapter/pair-up.js';
import { readJsonObject } from '../io/json.js';
import { fileSource } from '../io/source.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { openSafetensors } from '../safetensors/read.js';
import { configFile, fromMlxPath, isMlxEmbedding, weightsFile } from './files.js';
import { readMlxConfig, type MlxConfig } from './read-config.js';

/**
 * Reads the folder that MLX-LM's `lora` command or `writeMlxAdapter` writes; numbered checkpoints in it are left alone.
 * Node only. MLX keeps A `[in, rank]` and B `[rank, out]`, as we do; its scale is alpha / rank. Targets are the whole
 * paths of the modules that the file adapts.
 * Throws `file-missing`, `file-invalid`, `config-invalid`, `adapter-mismatch`, `not-finite`, or `config-unsupported` for
 * full fine-tuning and experts, and for DoRA and embeddings, which `readMlxAsPeft` reads.
 */
export async function readMlxAdapter(folder: string): Promise<Adapter> {
  const { file, config, modules } = await readModules(folder);
  return adapterOf(file, modules, { dropout: config.dropout });
}

/** The same as PEFT's files would have it, DoRA of linears and adapters of embeddings too. */
export async function readMlxAsPeft(folder: string): Promise<PeftFolder> {
  const { config, modules } = await readModules(folder);
  return folderOf(modules, { lora_dropout: config.dropout });
}

async function readModules(folder: string): Promise<{ file: string; config: MlxConfig; modules: ModuleUpdate[] }> {
  const { join } = await import('node:path');
  const configPath = join(folder, configFile);
  const config = readMlxConfig(configPath, await readJsonObject(configPath));
  const file = await openSafetensors(await fileSource(join(folder, weightsFile)));
  try {
    const factors = Array.from(file.tensors, ([name, { shape }]) => parseName(file.name, name, shape));
    const pairs = pairUp(file.name, factors, { magnitudes: config.kind === 'dora', rank: config.rank });
    const read = async (name: string): Promise<PlainTensor> => {
      const tensor = await file.read(name);
      checkFinite(`"${name}" in ${file.name}`, tensor.data);
      return tensor;
    };
    const modules: ModuleUpdate[] = [];
    for (const { path, a, b, m } of pairs) {
      const kind = isMlxEmbedding(path) ? 'embedding' : 'linear';
      if (kind === 'embedding' && m) throw refusedEmbedding(file.name, m);
      const factors = { a: await read(a), b: await read(b), ...(m && { magnitude: await read(m) }) };
      modules.push({ kind, path, ...factors, rank: config.rank, alpha: config.scale * config.rank });
    }
    return { file: file.name, config, modules };
  } finally {
    await file.close();
  }
}

function parseName(file: string, name: string, shape: readonly number[]): NamedFactor {
  const match = /^(.+)\.(lora_a|lora_b|m)$/.exec(name);
  if (!match) {
    throw new LowrankError('config-unsupported', {
      given: `"${name}" in ${file}`,
      rule: 'lowrank reads "<path>.lora_a", "<path>.lora_b" and, of DoRA, "<path>.m"',
      fix: 'use an adapter of linear layers and embeddings only',
    });
  }
  const role = ({ lora_a: 'a', lora_b: 'b', m: 'm' } as const)[match[2] as 'lora_a' | 'lora_b' | 'm'];
  return { name, path: fromMlxPath(match[1] as string), role, shape };
}

function refusedEmbedding(file: string, name: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `"${name}" in ${file}`,
    rule: "MLX-LM's DoRA of an embedding has a magnitude for each token, which nothing else knows",
    fix: 'train it with --fine-tune-type lora, or leave embeddings out',
  });
}
