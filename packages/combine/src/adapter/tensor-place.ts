import { parseTensorName } from '@lowrank/core';

/** What a tensor of an adapter is to its module. */
export type TensorPlace =
  | { is: 'a' | 'b'; of: 'linear' | 'embedding'; path: string }
  /** `bias`: on B. `table`: the embedding's own, saved along. */
  | { is: 'bias' | 'magnitude' | 'rows' | 'table'; path: string }
  /** A tensor of the base that the adapter brings its own value of. */
  | { is: 'whole'; path: string };

/** What the canonical name of a tensor says, see `loraTensorName`. */
export function placeOf(name: string): TensorPlace {
  if (name.endsWith(table)) return { is: 'table', path: name.slice(0, -table.length) };
  const { path = name.slice(0, Math.max(0, name.lastIndexOf('.'))), role = 'weight' } = parseTensorName(name) ?? {};
  return { ...places[role], path };
}

const table = '.base_layer.weight';

const places = {
  lora_A: { is: 'a', of: 'linear' },
  lora_B: { is: 'b', of: 'linear' },
  lora_embedding_A: { is: 'a', of: 'embedding' },
  lora_embedding_B: { is: 'b', of: 'embedding' },
  'lora_B.bias': { is: 'bias' },
  lora_magnitude_vector: { is: 'magnitude' },
  trainable_tokens_delta: { is: 'rows' },
  weight: { is: 'whole' },
  bias: { is: 'whole' },
} as const;
