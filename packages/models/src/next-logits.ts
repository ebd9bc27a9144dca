import type { ForwardContext } from '@lowrank/core';
import { reshape, slice, tensor2d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { CausalModel } from './causal-model.js';
import type { KvCache } from './parts/kv-cache.js';

export interface NextLogitsOptions {
  /** Keys and values of what was read before, to which those of `ids` are added. */
  cache?: KvCache | undefined;
  /** Given to the forward pass, such as `manager.forRows(['poet'])`. */
  context?: ForwardContext | undefined;
}

/**
 * Logits for what follows the last of `ids`.
 *
 * @param ids in `[0, vocab)`, at least one
 * @returns `[vocab]`
 * @throws `shape-mismatch` beyond the model's `maxPositions`
 */
export async function nextLogits(
  model: CausalModel,
  ids: number[],
  { cache, context }: NextLogitsOptions = {},
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
