import { add, customGrad, mul, sigmoid, sub, tidy, type GradSaveFunc, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The gate of a Llama feed-forward block: `silu(gate) · up`, with `silu(g) = g · sigmoid(g)`.
 *
 * @param gate any shape
 * @param up the same shape
 * @returns the same shape, owned by the caller.
 * @see Shazeer 2020, https://arxiv.org/abs/2002.05202
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  const op = customGrad((...args) => {
    const [gate, up, save] = args as [Tensor, Tensor, GradSaveFunc];
    save([gate, up]);
    return { value: mul(mul(gate, sigmoid(gate)), up), gradFunc: swigluGradient };
  });
  return tidy(() => op(gate, up));
}

/** `silu'(g) = s + silu(g) (1 - s)` with `s = sigmoid(g)`. */
function swigluGradient(dy: Tensor, saved: Tensor[]): Tensor[] {
  const [gate, up] = saved as [Tensor, Tensor];
  const s = sigmoid(gate);
  const silu = mul(gate, s);
  const slope = add(s, sub(silu, mul(silu, s)));
  return [mul(mul(dy, up), slope), mul(dy, silu)];
}
