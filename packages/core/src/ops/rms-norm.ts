import { add, mean, mul, rsqrt, square, sub, sum, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';
import { overRows } from './over-rows.js';
import { requireShape } from './require-shape.js';
import { requireFeatures } from './rows.js';

/**
 * Root-mean-square normalisation with a frozen weight: `y = x · r · weight`, `r = 1 / sqrt(mean(x²) + epsilon)`.
 * Backward: `dx = r · (g - x · r² · mean(g · x))` with `g = dy · weight`.
 *
 * @param x `[..., hidden]`
 * @param weight `[hidden]`
 * @returns `[..., hidden]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
 */
export function rmsNorm(x: Tensor, weight: Tensor1D, epsilon: number): Tensor {
  requireFeatures('rmsNorm', x.shape, weight.size);
  requireShape('rmsNorm', 'weight', weight, [weight.size]);
  return customOp([x], ([input], save) =>
    overRows(input, (x) => dispatch('rmsNorm', composed, { x, weight, epsilon }, save)),
  );
}

const composed: Composed<'rmsNorm'> = ({ x, weight, epsilon }, save) => {
  const inverse = rsqrt(add(mean(square(x), -1, true), epsilon));
  save([x, inverse]);
  return {
    value: mul(mul(x, inverse), weight),
    gradient: (dy, saved) => {
      const [x, inverse] = saved as [Tensor, Tensor];
      const g = mul(dy, weight);
      const along = mul(sum(mul(g, x), -1, true), mul(square(inverse), 1 / weight.size));
      return [mul(sub(g, mul(x, along)), inverse)];
    },
  };
};
