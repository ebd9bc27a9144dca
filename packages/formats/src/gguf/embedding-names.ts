import { LowrankError } from '@lowrank/core/plan';
import { architectureOf, headedPath } from './architectures.js';

/** By `general.architecture`: Hugging Face's path of the embedding whose adapter llama.cpp looks up, token by token. */
const embeddings: Record<string, string> = {
  llama: 'model.embed_tokens',
  qwen2: 'model.embed_tokens',
  qwen3: 'model.embed_tokens',
  gpt2: 'transformer.wte',
  bert: 'bert.embeddings.word_embeddings',
};

const theirs = 'token_embd';

/** llama.cpp's name of an embedding, without `.weight`. Throws `config-unsupported` for one that it does not adapt. */
export function embeddingName(given: string, architecture: string, path: string): string {
  if (embeddings[architecture] === headedPath(architectureOf(given, architecture), path)) return theirs;
  throw new LowrankError('config-unsupported', {
    given: `"${path}" of ${given}`,
    rule: `the embedding that llama.cpp adapts is "${embeddings[architecture]}"`,
    fix: 'leave it out of the targets',
  });
}

/** The way back: undefined for a name that is none of an embedding. */
export function embeddingPath(architecture: string, name: string): string | undefined {
  return name === theirs ? embeddings[architecture] : undefined;
}
