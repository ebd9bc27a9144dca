import type { CausalModel } from '../causal-model.js';
import type { Family } from './family-reader.js';
import type { LlamaConfig } from './llama-config.js';
import { llamaPass } from './llama-pass.js';
import { llamaSpecs } from './llama-specs.js';

/** A family of the Llama architecture, bound to a config. */
export function llamaFamily(config: LlamaConfig): Family<CausalModel> {
  return {
    specs: llamaSpecs(config),
    pass: llamaPass(config),
    maxPositions: config.maxPositions,
    maker: async () => {
      const { Llama } = await import('./llama-model.js');
      return (...parts) => new Llama(config, ...parts);
    },
  };
}
