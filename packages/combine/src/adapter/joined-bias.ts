import { LowrankError, type LoraConfig } from '@lowrank/core';
import type { AdapterParts } from './read-parts.js';

/**
 * Which biases the result brings. Throws `adapter-mismatch` where it would be those of adapted modules, and some module
 * is adapted whose bias no adapter brings.
 *
 * @param adapters those whose biases count
 */
export function joinedBias(adapters: AdapterParts[], all: AdapterParts[]): LoraConfig['bias'] {
  const kinds = new Set(adapters.map(({ config }) => config.bias));
  if (kinds.has('all')) return 'all';
  if (!kinds.has('lora_only')) return 'none';
  const adapted = new Set(all.flatMap(({ updates }) => [...updates.keys()]));
  for (const { given, config, updates } of adapters) {
    if (config.bias === 'lora_only' && updates.size === adapted.size) continue;
    throw new LowrankError('adapter-mismatch', {
      given: `trained biases (bias: lora_only), which ${given} does not have of every module`,
      rule: "those that are missing are the base's, which are not here",
      fix: 'combine adapters of the same modules, all with trained biases or all without',
    });
  }
  return 'lora_only';
}
