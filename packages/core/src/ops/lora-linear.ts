import { add, matMul, mul, reshape, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';
import { rowsOf } from './rows.js';

export interface LoraLinearWeights {
  /** Frozen, `[in, out]`. */
  weight: Tensor2D;
  /** Frozen, `[out]`. */
  bias?: Tensor1D | undefined;
  /** `[in, rank]` */
  a: Tensor2D;
  /** `[rank, out]` */
  b: Tensor2D;
  scaling: number;
}

/**
 * A frozen linear layer and its adapter in one: `y = x W + bias + scaling · (x' A) B`, where `x'` is `x` or what
 * dropout left of it.
 *
 * Backward, with `h = scaling · x' A` kept: `dB = hᵀ dy`, `dh = scaling · dy Bᵀ`, `dA = x'ᵀ dh`, `dx' = dh Aᵀ`,
 * `dx = dy Wᵀ`. No `[in, out]` matrix is made, no output kept.
 *
 * @param x `[..., in]`
 * @param dropped the adapter's own input, the same shape; `x` where there is no dropout
 * @returns `[..., out]`, owned by the caller.
 * @see Hu et al. 2021, https://arxiv.org/abs/2106.09685, eq. 3
 */
export function loraLinear(x: Tensor, { weight, bias, a, b, scaling }: LoraLinearWeights, dropped = x): Tensor {
  const shape = x.shape;
  const rows = rowsOf(shape);
  const [features, out] = weight.shape;
  const flatten = (input: Tensor): Tensor2D => reshape(input, [rows, features]);

  if (dropped === x) {
    return customOp([x, a, b], ([x, a, b], save) => {
      const flat = flatten(x);
      const { value, gradients } = both(flat, flat, a, b, save);
      const gradient = (dy: Tensor, saved: Tensor[]) => {
        const { dx, dDropped, dA, dB } = gradients(dy, saved);
        return [reshape(add(dx, dDropped), shape), dA, dB];
      };
      return { value, gradient };
    });
  }
  return customOp([x, dropped, a, b], ([x, dropped, a, b], save) => {
    const { value, gradients } = both(flatten(x), flatten(dropped), a, b, save);
    const gradient = (dy: Tensor, saved: Tensor[]) => {
      const { dx, dDropped, dA, dB } = gradients(dy, saved);
      return [reshape(dx, shape), reshape(dDropped, shape), dA, dB];
    };
    return { value, gradient };
  });

  function both(flat: Tensor2D, flatDropped: Tensor2D, a: Tensor2D, b: Tensor2D, save: (kept: Tensor[]) => void) {
    const hidden: Tensor2D = mul(matMul(flatDropped, a), scaling);
    const sum = add(matMul(flat, weight), matMul(hidden, b));
    save([flatDropped, a, b, hidden]);
    return { value: reshape(bias ? add(sum, bias) : sum, [...shape.slice(0, -1), out]), gradients };
  }

  function gradients(dy: Tensor, saved: Tensor[]) {
    const [flatDropped, a, b, hidden] = saved as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    const dOut: Tensor2D = reshape(dy, [rows, out]);
    const dHidden: Tensor2D = mul(matMul(dOut, b, false, true), scaling);
    return {
      dx: matMul(dOut, weight, false, true),
      dDropped: matMul(dHidden, a, false, true),
      dA: matMul(flatDropped, dHidden, true, false),
      dB: matMul(hidden, dOut, true, false),
    };
  }
}
