import { add, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';
import { requireShape } from './require-shape.js';

/**
 * The gate of a Llama feed-forward block: `silu(gate) · up`, with `silu(g) = g · sigmoid(g)`.
 *
 * @param gate any shape
 * @param up the same shape
 * @returns the same shape, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Shazeer 2020, https://arxiv.org/abs/2002.05202
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  requireShape('swiglu', 'up', up, gate.shape);
  return customOp([gate, up], ([gate, up], save) => dispatch('swiglu', composed, { gate, up }, save));
}

const composed: Composed<'swiglu'> = ({ gate, up }, save) => {
  save([gate, up]);
  return { value: mul(mul(gate, sigmoid(gate)), up), gradient };
};

/** `silu'(g) = s + silu(g) (1 - s)` with `s = sigmoid(g)`. */
function gradient(dy: Tensor, saved: Tensor[]): Tensor[] {
  const [gate, up] = saved as [Tensor, Tensor];
  const s = sigmoid(gate);
  const silu = mul(gate, s);
  const slope = add(s, sub(silu, mul(silu, s)));
  return [mul(mul(dy, up), slope), mul(dy, silu)];
}
