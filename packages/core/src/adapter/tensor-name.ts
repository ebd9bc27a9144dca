/** The two factors of an update. */
export type LoraRole = 'lora_A' | 'lora_B';

/** What a trained tensor is to its module. */
export type ParameterRole = LoraRole | 'lora_B.bias' | 'lora_magnitude_vector' | 'weight' | 'bias';

/**
 * The canonical name of a trained tensor of the module at `path`: `<path>.lora_A.weight`, `<path>.lora_B.weight`, else
 * `<path>.<role>` (PEFT's names, without its prefix).
 */
export function loraTensorName(path: string, role: ParameterRole): string {
  return `${path}.${role}${role === 'lora_A' || role === 'lora_B' ? '.weight' : ''}`;
}

/** The path and role in the canonical name of a factor A or B, or undefined when it is not one. */
export function parseLoraTensorName(name: string): { path: string; role: LoraRole } | undefined {
  const match = /^(.+)\.(lora_A|lora_B)\.weight$/.exec(name);
  if (!match) return undefined;
  return { path: match[1] as string, role: match[2] as LoraRole };
}
