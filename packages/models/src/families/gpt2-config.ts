import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import type { CausalConfig } from '../causal-model.js';
import { activationNames, type Activation } from '../parts/activation-names.js';
import { ConfigReader } from './config-reader.js';

export interface Gpt2Config extends CausalConfig {
  /** Of the feed-forward blocks. */
  innerSize: number;
  heads: number;
  normEpsilon: number;
  activation: Activation;
  /** Whether the head reads the embedding's table. */
  tiedHead: boolean;
  /** Whether scores are divided by the root of a head's size. */
  scaleByHeadSize: boolean;
  /** Whether scores of layer i, from 0, are divided by `i + 1`. */
  scaleByLayer: boolean;
}

/**
 * Reads a Hugging Face `config.json` of model_type `gpt2`.
 * Throws `file-invalid` for a value that cannot be, `model-unsupported` for what is not built yet.
 */
export function readGpt2Config(json: JsonObject, file: string): Gpt2Config {
  const config = new ConfigReader(json, file);
  config.only('add_cross_attention', false);
  config.only('quantization_config', null);
  const hiddenSize = config.count('n_embd');
  const heads = config.count('n_head');
  if (hiddenSize % heads !== 0) {
    throw new LowrankError('file-invalid', {
      given: `${file}: n_embd ${hiddenSize} for ${heads} heads`,
      rule: 'n_embd is a multiple of n_head',
      fix: 'take the config.json that belongs to the weights',
    });
  }
  const result: Gpt2Config = {
    modelType: 'gpt2',
    vocabSize: config.count('vocab_size'),
    hiddenSize,
    layers: config.count('n_layer', { most: 4096 }),
    maxPositions: config.count('n_positions', { fallback: 1024 }),
    eosTokenIds: config.ids('eos_token_id'),
    innerSize: config.count('n_inner', { fallback: 4 * hiddenSize }),
    heads,
    normEpsilon: config.positive('layer_norm_epsilon', 1e-5),
    activation: config.oneOf('activation_function', activationNames, 'gelu_new'),
    tiedHead: config.flag('tie_word_embeddings', true),
    scaleByHeadSize: config.flag('scale_attn_weights', true),
    scaleByLayer: config.flag('scale_attn_by_inverse_layer_idx', false),
  };
  const [bos] = config.ids('bos_token_id');
  if (bos !== undefined) result.bosTokenId = bos;
  return result;
}
