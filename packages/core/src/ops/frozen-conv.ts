import { add, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import type { ConvGeometry } from './conv-geometry.js';
import { convForward, convInputGradient } from './conv-pass.js';
import { requireConv } from './conv-shape.js';
import { customOp } from './custom-op.js';
import { requireShape } from './require-shape.js';

/**
 * A convolution whose kernel and bias are frozen: the backward pass computes the input's gradient and no kernel's, and
 * nothing is kept for it but the kernel, which outlives the step anyway.
 *
 * @param x `[batch, ...space, in]`, of one axis of space or two
 * @param weight `[...kernel, in / groups, out]`
 * @param bias `[out]`
 * @returns `[batch, ...space, out]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 */
export function frozenConv(x: Tensor, weight: Tensor, bias: Tensor1D | undefined, geometry: ConvGeometry): Tensor {
  requireConv('frozenConv', x, weight, geometry);
  requireShape('frozenConv', 'bias', bias, [weight.shape.at(-1) as number]);
  return customOp([x], ([x]) => {
    const { shape } = x;
    const product = convForward(x, weight, geometry);
    return {
      value: bias ? add(product, bias) : product,
      gradient: (dy) => [convInputGradient(dy, weight, geometry, shape)],
    };
  });
}
