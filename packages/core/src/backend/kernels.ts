import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { OpResult } from '../ops/custom-op.js';
import type { BlockWeight } from '../quant/block-weight.js';

/** A weight that is never trained: dense `[in, out]`, or packed in blocks. */
export type FrozenWeight = Tensor2D | BlockWeight;

/**
 * One backend's way to compute an op with a gradient. It runs inside a `tidy`, and so does its gradient. It gives
 * `save` the tensors that its gradient reads, other than frozen ones; or it declines, before saving, with
 * `undefined`, and the op is composed from tfjs's ops instead.
 */
export type Kernel<Args> = (args: Args, save: (kept: Tensor[]) => void) => OpResult | undefined;

/** A computation without a gradient; `undefined` declines. It runs inside a `tidy`. */
export type PlainKernel<Args, Result> = (args: Args) => Result | undefined;

/** What a backend may bring; see each op for its formula. Gradients come in the order that is named here. */
export interface Kernels {
  /** Value `[rows, out]`; gradient `[dx]`. */
  frozenLinear?: Kernel<FrozenLinearArgs>;
  /** Value `[rows, out]`; gradient `[dx, dA, dB]`, or `[dx, dDropped, dA, dB]` where `dropped` is given. */
  loraLinear?: Kernel<LoraLinearArgs>;
  /** Value `[rows, hidden]`; gradient `[dx]`. */
  layerNorm?: Kernel<LayerNormArgs>;
  /** Value `[rows, hidden]`; gradient `[dx]`. */
  rmsNorm?: Kernel<RmsNormArgs>;
  /** Value of x's shape; gradient `[dx]`. */
  gelu?: Kernel<GeluArgs>;
  /** Value of gate's shape; gradient `[dGate, dUp]`. */
  swiglu?: Kernel<SwigluArgs>;
  /** Value of x's shape; gradient `[dx]`. */
  rotary?: Kernel<RotaryArgs>;
  /** Value of x's shape; gradient `[dx, dy]`. */
  residual?: Kernel<ResidualArgs>;
  /** Value of q's shape; gradient `[dq, dk, dv]`. */
  attention?: Kernel<AttentionArgs>;
  /** The same with a sliding window, and apart from it, so that no kernel is given a window that it does not know. */
  windowedAttention?: Kernel<WindowedAttentionArgs>;
  /** Value a scalar; gradient `[dLogits]`. */
  crossEntropy?: Kernel<CrossEntropyArgs>;
  /** `[ids.length, hidden]`, rows of a table. */
  embeddingLookup?: PlainKernel<EmbeddingLookupArgs, Tensor2D>;
  /** `[out, in]`, the values that a packed weight stands for. */
  dequantise?: PlainKernel<BlockWeight, Tensor2D>;
  /** One update of many parameters. */
  adamw?: PlainKernel<AdamwArgs, AdamwResult>;
}

export interface FrozenLinearArgs {
  /** `[rows, in]` */
  x: Tensor2D;
  weight: FrozenWeight;
  /** `[out]` */
  bias: Tensor1D | undefined;
  /** A dense weight is stored `[out, in]`. Never with a packed one. */
  transposed: boolean;
}

export interface LoraLinearArgs {
  /** `[rows, in]` */
  x: Tensor2D;
  /** What dropout left of x for the adapter, where there is dropout. */
  dropped: Tensor2D | undefined;
  weight: FrozenWeight;
  /** `[out]` */
  bias: Tensor1D | undefined;
  /** `[in, rank]` */
  a: Tensor2D;
  /** `[rank, out]` */
  b: Tensor2D;
  scaling: number;
}

export interface RmsNormArgs {
  /** `[rows, hidden]` */
  x: Tensor2D;
  /** `[hidden]` */
  weight: Tensor1D;
  epsilon: number;
}

export interface LayerNormArgs extends RmsNormArgs {
  /** `[hidden]` */
  bias: Tensor1D;
}

export interface GeluArgs {
  x: Tensor;
  approximate: 'none' | 'tanh';
}

export interface SwigluArgs {
  gate: Tensor;
  up: Tensor;
}

export interface RotaryArgs {
  /** `[batch, heads, seq, headDim]` */
  x: Tensor4D;
  /** `[seq, headDim / 2]` */
  cos: Tensor2D;
  /** `[seq, headDim / 2]` */
  sin: Tensor2D;
}

export interface ResidualArgs {
  x: Tensor;
  y: Tensor;
}

export interface AttentionArgs {
  /** `[batch, heads, seq, headDim]` */
  q: Tensor4D;
  /** `[batch, kvHeads, kvSeq, headDim]` */
  k: Tensor4D;
  /** `[batch, kvHeads, kvSeq, headDim]` */
  v: Tensor4D;
  /** `[batch, kvSeq]`, 1 where a key may be seen and 0 where not. */
  mask: Tensor2D | undefined;
  causal: boolean;
}

export interface WindowedAttentionArgs extends AttentionArgs {
  causal: true;
  /** Query t sees keys `t + kvSeq - seq - window + 1` to `t + kvSeq - seq`: at least 1, and fewer than all. */
  window: number;
}

export interface CrossEntropyArgs {
  /** `[rows, vocab]` */
  logits: Tensor2D;
  /** `[rows]`, checked: each is `ignoreIndex` or within the vocabulary. */
  targets: Int32Array;
  ignoreIndex: number;
  /** How many targets are not `ignoreIndex`, at least 1. */
  count: number;
}

export interface EmbeddingLookupArgs {
  /** `[vocab, hidden]` */
  table: Tensor2D;
  /** `[count]`, int32 */
  ids: Tensor1D;
}

export interface AdamwArgs {
  /** The lists go together, one entry a parameter, each entry of one shape. */
  parameters: Tensor[];
  gradients: Tensor[];
  m: Tensor[];
  v: Tensor[];
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** The update's number, from 1. */
  step: number;
}

export interface AdamwResult {
  parameters: Tensor[];
  m: Tensor[];
  v: Tensor[];
}
