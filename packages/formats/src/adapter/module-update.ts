import {
  loraConfig,
  LowrankError,
  patternValue,
  scalingOf,
  type Adapter,
  type LoraConfig,
  type PlainTensor,
} from '@lowrank/core/plan';
import { entryKinds, type PeftEntry } from '../peft/entry.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import { widened } from '../safetensors/widen.js';
import { transposed } from '../transposed.js';
import { checkFinite } from './check-finite.js';
import { factorsOf } from './factors-of.js';

/** What an adapter adds to one module, whatever file it came from: `alpha / rank · A B` in our layout. */
export interface ModuleUpdate {
  kind: 'linear' | 'embedding';
  path: string;
  /** `[in, rank]`; of an embedding `[vocab, rank]`. */
  a: PlainTensor;
  /** `[rank, out]` */
  b: PlainTensor;
  rank: number;
  /** Of plain LoRA: `A B` is multiplied by alpha / rank, whatever rsLoRA or patterns say. */
  alpha: number;
  /** DoRA's norm of each output, `[out]`. */
  magnitude?: PlainTensor;
}

/**
 * The modules of an adapter, sorted by path: of ours, or of one that is as PEFT's files have it.
 * Throws `adapter-mismatch`, `not-finite`, and `config-unsupported` for what is no factor or magnitude, by name.
 *
 * @param given what messages call the adapter
 */
export function moduleUpdates(given: string, adapter: Adapter | PeftFolder): ModuleUpdate[] {
  const modules = 'entries' in adapter ? fromFolder(given, adapter) : fromAdapter(given, adapter);
  return modules.sort((left, right) => (left.path < right.path ? -1 : 1));
}

function fromAdapter(given: string, adapter: Adapter): ModuleUpdate[] {
  const config = loraConfig(adapter.config);
  return Array.from(factorsOf(given, adapter, config), ([path, { a, b }]) => {
    return { kind: 'linear', path, a, b, ...scaleOf(config, path) };
  });
}

function fromFolder(given: string, { config, entries }: PeftFolder): ModuleUpdate[] {
  const scale: ScaleConfig = {
    rank: (config['r'] ?? 8) as number,
    alpha: (config['lora_alpha'] ?? 8) as number,
    useRslora: config['use_rslora'] === true,
    rankPattern: (config['rank_pattern'] ?? {}) as Record<string, number>,
    alphaPattern: (config['alpha_pattern'] ?? {}) as Record<string, number>,
  };
  return entries.map((entry) => fromEntry(given, entry, scale));
}

function fromEntry(given: string, { kind, path, tensors }: PeftEntry, config: ScaleConfig): ModuleUpdate {
  const refuse = (role: string, what: string): never => {
    throw new LowrankError('config-unsupported', {
      given: `"${path}${role && `.${role}`}" of ${given}`,
      rule: `it is ${what}, which this format does not hold`,
      fix: 'leave it out, or merge the adapter into its base',
    });
  };
  if (kind !== 'linear' && kind !== 'embedding') return refuse([...tensors.keys()][0] ?? '', entryKinds[kind]);
  const read = (role: string) => {
    const plain = widened(`"${path}" of ${given}`, tensors.get(role) as StoredTensor);
    checkFinite(`"${path}.${role}" of ${given}`, plain.data);
    return plain;
  };
  if (tensors.has('lora_B.bias')) return refuse('lora_B.bias', 'a bias on B (lora_bias)');
  const [nameA, nameB] =
    kind === 'linear' ? ['lora_A.weight', 'lora_B.weight'] : ['lora_embedding_A', 'lora_embedding_B'];
  const module = { kind, path, a: transposed(read(nameA)), b: transposed(read(nameB)), ...scaleOf(config, path) };
  return tensors.has('lora_magnitude_vector') ? { ...module, magnitude: read('lora_magnitude_vector') } : module;
}

type ScaleConfig = Pick<LoraConfig, 'rank' | 'alpha' | 'useRslora' | 'rankPattern' | 'alphaPattern'>;

function scaleOf(config: ScaleConfig, path: string): { rank: number; alpha: number } {
  const { useRslora } = config;
  const rank = patternValue(config.rankPattern, path) ?? config.rank;
  const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
  return { rank, alpha: useRslora ? scalingOf({ rank, alpha, useRslora }) * rank : alpha };
}
