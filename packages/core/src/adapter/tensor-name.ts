export type LoraRole = 'lora_A' | 'lora_B';

/** The canonical name of a factor: `<path>.lora_A.weight` or `<path>.lora_B.weight` (PEFT's, without its prefix). */
export function loraTensorName(path: string, role: LoraRole): string {
  return `${path}.${role}.weight`;
}

/** The path and role in a canonical name, or undefined when it is not one. */
export function parseLoraTensorName(name: string): { path: string; role: LoraRole } | undefined {
  const match = /^(.+)\.(lora_A|lora_B)\.weight$/.exec(name);
  if (!match) return undefined;
  return { path: match[1] as string, role: match[2] as LoraRole };
}
