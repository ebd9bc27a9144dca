import { div, type Tensor1D } from '@tensorflow/tfjs-core';
import { customOp } from './custom-op.js';

/**
 * `m / n` where no gradient passes through n: `dm = dy / n`.
 *
 * @param m `[out]`
 * @param norm gives n `[out]`, which outlives the step; whatever it computes is on no tape
 * @returns `[out]`, owned by the caller.
 */
export function detachedRatio(m: Tensor1D, norm: () => Tensor1D): Tensor1D {
  return customOp([m], ([m]) => {
    const n = norm();
    return { value: div(m, n), gradient: (dy) => [div(dy, n)] };
  }) as Tensor1D;
}
