import { matMul, mul, reshape, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { rowsOf } from './rows.js';

/**
 * What an adapter adds to a linear layer's output: `scaling · (x A) B`.
 *
 * Backward, with `h = scaling · x A` kept: `dB = hᵀ dy`, `dh = scaling · dy Bᵀ`, `dA = xᵀ dh`, `dx = dh Aᵀ`;
 * all in the rank, never an `[in, out]` matrix.
 *
 * @param x `[..., in]`
 * @param a `[in, rank]`
 * @param b `[rank, out]`
 * @returns `[..., out]`, owned by the caller.
 * @see Hu et al. 2021, https://arxiv.org/abs/2106.09685, eq. 3
 */
export function loraDelta(x: Tensor, a: Tensor2D, b: Tensor2D, scaling: number): Tensor {
  const shape = x.shape;
  const rows = rowsOf(shape);
  const [features, out] = [a.shape[0], b.shape[1]];
  return customOp([x, a, b], ([input, down, up], save) => {
    const flat = reshape(input, [rows, features]);
    const hidden = mul(matMul(flat, down), scaling);
    save([flat, down, up, hidden]);
    return {
      value: reshape(matMul(hidden, up), [...shape.slice(0, -1), out]),
      gradient: (dy, saved) => {
        const [flat, down, up, hidden] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
        const dOut = reshape(dy, [rows, out]);
        const dHidden = mul(matMul(dOut, up, false, true), scaling);
        return [
          reshape(matMul(dHidden, down, false, true), shape),
          matMul(flat, dHidden, true, false),
          matMul(hidden, dOut, true, false),
        ];
      },
    };
  });
}
