import { family } from '../base.js';

const gpt2 = family('gpt2', 'causal', {
  vocab_size: 96,
  n_embd: 24,
  n_inner: 40,
  n_layer: 2,
  n_head: 4,
  n_positions: 24,
  initializer_range: 0.2,
  bos_token_id: 0,
  eos_token_id: 0,
});

const activations = ['gelu', 'gelu_pytorch_tanh', 'gelu_fast', 'quick_gelu', 'relu', 'silu', 'swish', 'tanh'];

export const gpt2s = [
  gpt2('tied', {}, { adapted: true }),
  gpt2('untied', { tie_word_embeddings: false, layer_norm_epsilon: 0.01 }, { adapted: true }),
  gpt2('inner-of-4', { n_inner: null }),
  gpt2('unscaled', { scale_attn_weights: false }),
  gpt2('scaled-by-layer', { scale_attn_by_inverse_layer_idx: true }),
  gpt2('upcast', { scale_attn_by_inverse_layer_idx: true, reorder_and_upcast_attn: true }),
  ...activations.map((name) => gpt2(name.replaceAll('_', '-'), { activation_function: name })),
];
