import { add, matMul, reshape, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { rowsOf } from './rows.js';

export interface FrozenLinearOptions {
  /** The weight is stored `[out, in]`, as an embedding table used again as the head is. */
  transposed?: boolean;
}

/**
 * `y = x W + bias` with W and bias frozen: the backward pass costs one matMul, `dx = dy Wᵀ`, and nothing
 * is kept for it but W itself, which outlives the step anyway.
 *
 * @param x `[..., in]`
 * @param weight `[in, out]`, or `[out, in]` when `transposed`
 * @param bias `[out]`
 * @returns `[..., out]`, owned by the caller.
 */
export function frozenLinear(
  x: Tensor,
  weight: Tensor2D,
  bias?: Tensor1D,
  { transposed = false }: FrozenLinearOptions = {},
): Tensor {
  const shape = x.shape;
  const rows = rowsOf(shape);
  const [features, out] = transposed ? [weight.shape[1], weight.shape[0]] : weight.shape;
  return customOp([x], ([input]) => {
    const product = matMul(reshape(input, [rows, features]), weight, false, transposed);
    return {
      value: reshape(bias ? add(product, bias) : product, [...shape.slice(0, -1), out]),
      gradient: (dy) => [reshape(matMul(reshape(dy, [rows, out]), weight, false, !transposed), shape)],
    };
  });
}
