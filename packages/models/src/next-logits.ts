import type { ForwardContext } from '@lowrank/core';
import { reshape, slice, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { CausalModel } from './causal-model.js';
import type { KvCache } from './parts/kv-cache.js';

/**
 * Logits `[vocab]` for what follows the last of `ids`, which are in `[0, vocab)`. Throws `shape-mismatch` beyond the
 * model's `maxPositions`.
 */
export async function nextLogits(
  model: CausalModel,
  ids: number[],
  { cache, context }: { cache?: KvCache; context?: ForwardContext | undefined } = {},
): Promise<Float32Array> {
  const logits: Tensor = tidy(() => {
    const all = model.forward(tensor2d(ids, [1, ids.length], 'int32'), context, cache);
    return reshape(slice(all, [0, ids.length - 1, 0], [1, 1, -1]), [-1]);
  });
  try {
    return (await logits.data()) as Float32Array;
  } finally {
    logits.dispose();
  }
}
