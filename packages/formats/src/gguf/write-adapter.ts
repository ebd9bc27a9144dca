import { loraConfig, LowrankError, type Adapter, type PlainTensor } from '@lowrank/core';
import { commonest, rankAndAlpha, times } from '../adapter/common-scaling.js';
import { factorsOf } from '../adapter/factors-of.js';
import { writeFileAtomic } from '../io/atomic-write.js';
import { transposed } from '../transposed.js';
import type { FloatDtype } from '../safetensors/dtype.js';
import { moduleNames } from './module-names.js';
import { interleavedRotary } from './rotary-rows.js';
import { encodeGguf, type GgufField } from './write.js';

export interface GgufAdapterOptions {
  /** The base's `general.architecture`: llama (Mistral too), qwen2, qwen3, gpt2 or bert. */
  architecture: string;
  /** Attention heads of the base; needed where llama.cpp reorders queries (llama). */
  heads?: number;
  /** Key and value heads of the base; default `heads`. */
  keyValueHeads?: number;
  /** What the values are rounded to. Default F32, which keeps every bit. */
  dtype?: FloatDtype;
}

/**
 * Writes an adapter as the GGUF file that llama.cpp's `--lora` reads. Node only. The same adapter gives the same bytes.
 * llama.cpp scales each module by alpha / rank with one alpha, so an alpha that is a module's own (a pattern, or
 * rsLoRA over several ranks) is multiplied into its lora_b. An adapter of `lm_head` acts only on a base whose head is
 * not tied. Throws `file-unwritable`, `adapter-mismatch`, `not-finite`, `config-unsupported` for a module that
 * llama.cpp does not adapt, `config-invalid` without the heads that it needs.
 */
export async function writeGgufAdapter(path: string, adapter: Adapter, options: GgufAdapterOptions): Promise<void> {
  await writeFileAtomic(path, encodeGgufAdapter(adapter, options));
}

/** The bytes that `writeGgufAdapter` writes. */
function encodeGgufAdapter(adapter: Adapter, options: GgufAdapterOptions): Uint8Array {
  const given = 'the adapter to write';
  const config = loraConfig(adapter.config);
  const pairs = factorsOf(given, adapter, config);
  const names = moduleNames(given, options.architecture);
  const alpha = commonest(Array.from(pairs.keys(), (path) => rankAndAlpha(config, path).alpha));
  const fields = new Map<string, GgufField>([
    ['general.architecture', { string: options.architecture }],
    ['general.type', { string: 'adapter' }],
    ['adapter.type', { string: 'lora' }],
    ['adapter.lora.alpha', { float32: alpha }],
  ]);
  const tensors = new Map<string, PlainTensor>();
  for (const [path, { a, b }] of pairs) {
    const name = names.toGguf(path);
    const whose = names.rotaryOf(name);
    const scaled = times(transposed(b), rankAndAlpha(config, path).alpha / alpha);
    tensors.set(`${name}.weight.lora_a`, transposed(a));
    tensors.set(`${name}.weight.lora_b`, whose ? interleavedRotary(scaled, headsOf(options, whose, path)) : scaled);
  }
  const sorted = new Map([...tensors].sort(([left], [right]) => (left < right ? -1 : 1)));
  return encodeGguf(fields, sorted, options.dtype ?? 'F32');
}

/** The heads by which a module's rows are reordered. Throws `config-invalid` when they are not given. */
export function headsOf(
  { heads, keyValueHeads = heads }: Pick<GgufAdapterOptions, 'heads' | 'keyValueHeads'>,
  whose: 'heads' | 'keyValueHeads',
  module: string,
): number {
  const count = whose === 'heads' ? heads : keyValueHeads;
  if (count !== undefined) return count;
  throw new LowrankError('config-invalid', {
    given: `no "${whose}" for "${module}"`,
    rule: 'llama.cpp keeps the rows of queries and keys in another order, head by head',
    fix: 'give heads and keyValueHeads of the base (num_attention_heads, num_key_value_heads)',
  });
}
