import { add, reshape, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenLinearArgs, FrozenWeight } from '../backend/kernels.js';
import { BlockWeight } from '../quant/block-weight.js';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';
import { frozenProduct } from './frozen-product.js';
import { requireShape } from './require-shape.js';
import { requireFeatures, rowsOf } from './rows.js';

export interface FrozenLinearOptions {
  /** A dense weight is stored `[out, in]`, as an embedding table used again as the head is. */
  transposed?: boolean;
}

/**
 * `y = x W + bias` with W and bias frozen: the backward pass costs one matMul, `dx = dy Wᵀ`, and nothing
 * is kept for it but W itself, which outlives the step anyway. A packed W is unpacked on the way, each time.
 *
 * @param x `[..., in]`
 * @param weight `[in, out]`, or `[out, in]` when `transposed`; a packed one has its shape as `[in, out]` always
 * @param bias `[out]`
 * @returns `[..., out]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 */
export function frozenLinear(
  x: Tensor,
  weight: FrozenWeight,
  bias?: Tensor1D,
  { transposed = false }: FrozenLinearOptions = {},
): Tensor {
  const { shape } = x;
  const rows = rowsOf(shape);
  const across = transposed && !(weight instanceof BlockWeight);
  const [features, out] = across ? [weight.shape[1], weight.shape[0]] : weight.shape;
  requireFeatures('frozenLinear', shape, features);
  requireShape('frozenLinear', 'bias', bias, [out]);
  return customOp([x], ([input], save) => {
    const flat: Tensor2D = reshape(input, [rows, features]);
    const { value, gradient } = dispatch('frozenLinear', composed, { x: flat, weight, bias, transposed: across }, save);
    return {
      value: reshape(value, [...shape.slice(0, -1), out]),
      gradient: (dy, saved) => {
        const [dx] = gradient(reshape(dy, [rows, out]), saved) as [Tensor];
        return [reshape(dx, shape)];
      },
    };
  });
}

const composed: Composed<'frozenLinear'> = ({ x, weight, bias, transposed }: FrozenLinearArgs) => {
  const product = frozenProduct(x, weight, transposed, false);
  return {
    value: bias ? add(product, bias) : product,
    gradient: (dy) => [frozenProduct(dy as Tensor2D, weight, transposed, true)],
  };
};
