import type { GgufFile, JsonObject } from '@lowrank/formats';
import type { Metadata } from './metadata.js';
import { specialIds, vocabSize } from './vocabulary.js';

/** The `config.json` of a GPT-2 that llama.cpp's converter wrote: it takes OpenAI's activation and scales for granted. */
export async function ggufGpt2Config(metadata: Metadata, gguf: GgufFile): Promise<JsonObject> {
  const hiddenSize = metadata.count('gpt2.embedding_length');
  metadata.passOver('gpt2.vocab_size', 'gpt2.tensor_data_layout');
  const json = {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    activation_function: 'gelu_new',
    n_embd: hiddenSize,
    n_layer: metadata.count('gpt2.block_count'),
    n_head: metadata.count('gpt2.attention.head_count'),
    n_inner: metadata.count('gpt2.feed_forward_length', 4 * hiddenSize),
    n_positions: metadata.count('gpt2.context_length'),
    layer_norm_epsilon: metadata.positive('gpt2.attention.layer_norm_epsilon'),
    vocab_size: vocabSize(metadata, gguf),
    tie_word_embeddings: !gguf.tensors.has('output.weight'),
    ...specialIds(metadata),
    torch_dtype: 'float32',
  };
  metadata.refuseOthers('gpt2.');
  return json;
}
