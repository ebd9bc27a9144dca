import type { StoredTensor } from '../safetensors/stored-tensor.js';

/** What the tensors of a PEFT file can be to a module -> how messages call it. */
export const entryKinds = {
  linear: 'an adapter of a linear',
  conv: 'an adapter of a convolution',
  embedding: 'an adapter of an embedding',
  tokens: 'a set of trained token rows (trainable_token_indices)',
  module: 'a whole module, saved along (modules_to_save)',
  bias: 'a trained bias of the base (bias)',
  base: 'a tensor of the base, saved along',
  other: 'a tensor that lowrank does not know',
} as const;

export type PeftEntryKind = keyof typeof entryKinds;

/** All that a PEFT file holds for one module. */
export interface PeftEntry {
  kind: PeftEntryKind;
  /** The module's path in the base. */
  path: string;
  /**
   * By what follows the path in the file, in PEFT's layout: `lora_A.weight` `[rank, in]`, `lora_B.weight`
   * `[out, rank]`, with `lora_bias` `lora_B.bias` `[out]`, with DoRA `lora_magnitude_vector` `[out]`; convolutions
   * `[rank, in, ...kernel]`, `[out, rank, 1, ...]` and `[1, out, 1, ...]`; `lora_embedding_A` `[rank, vocab]` and
   * `lora_embedding_B` `[features, rank]`; `token_adapter.trainable_tokens_delta`, the rows that take the old ones'
   * place; else the module's own names.
   */
  tensors: Map<string, StoredTensor>;
}
