import { add, concat, mul, neg, slice, sub, type Tensor, type Tensor2D, type Tensor4D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { dispatch, type Composed } from './dispatch.js';
import { requireShape } from './require-shape.js';

/**
 * Rotary position embedding in Hugging Face's layout, where feature i is turned together with i + headDim / 2:
 * `(x1 cos - x2 sin, x2 cos + x1 sin)`. A rotation, so the gradient is the rotation back: of all, only the angles are saved.
 *
 * @param x `[batch, heads, seq, headDim]`
 * @param cos `[seq, headDim / 2]`
 * @param sin `[seq, headDim / 2]`
 * @returns `[batch, heads, seq, headDim]`, owned by the caller.
 * @throws `shape-mismatch`, `dtype-unsupported`
 * @see Su et al. 2021, https://arxiv.org/abs/2104.09864
 */
export function rotary(x: Tensor, cos: Tensor2D, sin: Tensor2D): Tensor {
  const [batch = 0, heads = 0, seq = 0, headDim = 0] = x.shape;
  const half = Math.ceil(headDim / 2);
  requireShape('rotary', 'x', x, [batch, heads, seq, 2 * half]);
  requireShape('rotary', 'cos', cos, [seq, half]);
  requireShape('rotary', 'sin', sin, [seq, half]);
  return customOp([x], ([x], save) => dispatch('rotary', composed, { x: x as Tensor4D, cos, sin }, save));
}

const composed: Composed<'rotary'> = ({ x, cos, sin }, save) => {
  save([cos, sin]);
  return {
    value: rotate(x, cos, sin),
    gradient: (dy, [cos, sin]) => [rotate(dy, cos as Tensor2D, neg(sin as Tensor2D))],
  };
};

function rotate(x: Tensor, cos: Tensor2D, sin: Tensor2D): Tensor {
  const half = (x.shape.at(-1) as number) / 2;
  const front = x.shape.map(() => 0);
  const back = [...front.slice(0, -1), half];
  const size = [...x.shape.slice(0, -1), half];
  const [x1, x2] = [slice(x, front, size), slice(x, back, size)];
  return concat([sub(mul(x1, cos), mul(x2, sin)), add(mul(x2, cos), mul(x1, sin))], -1);
}
