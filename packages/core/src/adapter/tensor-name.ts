/** The two factors of a linear's update. */
export type LoraRole = 'lora_A' | 'lora_B';

/** Each after those whose names end with its own. */
const roles = [
  'lora_A',
  'lora_B',
  'lora_B.bias',
  'lora_magnitude_vector',
  'lora_embedding_A',
  'lora_embedding_B',
  'trainable_tokens_delta',
  'weight',
  'bias',
] as const;

/** What a trained tensor is to its module. */
export type ParameterRole = (typeof roles)[number];

/**
 * The canonical name of a trained tensor of the module at `path`, which is PEFT's without its prefix:
 * `<path>.lora_A.weight`, `<path>.lora_B.weight`, `<path>.token_adapter.trainable_tokens_delta`, else `<path>.<role>`.
 */
export function loraTensorName(path: string, role: ParameterRole): string {
  if (role === 'lora_A' || role === 'lora_B') return `${path}.${role}.weight`;
  return role === 'trainable_tokens_delta' ? `${path}.token_adapter.${role}` : `${path}.${role}`;
}

/** The reverse of `loraTensorName`: the path and role in a canonical name, or undefined when it is not one. */
export function parseTensorName(name: string): { path: string; role: ParameterRole } | undefined {
  for (const role of roles) {
    const end = loraTensorName('', role);
    if (name === end) return undefined;
    if (name.endsWith(end)) return { path: name.slice(0, -end.length), role };
  }
  return undefined;
}

/** The path and role in the canonical name of a factor A or B, or undefined when it is not one. */
export function parseLoraTensorName(name: string): { path: string; role: LoraRole } | undefined {
  const { path, role } = parseTensorName(name) ?? {};
  return path !== undefined && (role === 'lora_A' || role === 'lora_B') ? { path, role } : undefined;
}
