import { matMul, mul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import type { LoraLinearWeights } from '../ops/lora-linear.js';
import { rowsOf } from '../ops/rows.js';

/**
 * `scaling · x A B`, in a `tidy` of the caller.
 *
 * @param x `[..., in]`
 * @returns `[..., out]`
 */
export function lowRankProduct(x: Tensor, { a, b, scaling }: LoraLinearWeights): Tensor {
  const flat = reshape(x, [rowsOf(x.shape), a.shape[0]]) as Tensor2D;
  return reshape(matMul(mul(matMul(flat, a), scaling), b), [...x.shape.slice(0, -1), b.shape[1]]);
}
