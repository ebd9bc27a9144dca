/** Of the families of Llama's architecture. */
export const llamaShape = {
  vocab_size: 96,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  initializer_range: 0.2,
  tie_word_embeddings: false,
  bos_token_id: 0,
  eos_token_id: 0,
};

export function ropeOf(type: string, parameters: Record<string, number | boolean> = {}) {
  return { rope_parameters: { rope_theta: 10000, rope_type: type, ...parameters } };
}

/** Scaled from 16 positions on, with a frequency on each side of the ramp and one on it. */
export const yarn = { factor: 4, original_max_position_embeddings: 16, rope_theta: 100, beta_fast: 4, beta_slow: 0.5 };

export const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 };
