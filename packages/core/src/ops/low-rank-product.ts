import { matMul, mul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
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
  const hidden: Tensor2D = frozenA ? throughFrozen(flat, a) : matMul(flat, a);
  return reshape(matMul(mul(hidden, scaling), b), [...x.shape.slice(0, -1), b.shape[1]]);
}

/** `x A`, of which A is kept and not x. */
function throughFrozen(x: Tensor2D, a: Tensor2D): Tensor2D {
  return customOp([x], ([x], save) => {
    save([a]);
    return { value: matMul(x, a), gradient: (dy, [a]) => [matMul(dy as Tensor2D, a as Tensor2D, false, true)] };
  }) as Tensor2D;
}

type Factors = Pick<LoraLinearWeights, 'a' | 'b' | 'scaling' | 'frozenA'>;
