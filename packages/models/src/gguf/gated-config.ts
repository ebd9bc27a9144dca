import type { GgufFile, JsonObject } from '@lowrank/formats';
import type { Metadata } from './metadata.js';
import { ropeScaling } from './rope-scaling.js';
import { specialIds, vocabSize } from './vocabulary.js';

/** The `config.json` of a Llama that llama.cpp's converter wrote; a Mistral is one there, its window left out. */
export function ggufLlamaConfig(metadata: Metadata, gguf: GgufFile): Promise<JsonObject> {
  return gatedConfig(metadata, gguf, 'llama', {
    architectures: ['LlamaForCausalLM'],
    attention_bias: gguf.tensors.has('blk.0.attn_q.bias'),
    mlp_bias: gguf.tensors.has('blk.0.ffn_gate.bias'),
  });
}

export function ggufQwen2Config(metadata: Metadata, gguf: GgufFile): Promise<JsonObject> {
  return gatedConfig(metadata, gguf, 'qwen2', { architectures: ['Qwen2ForCausalLM'], use_sliding_window: false });
}

/** What the architectures of Llama's kind have in common. */
async function gatedConfig(
  metadata: Metadata,
  gguf: GgufFile,
  architecture: 'llama' | 'qwen2',
  own: JsonObject,
): Promise<JsonObject> {
  const key = (name: string) => `${architecture}.${name}`;
  const hiddenSize = metadata.count(key('embedding_length'));
  const heads = metadata.count(key('attention.head_count'));
  const headDim = metadata.count(key('attention.key_length'), hiddenSize / heads);
  metadata.only(key('attention.value_length'), headDim);
  metadata.only(key('rope.dimension_count'), headDim);
  metadata.only(key('expert_count'), 0);
  metadata.only(key('expert_used_count'), 0);
  metadata.only(key('attention.causal'), true);
  metadata.passOver(key('vocab_size'), key('tensor_data_layout'), key('rope.scaling.finetuned'));
  const ropeTheta = metadata.positive(key('rope.freq_base'), 10000);
  const json = {
    model_type: architecture,
    hidden_act: 'silu',
    hidden_size: hiddenSize,
    num_hidden_layers: metadata.count(key('block_count')),
    intermediate_size: metadata.count(key('feed_forward_length')),
    num_attention_heads: heads,
    num_key_value_heads: metadata.count(key('attention.head_count_kv'), heads),
    head_dim: headDim,
    rms_norm_eps: metadata.positive(key('attention.layer_norm_rms_epsilon')),
    rope_theta: ropeTheta,
    ...(await ropeScaling(metadata, gguf, architecture, ropeTheta)),
    max_position_embeddings: metadata.count(key('context_length')),
    vocab_size: vocabSize(metadata, gguf),
    tie_word_embeddings: !gguf.tensors.has('output.weight'),
    ...specialIds(metadata),
    torch_dtype: 'float32',
    ...own,
  };
  metadata.refuseOthers(`${architecture}.`);
  return json;
}
