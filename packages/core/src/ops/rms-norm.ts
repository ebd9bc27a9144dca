import { add, mean, mul, rsqrt, square, sub, sum, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';

/**
 * Root-mean-square normalisation with a frozen weight: `y = x · r · weight`, `r = 1 / sqrt(mean(x²) + epsilon)`.
 * Backward: `dx = r · (g - x · r² · mean(g · x))` with `g = dy · weight`.
 *
 * @param x `[..., hidden]`
 * @param weight `[hidden]`
 * @returns `[..., hidden]`, owned by the caller.
 * @see Zhang and Sennrich 2019, https://arxiv.org/abs/1910.07467
 */
export function rmsNorm(x: Tensor, weight: Tensor1D, epsilon: number): Tensor {
  const hidden = x.shape.at(-1) as number;
  return customOp([x], ([input], save) => {
    const inverse = rsqrt(add(mean(square(input), -1, true), epsilon));
    save([input, inverse]);
    return {
      value: mul(mul(input, inverse), weight),
      gradient: (dy, saved) => {
        const [input, inverse] = saved as [Tensor, Tensor];
        const g = mul(dy, weight);
        const along = mul(sum(mul(g, input), -1, true), mul(square(inverse), 1 / hidden));
        return [mul(sub(g, mul(input, along)), inverse)];
      },
    };
  });
}
