import { matMul, mul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { frozenLinear } from './frozen-linear.js';
import type { LoraLinearWeights } from './lora-linear.js';
import { rowsOf } from './rows.js';

/**
 * `scaling · x A B`, in a `tidy` of the caller. Of a frozen A no gradient is computed and x is not kept.
 *
 * @param x `[..., in]`
 * @returns `[..., out]`
 */
export function lowRankProduct(x: Tensor, { a, b, scaling, frozenA }: Factors): Tensor {
  const flat: Tensor2D = reshape(x, [rowsOf(x.shape), a.shape[0]]);
  const hidden = (frozenA ? frozenLinear(flat, a) : matMul(flat, a)) as Tensor2D;
  return reshape(matMul(mul(hidden, scaling), b), [...x.shape.slice(0, -1), b.shape[1]]);
}

type Factors = Pick<LoraLinearWeights, 'a' | 'b' | 'scaling' | 'frozenA'>;
