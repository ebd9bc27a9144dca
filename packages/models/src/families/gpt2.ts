import type { CausalModel } from '../causal-model.js';
import type { FamilyReader } from './family-reader.js';
import { readGpt2Config } from './gpt2-config.js';
import { gpt2Pass } from './gpt2-pass.js';
import { gpt2Specs } from './gpt2-specs.js';

/** GPT-2, and what shares its `model_type`: DistilGPT2, DialoGPT. */
export const gpt2: FamilyReader<CausalModel> = (json, file) => {
  const config = readGpt2Config(json, file);
  return {
    specs: gpt2Specs(config),
    pass: gpt2Pass(config),
    maxPositions: config.maxPositions,
    maker: async () => {
      const { Gpt2 } = await import('./gpt2-model.js');
      return (...parts) => new Gpt2(config, ...parts);
    },
  };
};
