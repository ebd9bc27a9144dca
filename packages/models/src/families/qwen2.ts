import type { CausalModel } from '../causal-model.js';
import type { ConfigReader } from './config-reader.js';
import type { FamilyReader } from './family-reader.js';
import { readLlamaConfig, type LlamaConfig, type LlamaFamily } from './llama-config.js';
import { llamaFamily } from './llama-family.js';

const family: LlamaFamily = {
  modelType: 'qwen2',
  positions: 32768,
  kvHeads: 32,
  biases: () => ({ qkvBias: true, outputBias: false, mlpBias: false }),
  windows: windowsOf,
};

/**
 * Qwen2 and 2.5: a Llama with biases on queries, keys and values, of which the later layers may see a sliding window.
 * @see Yang et al. 2024, https://arxiv.org/abs/2407.10671, section 2.2
 */
export const qwen2: FamilyReader<CausalModel> = (json, file) => llamaFamily(readLlamaConfig(json, file, family));

const kinds = ['full_attention', 'sliding_attention'] as const;

/** By `layer_types`, or from layer `max_window_layers` on; none unless `use_sliding_window`. */
function windowsOf(config: ConfigReader, layers: number): LlamaConfig['windows'] {
  const window = config.flag('use_sliding_window', false) ? config.countOrNull('sliding_window', 4096) : undefined;
  const full = config.count('max_window_layers', { fallback: 28, least: 0 });
  const listed = config.words('layer_types', kinds, layers);
  const slides = (layer: number) => (listed ? listed[layer] === 'sliding_attention' : layer >= full);
  if (window === undefined && listed?.includes('sliding_attention')) {
    throw config.invalid('layer_types', listed, 'a layer slides only with use_sliding_window and a sliding_window');
  }
  return Array.from({ length: layers }, (_, layer) => (slides(layer) ? window : undefined));
}
