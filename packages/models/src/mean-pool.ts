import { clipByValue, div, mean, mul, reshape, sum, tidy, type Tensor2D, type Tensor3D } from '@tensorflow/tfjs-core';

/**
 * The mean of a sequence's states over its tokens: a sentence's embedding.
 *
 * @param hidden `[batch, seq, hidden]`
 * @param mask `[batch, seq]`, 1 for a token and 0 for padding; all count where it is left out
 * @returns `[batch, hidden]`, owned by the caller; zeros for a sequence without tokens
 * @see Reimers & Gurevych 2019, https://arxiv.org/abs/1908.10084, section 3
 */
export function meanPool(hidden: Tensor3D, mask?: Tensor2D): Tensor2D {
  if (!mask) return mean(hidden, 1);
  return tidy(() => {
    const tokens = clipByValue(sum(mask, 1, true), 1, Infinity);
    return div(sum(mul(hidden, reshape(mask, [...mask.shape, 1])), 1), tokens);
  });
}
