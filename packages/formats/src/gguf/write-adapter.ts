import { LowrankError, type Adapter, type PlainTensor } from '@lowrank/core/plan';
import { moduleUpdates, type ModuleUpdate } from '../adapter/module-update.js';
import { commonest, times } from '../adapter/common-scaling.js';
import { writeFileAtomic } from '../io/atomic-write.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import type { FloatDtype } from '../safetensors/dtype.js';
import { transposed } from '../transposed.js';
import { embeddingName } from './embedding-names.js';
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
 * rsLoRA over several ranks) is multiplied into its lora_b. An adapter of `lm_head`, or one of the embedding (in an
 * adapter as PEFT's files have it), acts only on a base whose head is not tied. Throws `file-unwritable`,
 * `adapter-mismatch`, `not-finite`, `config-unsupported` for what llama.cpp does not adapt or hold, `config-invalid`
 * without the heads that it needs.
 */
export async function writeGgufAdapter(
  path: string,
  adapter: Adapter | PeftFolder,
  options: GgufAdapterOptions,
): Promise<void> {
  await writeFileAtomic(path, encodeGgufAdapter(adapter, options));
}

const given = 'the adapter to write';

/** The bytes that `writeGgufAdapter` writes. */
export function encodeGgufAdapter(adapter: Adapter | PeftFolder, options: GgufAdapterOptions): Uint8Array {
  const modules = moduleUpdates(given, adapter);
  modules.forEach(refuseMagnitude);
  const alpha = commonest(modules.map((module) => module.alpha));
  const fields = new Map<string, GgufField>([
    ['general.architecture', { string: options.architecture }],
    ['general.type', { string: 'adapter' }],
    ['adapter.type', { string: 'lora' }],
    ['adapter.lora.alpha', { float32: alpha }],
  ]);
  const tensors = modules.flatMap((module) =>
    factorsOf({ ...module, b: times(module.b, module.alpha / alpha) }, options),
  );
  const sorted = new Map(tensors.sort(([left], [right]) => (left < right ? -1 : 1)));
  return encodeGguf(fields, sorted, options.dtype ?? 'F32');
}

function factorsOf({ kind, path, a, b }: ModuleUpdate, options: GgufAdapterOptions): [string, PlainTensor][] {
  const names = moduleNames(given, options.architecture);
  if (kind === 'embedding') {
    const name = embeddingName(given, options.architecture, path);
    // A by token, as it is looked up.
    return [
      [`${name}.weight.lora_a`, a],
      [`${name}.weight.lora_b`, transposed(b)],
    ];
  }
  const name = names.toGguf(path);
  const whose = names.rotaryOf(name);
  const rows = transposed(b);
  return [
    [`${name}.weight.lora_a`, transposed(a)],
    [`${name}.weight.lora_b`, whose ? interleavedRotary(rows, headsOf(options, whose, path)) : rows],
  ];
}

function refuseMagnitude({ path, magnitude }: ModuleUpdate): void {
  if (!magnitude) return;
  throw new LowrankError('config-unsupported', {
    given: `"${path}.lora_magnitude_vector" of ${given}`,
    rule: 'llama.cpp does not do DoRA',
    fix: 'merge the adapter into its base, and convert that',
  });
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
