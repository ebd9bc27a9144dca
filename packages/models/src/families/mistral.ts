import type { CausalModel } from '../causal-model.js';
import type { FamilyReader } from './family-reader.js';
import { readLlamaConfig, type LlamaFamily } from './llama-config.js';
import { llamaFamily } from './llama-family.js';

const family: LlamaFamily = {
  modelType: 'mistral',
  positions: 131072,
  kvHeads: 8,
  biases: () => ({ qkvBias: false, outputBias: false, mlpBias: false }),
  windows: (config, layers) => {
    config.only('layer_types', null);
    const window = config.countOrNull('sliding_window', 4096);
    return Array.from({ length: layers }, () => window);
  },
};

/**
 * Mistral: a Llama in each of whose layers a query sees the last keys alone.
 * @see Jiang et al. 2023, https://arxiv.org/abs/2310.06825, section 2
 */
export const mistral: FamilyReader<CausalModel> = (json, file) => llamaFamily(readLlamaConfig(json, file, family));
