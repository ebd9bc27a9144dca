import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import type { CausalConfig } from '../causal-model.js';
import type { RopeScaling } from '../parts/rope-scaling.js';
import { ConfigReader } from './config-reader.js';
import { readRope } from './rope-config.js';

/** What makes a model of the Llama architecture, whichever of its families it is of. */
export interface LlamaConfig extends CausalConfig {
  intermediateSize: number;
  heads: number;
  /** Key and value heads, shared by `heads / kvHeads` query heads each. */
  kvHeads: number;
  headDim: number;
  normEpsilon: number;
  ropeTheta: number;
  ropeScaling: RopeScaling;
  /** Whether the head reads the embedding's table. */
  tiedHead: boolean;
  /** Whether queries, keys and values have biases. */
  qkvBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  /** For each layer, how many of the last keys a query sees; undefined where it sees all. */
  windows: (number | undefined)[];
}

/** What families of the architecture differ in. */
export interface LlamaFamily {
  modelType: string;
  /** Of `max_position_embeddings`. */
  positions: number;
  /** Of `num_key_value_heads`, where the key is not there; else as many as query heads. */
  kvHeads?: number;
  biases: (config: ConfigReader) => Pick<LlamaConfig, 'qkvBias' | 'outputBias' | 'mlpBias'>;
  /** Of each of `layers`; all see everything where it is left out. */
  windows?: (config: ConfigReader, layers: number) => LlamaConfig['windows'];
}

/**
 * Reads a Hugging Face `config.json` of a family, in transformers 4's or 5's spelling, with transformers' defaults.
 * Throws `file-invalid` for a value that cannot be, `model-unsupported` for what is not built yet.
 */
export function readLlamaConfig(json: JsonObject, file: string, family: LlamaFamily): LlamaConfig {
  const config = new ConfigReader(json, file);
  config.only('hidden_act', 'silu');
  config.only('quantization_config', null);
  const hiddenSize = config.count('hidden_size');
  const heads = config.count('num_attention_heads');
  const layers = config.count('num_hidden_layers', { most: 4096 });
  const rope = readRope(json, file, config.count('max_position_embeddings', { fallback: family.positions }));
  const kvHeads = json['num_key_value_heads'] === null ? heads : (family.kvHeads ?? heads);
  const result: LlamaConfig = {
    modelType: family.modelType,
    vocabSize: config.count('vocab_size'),
    hiddenSize,
    layers,
    maxPositions: rope.maxPositions,
    eosTokenIds: config.ids('eos_token_id'),
    intermediateSize: config.count('intermediate_size'),
    heads,
    kvHeads: config.count('num_key_value_heads', { fallback: kvHeads }),
    headDim: config.count('head_dim', { fallback: hiddenSize / heads }),
    normEpsilon: config.positive('rms_norm_eps', 1e-6),
    ropeTheta: rope.theta,
    ropeScaling: rope.scaling,
    tiedHead: config.flag('tie_word_embeddings', false),
    ...family.biases(config),
    windows: family.windows?.(config, layers) ?? Array.from({ length: layers }, () => undefined),
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
