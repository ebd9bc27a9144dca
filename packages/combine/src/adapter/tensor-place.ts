/** What a tensor of an adapter is to its module. */
export type TensorPlace =
  | { is: 'a' | 'b'; of: 'linear' | 'embedding'; path: string }
  /** `bias`: on B. `table`: the embedding's own, saved along. */
  | { is: 'bias' | 'magnitude' | 'rows' | 'table'; path: string }
  /** A tensor of the base that the adapter brings its own value of. */
  | { is: 'whole'; path: string };

/** What the canonical name of a tensor says, see `loraTensorName`. */
export function placeOf(name: string): TensorPlace {
  const match = /^(.+)\.(lora_A\.weight|lora_B\.weight|lora_embedding_A|lora_embedding_B)$/.exec(name);
  if (match) {
    const [, path, role] = match as unknown as [string, string, string];
    const of = role.startsWith('lora_embedding') ? 'embedding' : 'linear';
    return { is: /_A/.test(role) ? 'a' : 'b', of, path };
  }
  for (const { ends, is } of others) {
    if (name.endsWith(ends)) return { is, path: name.slice(0, -ends.length) };
  }
  return { is: 'whole', path: name.slice(0, Math.max(0, name.lastIndexOf('.'))) };
}

const others = [
  { ends: '.lora_B.bias', is: 'bias' },
  { ends: '.lora_magnitude_vector', is: 'magnitude' },
  { ends: '.token_adapter.trainable_tokens_delta', is: 'rows' },
  { ends: '.base_layer.weight', is: 'table' },
] as const;
