import { add, mean, mul, rsqrt, square, sub, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';
import { overRows } from './over-rows.js';
import { requireShape } from './require-shape.js';
import { requireFeatures } from './rows.js';

/**
 * Layer normalisation with a frozen weight and bias: `y = z · weight + bias`, `z = (x - mean(x)) · r`,
 * `r = 1 / sqrt(variance(x) + epsilon)`. Backward: `dx = r · (g - mean(g) - z · mean(g · z))` with `g = dy · weight`.
 *
 * @param x `[..., hidden]`
 * @param weight `[hidden]`
 * @param bias `[hidden]`
 * @returns `[..., hidden]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Ba et al. 2016, https://arxiv.org/abs/1607.06450
 */
export function layerNorm(x: Tensor, weight: Tensor1D, bias: Tensor1D, epsilon: number): Tensor {
  requireFeatures('layerNorm', x.shape, weight.size);
  requireShape('layerNorm', 'weight', weight, [weight.size]);
  requireShape('layerNorm', 'bias', bias, weight.shape);
  return customOp([x], ([input], save) =>
    overRows(input, (x) => dispatch('layerNorm', composed, { x, weight, bias, epsilon }, save)),
  );
}

const composed: Composed<'layerNorm'> = ({ x, weight, bias, epsilon }, save) => {
  const centre = mean(x, -1, true);
  const apart = sub(x, centre);
  const inverse = rsqrt(add(mean(square(apart), -1, true), epsilon));
  save([x, centre, inverse]);
  return {
    value: add(mul(mul(apart, inverse), weight), bias),
    gradient: (dy, saved) => {
      const [x, centre, inverse] = saved as [Tensor, Tensor, Tensor];
      const z = mul(sub(x, centre), inverse);
      const g = mul(dy, weight);
      const along = mul(z, mean(mul(g, z), -1, true));
      return [mul(sub(sub(g, mean(g, -1, true)), along), inverse)];
    },
  };
};
