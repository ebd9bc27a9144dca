/** The two factors of a linear's update. */
export type LoraRole = 'lora_A' | 'lora_B';

/** What a trained tensor is to its module. */
export type ParameterRole =
  | LoraRole
  | 'lora_B.bias'
  | 'lora_magnitude_vector'
  | 'lora_embedding_A'
  | 'lora_embedding_B'
  | 'trainable_tokens_delta'
  | 'weight'
  | 'bias';

/**
 * The canonical name of a trained tensor of the module at `path`, which is PEFT's without its prefix:
 * `<path>.lora_A.weight`, `<path>.lora_B.weight`, `<path>.token_adapter.trainable_tokens_delta`, else `<path>.<role>`.
 */
export function loraTensorName(path: string, role: ParameterRole): string {
  if (role === 'lora_A' || role === 'lora_B') return `${path}.${role}.weight`;
  return role === 'trainable_tokens_delta' ? `${path}.token_adapter.${role}` : `${path}.${role}`;
}

/** The path and role in the canonical name of a factor A or B, or undefined when it is not one. */
export function parseLoraTensorName(name: string): { path: string; role: LoraRole } | undefined {
  const match = /^(.+)\.(lora_A|lora_B)\.weight$/.exec(name);
  if (!match) return undefined;
  return { path: match[1] as string, role: match[2] as LoraRole };
}
