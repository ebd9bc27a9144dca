import { matMul, ones, tidy } from '@tensorflow/tfjs-core';

/**
 * Waits until all that was asked of the active backend is done, or throws what it could not do. A graphics card answers
 * each op at once, and only a read of something computed there tells: a product, which no backend computes elsewhere.
 */
export async function settled(): Promise<void> {
  const product = tidy(() => matMul(ones([1, 1]), ones([1, 1])));
  try {
    await product.data();
  } finally {
    product.dispose();
  }
}
