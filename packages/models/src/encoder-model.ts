import type { ForwardContext, Host, ModelOutline } from '@lowrank/core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** What every encoder says of itself, whatever its family. */
export interface EncoderConfig {
  /** Hugging Face's word for the family, e.g. `bert`. */
  modelType: string;
  vocabSize: number;
  hiddenSize: number;
  layers: number;
  /** The most positions a sequence may have. */
  maxPositions: number;
  /** The names of the classes that its head tells apart, by number; undefined where it has no such head. */
  classNames: readonly string[] | undefined;
}

/** Token ids, and which of them are there. Each is `[batch, seq]`. */
export interface EncoderInput {
  /** int32 */
  ids: Tensor2D;
  /** float32: 1 for a token, 0 for padding. All are tokens where it is left out. */
  mask?: Tensor2D | undefined;
  /** int32: which of two texts a token belongs to. All to the first where it is left out. */
  types?: Tensor2D | undefined;
}

/** A frozen encoder, and a host for adapters; differentiable in whatever adapters sit on its modules. */
export interface EncoderModel extends Host {
  readonly config: EncoderConfig;
  /**
   * The model as plain data, as `readOutline` gives it of the same files: what `estimate` and `advise` of
   * `@lowrank/efficiency` read. Of the base, whatever adapters sit on it.
   */
  readonly outline: ModelOutline;
  /**
   * @returns the last layer's states, `[batch, seq, hidden]`, owned by the caller
   * @throws `shape-mismatch` beyond `maxPositions`
   */
  forward(input: EncoderInput, context?: ForwardContext): Tensor3D;
  /**
   * @returns one logit a class, `[batch, classes]`, owned by the caller
   * @throws `model-unsupported` where the model has no classification head
   */
  classify(input: EncoderInput, context?: ForwardContext): Tensor2D;
  /** Frees the weights; adapters put on the model are not touched. */
  dispose(): void;
  [Symbol.dispose](): void;
}
