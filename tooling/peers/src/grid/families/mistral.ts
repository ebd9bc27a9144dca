import { family } from '../base.js';
import { llama3, llamaShape, ropeOf } from './llama-shape.js';

const mistral = family('mistral', 'causal', { ...llamaShape, sliding_window: null });

export const mistrals = [
  mistral('no-window'),
  mistral('window', { sliding_window: 6, head_dim: 8 }, { adapted: true }),
  mistral('window-1', { sliding_window: 1, num_key_value_heads: 1 }),
  mistral('window-wider', { sliding_window: 40, tie_word_embeddings: true }),
  mistral('rope-llama3', { sliding_window: 7, ...ropeOf('llama3', llama3) }),
];
