import { gather, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Rows of a frozen table.
 *
 * @param table `[vocab, hidden]`
 * @param ids int32, `[batch, seq]`
 * @returns `[batch, seq, hidden]`, owned by the caller.
 */
export function embeddingLookup(table: Tensor2D, ids: Tensor): Tensor {
  return gather(table, ids);
}
