import type { ModelOutline } from '@lowrank/core';
import type { GgufAdapterOptions } from '@lowrank/formats';
import type { CausalModel } from '@lowrank/models';

/** What a GGUF adapter's file says of its base. */
export function ggufFacts({ config }: CausalModel, { pass }: ModelOutline): GgufAdapterOptions {
  const attention = pass.blocks[0]?.find(({ op }) => op === 'attention');
  return {
    // llama.cpp has no family of its own for Mistral.
    architecture: config.modelType === 'mistral' ? 'llama' : config.modelType,
    ...(attention?.heads !== undefined && { heads: attention.heads }),
    ...(attention?.kvHeads !== undefined && { keyValueHeads: attention.kvHeads }),
  };
}
