import { add, erf, exp, mul, square, sub, tanh, type Tensor } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';

export interface GeluOptions {
  /** PyTorch's words: `none` is exact, by the error function; `tanh` is GPT-2's. Default `none`. */
  approximate?: 'none' | 'tanh';
}

/**
 * The Gaussian error linear unit: `x Φ(x)` with `Φ(x) = (1 + erf(x / √2)) / 2`, or with
 * `Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2`.
 *
 * @param x any shape
 * @returns the same shape, owned by the caller.
 * @see Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
 */
export function gelu(x: Tensor, { approximate = 'none' }: GeluOptions = {}): Tensor {
  return customOp([x], ([x], save) => dispatch('gelu', composed, { x, approximate }, save));
}

const composed: Composed<'gelu'> = ({ x, approximate }, save) => {
  const { share, slope } = approximate === 'tanh' ? byTanh : exact;
  save([x]);
  return {
    value: mul(x, share(x)),
    gradient: (dy, saved) => {
      const [x] = saved as [Tensor];
      return [mul(dy, slope(x))];
    },
  };
};

/** `Φ(x)`, and the slope of `x Φ(x)`, for one way to reckon Φ. */
interface Way {
  share(x: Tensor): Tensor;
  slope(x: Tensor): Tensor;
}

const exact: Way = {
  share: (x) => half(erf(mul(x, Math.SQRT1_2))),
  slope: (x) => add(exact.share(x), mul(mul(x, exp(mul(square(x), -0.5))), 1 / Math.sqrt(2 * Math.PI))),
};

const root = /* @__PURE__ */ Math.sqrt(2 / Math.PI);

const byTanh: Way = {
  share: (x) => half(tangent(x)),
  slope: (x) => {
    const t = tangent(x);
    const inner = mul(add(mul(square(x), 3 * 0.044715), 1), root / 2);
    return add(half(t), mul(mul(x, inner), sub(1, square(t))));
  },
};

function tangent(x: Tensor): Tensor {
  return tanh(mul(x, add(mul(square(x), root * 0.044715), root)));
}

function half(x: Tensor): Tensor {
  return mul(add(x, 1), 0.5);
}
