import { family } from '../base.js';
import { llama3, llamaShape, ropeOf, yarn } from './llama-shape.js';

const llama = family('llama', 'causal', llamaShape);

export const llamas = [
  llama('gqa', {}, { adapted: true }),
  llama('mqa', { num_key_value_heads: 1 }),
  llama('mha', { num_key_value_heads: 4 }),
  llama('gqa-3', { num_attention_heads: 6, head_dim: 4 }),
  llama('tied', { tie_word_embeddings: true }, { adapted: true }),
  llama('biased', { attention_bias: true, mlp_bias: true }, { adapted: true }),
  llama('attention-biased', { attention_bias: true }),
  llama('mlp-biased', { mlp_bias: true }),
  llama('wide-heads', { head_dim: 10 }),
  llama('norm-eps', { rms_norm_eps: 0.05 }),
  llama('one-layer', { num_hidden_layers: 1 }),
  llama('rope-theta', ropeOf('default', { rope_theta: 500 })),
  llama('rope-linear', ropeOf('linear', { factor: 4 })),
  llama('rope-dynamic', ropeOf('dynamic', { factor: 2 })),
  llama('rope-dynamic-beyond', { max_position_embeddings: 8, ...ropeOf('dynamic', { factor: 2.5 }) }),
  llama('rope-llama3', ropeOf('llama3', llama3)),
  llama('rope-yarn', ropeOf('yarn', yarn)),
  llama('rope-yarn-mscale', ropeOf('yarn', { ...yarn, mscale: 1.2, mscale_all_dim: 0.6, truncate: false })),
  llama('rope-yarn-attention', ropeOf('yarn', { ...yarn, attention_factor: 0.7 })),
  llama('gelu', { hidden_act: 'gelu' }, { refused: 'hidden_act' }),
];
