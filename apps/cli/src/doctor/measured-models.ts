import { crossEntropy, type ForwardContext, type TokenBatch } from '@lowrank/core';
import type { BatchShape } from '@lowrank/efficiency';
import type { JsonObject } from '@lowrank/formats';
import {
  causalLoss,
  loadEncoder,
  loadModel,
  meanPool,
  randomFolder,
  type CausalModel,
  type EncoderModel,
} from '@lowrank/models';
import { tensor2d, tidy, type Scalar } from '@tensorflow/tfjs-core';
import type { MeasuredModelName } from './measured-model-names.js';

/**
 * A model whose steps are measured: wide enough that products are as fast as in a real one, with few words. Of its four
 * layers' weights, the decoder's are more than most caches hold, and what a step costs beside layers counts little.
 */
export interface MeasuredModel {
  config: JsonObject;
  targetModules: string[];
  /** From cheap to dear: between them the kinds of work stand in different proportions. */
  batches: BatchShape[];
  /** @param folder where its files are; without it they are made in memory */
  open(folder?: string): Promise<{
    host: CausalModel | EncoderModel;
    loss: (batch: TokenBatch, context: ForwardContext) => Scalar;
  }>;
}

const decoder: JsonObject = {
  model_type: 'llama',
  vocab_size: 2048,
  hidden_size: 512,
  intermediate_size: 1536,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 8,
  max_position_embeddings: 1024,
  tie_word_embeddings: true,
};

const encoder: JsonObject = {
  model_type: 'bert',
  vocab_size: 2048,
  hidden_size: 384,
  intermediate_size: 1536,
  num_hidden_layers: 4,
  num_attention_heads: 12,
  max_position_embeddings: 512,
  type_vocab_size: 2,
};

/** Batches whose steps' peak memory is measured, from small to large: a process's peak only grows where it cannot be reset. */
export const memoryBatches: BatchShape[] = [
  { batch: 1, seq: 64 },
  { batch: 4, seq: 64 },
  { batch: 8, seq: 128 },
  { batch: 16, seq: 128 },
];

/** One that sees what came before through heads of 64, and one that sees all through heads of 32. */
export const measuredModels: Record<MeasuredModelName, MeasuredModel> = {
  decoder: {
    config: decoder,
    targetModules: ['q_proj', 'v_proj'],
    batches: [
      { batch: 1, seq: 16 },
      { batch: 1, seq: 64 },
      { batch: 1, seq: 128 },
      { batch: 8, seq: 32 },
      { batch: 1, seq: 512 },
    ],
    async open(folder) {
      const host = await loadModel(folder ?? randomFolder(decoder));
      return { host, loss: (batch, context) => causalLoss(host, batch, context) };
    },
  },
  encoder: {
    config: encoder,
    targetModules: ['query', 'value'],
    batches: [
      { batch: 1, seq: 16 },
      { batch: 1, seq: 64 },
      { batch: 4, seq: 64 },
      { batch: 1, seq: 512 },
    ],
    async open(folder) {
      const host = await loadEncoder(folder ?? randomFolder(encoder));
      const loss = ({ ids, targets, batch, seq }: TokenBatch, context: ForwardContext) =>
        tidy(() => {
          const states = host.forward({ ids: tensor2d(ids, [batch, seq], 'int32') }, context);
          return crossEntropy(meanPool(states), targets.subarray(0, batch));
        });
      return { host, loss };
    },
  },
};
