import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import type { LoraLinearWeights } from '../ops/lora-linear.js';

/** What a variant works on. */
export interface VariantWeights extends LoraLinearWeights {
  /** Of the factors' values, where A and B are made of others anew each time: while these are the same, so are they. */
  madeOf?: readonly object[];
}

/** What one kind of low-rank update does with its factors. What it owns it frees. */
export interface Variant {
  /** Where A `[in, rank]` and B `[rank, out]` started, where the layer adds only what has changed since. */
  readonly initial?: { a: Variable; b: Variable };
  /** The factors of the plain LoRA that does the same, in a `tidy` of the caller, where they are not A and B. */
  effective?(weights: VariantWeights): VariantWeights;
  /**
   * The adapted layer's output, in a `tidy` of the caller.
   *
   * @param x `[..., in]`
   * @param dropped what dropout left of x for the adapter; `x` itself where there is none
   * @returns `[..., out]`
   */
  forward(x: Tensor, weights: VariantWeights, dropped: Tensor): Tensor;
  /**
   * What the update adds to the base's output, without computing that again; in a `tidy` of the caller.
   *
   * @param product makes `x W`, of what the base has computed already
   * @returns `[..., out]`
   */
  update(x: Tensor, weights: VariantWeights, dropped: Tensor, product: () => Tensor): Tensor;
  /** The weight that a plain linear would need to do the same, `[in, out]`, owned by the caller. */
  merged(weights: VariantWeights): Tensor2D;
  /** What it trains besides A and B. */
  parameters(path: string): Parameter[];
  dispose(): void;
}
