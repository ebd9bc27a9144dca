import { family } from '../base.js';
import { llamaShape, ropeOf, yarn } from './llama-shape.js';

const qwen2 = family('qwen2', 'causal', llamaShape);

export const qwen2s = [
  qwen2('gqa', ropeOf('default', { rope_theta: 1000000 }), { adapted: true }),
  qwen2('tied', { tie_word_embeddings: true, num_key_value_heads: 1 }, { adapted: true }),
  qwen2('window', { use_sliding_window: true, sliding_window: 5, max_window_layers: 1 }),
  qwen2('window-off', { use_sliding_window: false, sliding_window: 5, max_window_layers: 0 }),
  qwen2('layer-types', {
    use_sliding_window: true,
    sliding_window: 3,
    num_hidden_layers: 3,
    layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],
  }),
  qwen2('rope-yarn', ropeOf('yarn', yarn)),
];
