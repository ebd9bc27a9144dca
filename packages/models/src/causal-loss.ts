import { crossEntropy, type ForwardContext, type TokenBatch } from '@lowrank/core';
import { reshape, tensor2d, tidy, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import type { CausalModel } from './causal-model.js';
import { checkIds } from './check-ids.js';

/**
 * Mean next-token cross-entropy of a batch, in nats per token whose target is not -100.
 *
 * @returns a scalar, owned by the caller
 * @throws `data-invalid` for an id outside the model's vocabulary
 */
export function causalLoss(model: CausalModel, batch: TokenBatch, context?: ForwardContext): Scalar {
  const { vocabSize } = model.config;
  checkIds(batch.ids, vocabSize);
  checkIds(batch.targets, vocabSize, -100);
  return tidy(() => {
    const ids = tensor2d(batch.ids, [batch.batch, batch.seq], 'int32');
    const logits = reshape(model.forward(ids, context), [-1, vocabSize]) as Tensor2D;
    return crossEntropy(logits, batch.targets);
  });
}
