import { LowrankError } from '@lowrank/core';
import type { JsonObject } from '@lowrank/formats';
import type { CausalConfig } from '../causal-model.js';
import type { ModuleSpec } from '../module-spec.js';
import { ConfigReader } from './config-reader.js';

export interface LlamaConfig extends CausalConfig {
  modelType: 'llama';
  intermediateSize: number;
  heads: number;
  /** Key and value heads, shared by `heads / kvHeads` query heads each. */
  kvHeads: number;
  headDim: number;
  normEpsilon: number;
  ropeTheta: number;
  /** Whether the head reads the embedding's table. */
  tiedHead: boolean;
  attentionBias: boolean;
  mlpBias: boolean;
}

/**
 * Reads a Hugging Face `config.json` of model_type `llama`, in transformers 4's or 5's spelling.
 * Throws `file-invalid` for a value that cannot be, `model-unsupported` for what is not built yet.
 */
export function parseLlamaConfig(json: JsonObject, file: string): LlamaConfig {
  const config = new ConfigReader(json, file);
  config.only('hidden_act', 'silu');
  config.only('quantization_config', null);
  const rope = new ConfigReader({ ...config.object('rope_scaling'), ...config.object('rope_parameters') }, file);
  rope.only('rope_type', 'default');
  rope.only('type', 'default');
  const hiddenSize = config.count('hidden_size');
  const heads = config.count('num_attention_heads');
  const result: LlamaConfig = {
    modelType: 'llama',
    vocabSize: config.count('vocab_size'),
    hiddenSize,
    layers: config.count('num_hidden_layers', { most: 4096 }),
    maxPositions: config.count('max_position_embeddings', { fallback: 2048 }),
    eosTokenIds: config.ids('eos_token_id'),
    intermediateSize: config.count('intermediate_size'),
    heads,
    kvHeads: config.count('num_key_value_heads', { fallback: heads }),
    headDim: config.count('head_dim', { fallback: hiddenSize / heads }),
    normEpsilon: config.positive('rms_norm_eps', 1e-6),
    ropeTheta: rope.positive('rope_theta', config.positive('rope_theta', 10000)),
    tiedHead: config.flag('tie_word_embeddings', false),
    attentionBias: config.flag('attention_bias', false),
    mlpBias: config.flag('mlp_bias', false),
  };
  const [bos] = config.ids('bos_token_id');
  if (bos !== undefined) result.bosTokenId = bos;
  checkHeads(result, file);
  return result;
}

function checkHeads({ heads, kvHeads, headDim }: LlamaConfig, file: string): void {
  if (heads % kvHeads === 0 && headDim % 2 === 0) return;
  throw new LowrankError('file-invalid', {
    given: `${file}: ${heads} heads on ${kvHeads} key/value heads, head_dim ${headDim}`,
    rule: 'num_attention_heads is a multiple of num_key_value_heads, and head_dim is even',
    fix: 'take the config.json that belongs to the weights',
  });
}

/** Every module of a Llama in forward order, under Hugging Face's paths. */
export function llamaSpecs(config: LlamaConfig): ModuleSpec[] {
  const { vocabSize: vocab, hiddenSize: hidden, heads, kvHeads, headDim } = config;
  const norm = (path: string): ModuleSpec => ({ path, kind: 'norm', hidden, epsilon: config.normEpsilon });
  const linear = (path: string, from: number, to: number, bias: boolean): ModuleSpec => ({
    path,
    kind: 'linear',
    in: from,
    out: to,
    bias,
  });
  const layer = (path: string): ModuleSpec[] => [
    norm(`${path}.input_layernorm`),
    linear(`${path}.self_attn.q_proj`, hidden, heads * headDim, config.attentionBias),
    linear(`${path}.self_attn.k_proj`, hidden, kvHeads * headDim, config.attentionBias),
    linear(`${path}.self_attn.v_proj`, hidden, kvHeads * headDim, config.attentionBias),
    linear(`${path}.self_attn.o_proj`, heads * headDim, hidden, config.attentionBias),
    norm(`${path}.post_attention_layernorm`),
    linear(`${path}.mlp.gate_proj`, hidden, config.intermediateSize, config.mlpBias),
    linear(`${path}.mlp.up_proj`, hidden, config.intermediateSize, config.mlpBias),
    linear(`${path}.mlp.down_proj`, config.intermediateSize, hidden, config.mlpBias),
  ];
  const table = 'model.embed_tokens';
  const head: ModuleSpec = config.tiedHead
    ? { path: 'lm_head', kind: 'tied-head', in: hidden, out: vocab, table }
    : { path: 'lm_head', kind: 'linear', in: hidden, out: vocab, bias: false, head: true };
  return [
    { path: table, kind: 'embedding', vocab, hidden },
    ...Array.from({ length: config.layers }, (_, index) => layer(`model.layers.${index}`)).flat(),
    norm('model.norm'),
    head,
  ];
}
