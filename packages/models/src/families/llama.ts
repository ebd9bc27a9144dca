import type { CausalModel } from '../causal-model.js';
import type { FamilyReader } from './family-reader.js';
import { readLlamaConfig, type LlamaFamily } from './llama-config.js';
import { llamaFamily } from './llama-family.js';

const family: LlamaFamily = {
  modelType: 'llama',
  positions: 2048,
  biases: (config) => {
    const attention = config.flag('attention_bias', false);
    return { qkvBias: attention, outputBias: attention, mlpBias: config.flag('mlp_bias', false) };
  },
};

/** Llama, and what shares its `model_type`: SmolLM2, TinyLlama, Yi. */
export const llama: FamilyReader<CausalModel> = (json, file) => llamaFamily(readLlamaConfig(json, file, family));
