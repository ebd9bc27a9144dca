/** The two files that make an MLX-LM adapter folder. */
export const configFile = 'adapter_config.json';
export const weightsFile = 'adapters.safetensors';

/** MLX-LM's models go by Hugging Face's names, but for GPT-2's. */
export function toMlxPath(path: string): string {
  return path.replace(/^transformer\.(h|wte|wpe)(?=\.|$)/, 'model.$1');
}

export function fromMlxPath(path: string): string {
  return path.replace(/^model\.(h|wte|wpe)(?=\.|$)/, 'transformer.$1');
}

/** What MLX-LM's models call their embeddings: shapes do not tell them from linears. */
export function isMlxEmbedding(path: string): boolean {
  return /(^|\.)(wte|wpe|[^.]*embed[^.]*)$/.test(path);
}
