import type { JsonObject } from '@lowrank/formats';

/** The model whose steps are measured: wide enough that products are as fast as in a real one, with few layers and words. */
export const measuredModel: JsonObject = {
  model_type: 'llama',
  vocab_size: 2048,
  hidden_size: 512,
  intermediate_size: 1536,
  num_hidden_layers: 2,
  num_attention_heads: 8,
  num_key_value_heads: 8,
  max_position_embeddings: 1024,
  tie_word_embeddings: true,
};

export const measuredConfig = { rank: 8, alpha: 16, targetModules: ['q_proj', 'v_proj'] };

/** Batches, from cheap to dear: between them the kinds of work stand in different proportions. */
export const measuredBatches = [
  { batch: 1, seq: 16 },
  { batch: 1, seq: 128 },
  { batch: 8, seq: 32 },
  { batch: 1, seq: 512 },
  { batch: 8, seq: 128 },
  { batch: 2, seq: 512 },
];
