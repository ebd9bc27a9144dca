import { add, dispose, mul, reshape, sub, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { frozenConv } from '../ops/frozen-conv.js';
import { loraConvUpdate, type LoraConvWeights } from '../ops/lora-conv.js';
import { Dora } from './dora.js';

/**
 * DoRA of a convolution without groups, `(m / n) ∘ (W + scaling · A B)` channel by channel of the output, where the
 * norm of a channel is over the whole kernel and all inputs: that of a column once the kernel lies as a matrix.
 */
export const convDora = {
  /** Magnitudes `[out]` that start as the norms. */
  of(weights: LoraConvWeights): Dora {
    const matrices = asMatrices(weights);
    try {
      return new Dora(matrices);
    } finally {
      dispose([matrices.weight, matrices.a, matrices.b]);
    }
  },
  /** `m / n` `[out]`, in a `tidy` of the caller. */
  ratio: (dora: Dora, weights: LoraConvWeights): Tensor => dora.ratio(asMatrices(weights)),
  /** As `loraConv`, with magnitudes, in a `tidy` of the caller. */
  forward(dora: Dora, x: Tensor, weights: LoraConvWeights, dropped: Tensor): Tensor {
    const { weight, bias, geometry } = weights;
    const kept = frozenConv(dropped, weight, undefined, geometry);
    if (dropped !== x) return add(frozenConv(x, weight, bias, geometry), convDora.update(dora, dropped, weights, kept));
    const scaled = mul(add(kept, loraConvUpdate(dropped, weights)), convDora.ratio(dora, weights));
    return bias ? add(scaled, bias) : scaled;
  },
  /** What it adds to the base's output, in a `tidy` of the caller. @param kept the frozen product of what dropout left */
  update(dora: Dora, dropped: Tensor, weights: LoraConvWeights, kept: Tensor): Tensor {
    const sum = add(kept, loraConvUpdate(dropped, weights));
    return sub(mul(sum, convDora.ratio(dora, weights)), kept);
  },
};

/** Kernels as matrices of all that goes into a channel by the channels. */
function asMatrices({ weight, a, b, scaling }: LoraConvWeights) {
  const matrix = (kernel: Tensor): Tensor2D => reshape(kernel, [-1, kernel.shape.at(-1) as number]);
  return { weight: matrix(weight), a: matrix(a), b: matrix(b), scaling };
}
