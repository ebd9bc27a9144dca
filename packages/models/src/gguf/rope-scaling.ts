import { LowrankError } from '@lowrank/core';
import type { GgufFile, JsonObject } from '@lowrank/formats';
import { llama3Scaling } from './llama3-scaling.js';
import type { Metadata } from './metadata.js';

const factors = 'rope_freqs.weight';

/** How rotary positions are scaled, in the words of a `config.json`; nothing where they are not. */
export async function ropeScaling(
  metadata: Metadata,
  gguf: GgufFile,
  architecture: string,
  theta: number,
): Promise<JsonObject> {
  const key = (name: string) => `${architecture}.rope.scaling.${name}`;
  const type = metadata.text(key('type')) ?? 'none';
  // llama.cpp keeps what llama3's scaling makes of the frequencies as a tensor.
  if (gguf.tensors.has(factors)) {
    metadata.only(key('type'), 'none', 'llama3');
    const scaling = llama3Scaling((await gguf.read(factors)).data, theta);
    if (scaling) return { rope_scaling: scaling };
    throw new LowrankError('model-unsupported', {
      given: `${gguf.name}: tensor "${factors}"`,
      rule: "lowrank reads factors of frequencies where they are llama3's scaling, and no setting of that gives these",
      fix: 'take its Hugging Face folder, whose config.json says what they are',
    });
  }
  if (type === 'none') return {};
  metadata.only(key('type'), 'linear', 'yarn');
  metadata.only(key('attn_factor'), 1);
  const scaling: JsonObject = { rope_type: type, factor: metadata.positive(key('factor'), 1) };
  if (type === 'yarn') {
    const whole = metadata.count(`${architecture}.context_length`);
    scaling['original_max_position_embeddings'] = metadata.count(key('original_context_length'), whole);
    scaling['beta_fast'] = metadata.positive(key('yarn_beta_fast'), 32);
    scaling['beta_slow'] = metadata.positive(key('yarn_beta_slow'), 1);
  }
  return { rope_scaling: scaling };
}
