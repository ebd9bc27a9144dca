import { LowrankError, loraConfig, loraTensorName, type Adapter, type PlainTensor } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { defaults } from '../peft/config-keys.js';
import type { PeftEntry } from '../peft/entry.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { encodeFloats } from '../safetensors/encode-floats.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import { transposed } from '../transposed.js';
import type { ModuleUpdate } from './module-update.js';
import { commonest } from './common-scaling.js';

/** The modules as PEFT's files have them, F32, with a config that says their ranks and scalings. */
export function folderOf(modules: ModuleUpdate[], options: JsonObject = {}): PeftFolder {
  const config = { ...defaults, ...scales(modules), target_modules: targets(modules), ...options };
  const dora = modules.some(({ magnitude }) => magnitude !== undefined);
  return { config: { ...config, use_dora: dora }, entries: modules.map(entryOf), metadata: { format: 'pt' } };
}

/** The modules as an adapter of ours. Throws `config-unsupported` for an embedding or a magnitude, by name. */
export function adapterOf(given: string, modules: ModuleUpdate[], options: { dropout?: number } = {}): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  for (const { kind, path, a, b, magnitude } of modules) {
    if (kind === 'embedding' || magnitude) throw unsupported(given, path, magnitude ? 'DoRA' : 'of an embedding');
    tensors.set(loraTensorName(path, 'lora_A'), a);
    tensors.set(loraTensorName(path, 'lora_B'), b);
  }
  const { r: rank, lora_alpha: alpha, rank_pattern: rankPattern, alpha_pattern: alphaPattern } = scales(modules);
  const config = { rank, alpha, rankPattern, alphaPattern, targetModules: targets(modules), ...options };
  return { config: loraConfig(config), tensors };
}

function unsupported(given: string, path: string, what: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `"${path}" in ${given}`,
    rule: `it is an adapter ${what}, and an adapter of ours holds plain factors of linears`,
    fix: 'read it as a PEFT folder instead (`lowrank import`)',
  });
}

function targets(modules: ModuleUpdate[]): string[] {
  return modules.map(({ path }) => path).sort();
}

/** Ranks and alphas, under PEFT's names: what most modules have, and patterns for the others. */
function scales(modules: ModuleUpdate[]) {
  const rank = commonest(modules.map((module) => module.rank));
  const alpha = commonest(modules.map((module) => module.alpha));
  const others = (value: (module: ModuleUpdate) => number, common: number) =>
    Object.fromEntries(
      modules.filter((module) => value(module) !== common).map((module) => [module.path, value(module)]),
    );
  return {
    r: rank,
    lora_alpha: alpha,
    rank_pattern: others((module) => module.rank, rank),
    alpha_pattern: others((module) => module.alpha, alpha),
  };
}

function entryOf({ kind, path, a, b, magnitude }: ModuleUpdate): PeftEntry {
  const [nameA, nameB] =
    kind === 'linear' ? ['lora_A.weight', 'lora_B.weight'] : ['lora_embedding_A', 'lora_embedding_B'];
  const stored = (role: string, tensor: PlainTensor): StoredTensor => {
    return { dtype: 'F32', shape: tensor.shape, bytes: encodeFloats(`${path}.${role}`, tensor, 'F32') };
  };
  const tensors = new Map([
    [nameA, stored(nameA, transposed(a))],
    [nameB, stored(nameB, transposed(b))],
  ] as [string, StoredTensor][]);
  if (magnitude) tensors.set('lora_magnitude_vector', stored('lora_magnitude_vector', magnitude));
  return { kind, path, tensors };
}
