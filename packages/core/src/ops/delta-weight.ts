import { matMul, mul, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { requireShape } from './require-shape.js';

/**
 * The update a rank-r adapter makes to its frozen weight: `scaling · A B`.
 *
 * @param a `[in, rank]`
 * @param b `[rank, out]`
 * @returns `[in, out]`, owned by the caller.
 * @throws `shape-mismatch`
 * @see Hu et al. 2021, https://arxiv.org/abs/2106.09685, eq. 3
 */
export function deltaWeight(a: Tensor2D, b: Tensor2D, scaling: number): Tensor2D {
  requireShape('deltaWeight', 'b', b, [a.shape[1], b.shape[1]]);
  return tidy(() => mul(matMul(a, b), scaling));
}
