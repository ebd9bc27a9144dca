/** The two files that make an MLX-LM adapter folder. */
export const configFile = 'adapter_config.json';
export const weightsFile = 'adapters.safetensors';

/** MLX-LM's models go by Hugging Face's names, but for GPT-2's blocks. */
export function toMlxPath(path: string): string {
  return path.replace(/^transformer\.h\./, 'model.h.');
}

export function fromMlxPath(path: string): string {
  return path.replace(/^model\.h\./, 'transformer.h.');
}
