import type { JsonObject } from '@lowrank/formats';

const llama: JsonObject = {
  model_type: 'llama',
  vocab_size: 300,
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
};

/** One small config of each family that lowrank loads. */
export const smallConfigs: Record<string, JsonObject> = {
  llama: { ...llama, tie_word_embeddings: true },
  'llama with a head': { ...llama, attention_bias: true, mlp_bias: true },
  mistral: { ...llama, model_type: 'mistral', sliding_window: 16 },
  qwen2: { ...llama, model_type: 'qwen2', tie_word_embeddings: true },
  gpt2: { model_type: 'gpt2', vocab_size: 300, n_embd: 64, n_layer: 3, n_head: 4, n_positions: 128 },
  bert: {
    model_type: 'bert',
    vocab_size: 300,
    hidden_size: 64,
    intermediate_size: 256,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    max_position_embeddings: 128,
    architectures: ['BertForSequenceClassification'],
    id2label: { 0: 'no', 1: 'yes' },
  },
};
