import { matMul, type Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import { BlockWeight } from '../quant/block-weight.js';
import { dequantise } from '../quant/dequantise.js';

/**
 * `x W` of a frozen weight, or with `back` `x Wᵀ`; a packed weight is unpacked for the moment.
 *
 * @param x `[rows, in]`, or `[rows, out]` with `back`
 * @param transposed a dense W is stored `[out, in]`, as a packed one always is
 */
export function frozenProduct(x: Tensor2D, weight: FrozenWeight, transposed: boolean, back: boolean): Tensor2D {
  if (weight instanceof BlockWeight) return matMul(x, dequantise(weight), false, !back);
  return matMul(x, weight, false, transposed !== back);
}
