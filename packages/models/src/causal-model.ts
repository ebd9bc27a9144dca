import type { ForwardContext, Host, ModelOutline } from '@lowrank/core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import type { KvCache } from './parts/kv-cache.js';

/** What every causal model says of itself, whatever its family. */
export interface CausalConfig {
  /** Hugging Face's word for the family, e.g. `llama`. */
  modelType: string;
  vocabSize: number;
  hiddenSize: number;
  layers: number;
  /** The most positions a sequence may have. */
  maxPositions: number;
  /** The id a sequence begins with, if the model has one. */
  bosTokenId?: number;
  /** Ids that end a text. */
  eosTokenIds: number[];
}

/** A frozen next-token model, and a host for adapters. */
export interface CausalModel extends Host {
  readonly config: CausalConfig;
  /**
   * The model as plain data, as `readOutline` gives it of the same files: what `estimate` and `advise` of
   * `@lowrank/efficiency` read. Of the base, whatever adapters sit on it.
   */
  readonly outline: ModelOutline;
  /**
   * Logits for what follows each position; differentiable in whatever adapters sit on its modules.
   *
   * @param ids `[batch, seq]` int32, each in `[0, vocab)`
   * @param cache keys and values of earlier positions, to which those of `ids` are added; one for each row where rows
   *   have read different numbers of them
   * @returns `[batch, seq, vocab]`, owned by the caller
   * @throws `shape-mismatch` beyond `maxPositions`
   */
  forward(ids: Tensor2D, context?: ForwardContext, cache?: KvCache | readonly KvCache[]): Tensor3D;
  /** Frees the weights; adapters put on the model are not touched. */
  dispose(): void;
  [Symbol.dispose](): void;
}
