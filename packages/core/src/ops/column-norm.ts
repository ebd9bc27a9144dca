import {
  add,
  matMul,
  maximum,
  mul,
  sqrt,
  square,
  sum,
  tidy,
  transpose,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import { denseWeight } from '../quant/dense-weight.js';
import { frozenProduct } from './frozen-product.js';

export interface UpdatedWeight {
  /** Frozen, `[in, out]`. */
  weight: FrozenWeight;
  /** Its `columnSquares`. */
  squares: Tensor1D;
  /** `[in, rank]` */
  a: Tensor2D;
  /** `[rank, out]` */
  b: Tensor2D;
  scaling: number;
}

/** The sum of squares of each column of a weight, `[out]`, owned by the caller. */
export function columnSquares(weight: FrozenWeight): Tensor1D {
  return tidy(() => sum(square(denseWeight(weight)), 0));
}

/**
 * The norm of each column of `W + s A B` from its factors, `√(‖w‖² + 2 s b·(Aᵀ w) + s² b·(Aᵀ A b))` for the columns
 * w of W and b of B: products of `[rank, out]`, never one of `[in, out]`. At least 1e-30, to divide by.
 *
 * @returns `[out]`, owned by the caller; it has no gradient.
 */
export function updatedNorm({ weight, squares, a, b, scaling }: UpdatedWeight): Tensor1D {
  return tidy(() => {
    const across = frozenProduct(transpose(a), weight, false, false);
    const within = matMul(matMul(a, a, true, false), b);
    const change = sum(mul(b, add(mul(across, 2 * scaling), mul(within, scaling * scaling))), 0);
    return maximum(sqrt(maximum(add(squares, change), 0)), 1e-30) as Tensor1D;
  });
}
