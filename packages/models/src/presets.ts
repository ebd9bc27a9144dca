import { LowrankError, nearest, type ModelOutline } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import type { LoadOptions } from './load-options.js';
import { outlineOf } from './outline-of.js';

const bert = (hidden: number, layers: number, heads: number): JsonObject => ({
  model_type: 'bert',
  vocab_size: 30522,
  hidden_size: hidden,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  intermediate_size: 4 * hidden,
});

const gpt2 = (width: number, layers: number, heads: number): JsonObject => ({
  model_type: 'gpt2',
  vocab_size: 50257,
  n_embd: width,
  n_layer: layers,
  n_head: heads,
});

/** @param heads query heads, and the key and value heads that they share */
const llama = (
  family: { model_type: string; vocab_size: number; max_position_embeddings: number; tie_word_embeddings?: boolean },
  [hidden, inner, layers]: [hidden: number, inner: number, layers: number],
  [heads, kvHeads]: [heads: number, kvHeads: number],
): JsonObject => ({
  ...family,
  hidden_size: hidden,
  intermediate_size: inner,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: kvHeads,
});

const tied = { tie_word_embeddings: true };
const llama3 = { model_type: 'llama', vocab_size: 128256 };
const qwen2 = { model_type: 'qwen2', vocab_size: 151936, max_position_embeddings: 131072, ...tied };

/** Well-known models by name, as what of their `config.json` decides sizes. */
const configs: Record<string, JsonObject> = {
  'bert-base': bert(768, 12, 12),
  'bert-large': bert(1024, 24, 16),
  'minilm-l6': bert(384, 6, 12),
  gpt2: gpt2(768, 12, 12),
  'gpt2-medium': gpt2(1024, 24, 16),
  'gpt2-large': gpt2(1280, 36, 20),
  'gpt2-xl': gpt2(1600, 48, 25),
  'smollm2-135m': llama(
    { model_type: 'llama', vocab_size: 49152, max_position_embeddings: 8192, ...tied },
    [576, 1536, 30],
    [9, 3],
  ),
  'tinyllama-1.1b': llama(
    { model_type: 'llama', vocab_size: 32000, max_position_embeddings: 2048 },
    [2048, 5632, 22],
    [32, 4],
  ),
  'llama-3.2-1b': llama({ ...llama3, max_position_embeddings: 131072, ...tied }, [2048, 8192, 16], [32, 8]),
  'llama-3-8b': llama({ ...llama3, max_position_embeddings: 8192 }, [4096, 14336, 32], [32, 8]),
  'mistral-7b': llama(
    { model_type: 'mistral', vocab_size: 32000, max_position_embeddings: 32768 },
    [4096, 14336, 32],
    [32, 8],
  ),
  'qwen2-0.5b': llama(qwen2, [896, 4864, 24], [14, 2]),
  'qwen2-1.5b': llama(qwen2, [1536, 8960, 28], [12, 2]),
};

/** Names that `presetOutline` takes. */
export const presetNames: readonly string[] = Object.keys(configs);

/**
 * A well-known model as plain data, without a file. Throws `model-unsupported` for a name that is none, with the nearest
 * and all there are; `config-invalid` as `outlineOf`.
 */
export function presetOutline(name: string, options: LoadOptions = {}): ModelOutline {
  if (Object.hasOwn(configs, name)) return outlineOf(configs[name] as JsonObject, { ...options, file: name });
  throw new LowrankError('model-unsupported', {
    given: `preset "${name}"`,
    rule: `these are known: ${presetNames.join(', ')}`,
    fix: `nearest here: ${nearest(name, presetNames).join(', ')}`,
  });
}
