import { LowrankError } from '@lowrank/core';
import type { GgufAdapterOptions } from '@lowrank/formats';
import type { ModelFolder } from '@lowrank/models';

/** What a GGUF adapter's file says of its base, from the base's config. Throws `model-unsupported` where it is not told. */
export async function ggufFacts(folder: ModelFolder): Promise<GgufAdapterOptions> {
  const source = await folder.open('config.json');
  const config = JSON.parse(new TextDecoder().decode(await source!.read(0, source!.size))) as Record<string, unknown>;
  await source!.close();
  const type = config['model_type'];
  const heads = config['num_attention_heads'] ?? config['n_head'];
  if (typeof type !== 'string' || typeof heads !== 'number') {
    throw new LowrankError('model-unsupported', {
      given: `config.json of ${folder.name}`,
      rule: 'a GGUF adapter names its base’s family and heads, and the config tells no "model_type" or no heads',
      fix: 'download the PEFT folder instead',
    });
  }
  return {
    // llama.cpp has no family of its own for Mistral.
    architecture: type === 'mistral' ? 'llama' : type,
    heads,
    keyValueHeads: (config['num_key_value_heads'] as number | undefined) ?? heads,
  };
}
