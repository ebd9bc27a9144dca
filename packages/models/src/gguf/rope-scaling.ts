import type { GgufFile, JsonObject } from '@lowrank/formats';
import type { Metadata } from './metadata.js';

/** How rotary positions are scaled, in the words of a `config.json`; nothing where they are not. */
export function ropeScaling(metadata: Metadata, gguf: GgufFile, architecture: string): JsonObject {
  const key = (name: string) => `${architecture}.rope.scaling.${name}`;
  const type = metadata.text(key('type')) ?? 'none';
  // llama.cpp keeps what llama3's scaling makes of the frequencies as a tensor.
  if (gguf.tensors.has('rope_freqs.weight')) return { rope_scaling: { rope_type: 'llama3' } };
  if (type === 'none') return {};
  metadata.only(key('attn_factor'), 1);
  return {
    rope_scaling: {
      rope_type: type,
      factor: metadata.positive(key('factor'), 1),
      original_max_position_embeddings: metadata.count(
        key('original_context_length'),
        metadata.count(`${architecture}.context_length`),
      ),
    },
  };
}
