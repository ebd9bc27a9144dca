import { LowrankError, crossEntropy, type ForwardContext, type TokenBatch } from '@lowrank/core';
import { reshape, tensor2d, tidy, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import type { CausalModel } from './causal-model.js';

/**
 * Mean next-token cross-entropy of a batch, in nats per token whose target is not -100.
 *
 * @returns a scalar, owned by the caller
 * @throws `data-invalid` for an id outside the model's vocabulary
 */
export function causalLoss(model: CausalModel, batch: TokenBatch, context?: ForwardContext): Scalar {
  const { vocabSize } = model.config;
  checkIds(batch.ids, vocabSize, 0);
  checkIds(batch.targets, vocabSize, -100);
  return tidy(() => {
    const ids = tensor2d(batch.ids, [batch.batch, batch.seq], 'int32');
    const logits = reshape(model.forward(ids, context), [-1, vocabSize]) as Tensor2D;
    return crossEntropy(logits, batch.targets);
  });
}

/** @param also an id that is fine though no token's */
function checkIds(ids: Int32Array, vocabSize: number, also: number): void {
  const bad = ids.find((id) => id !== also && (id < 0 || id >= vocabSize));
  if (bad === undefined) return;
  throw new LowrankError('data-invalid', {
    given: `token id ${bad}`,
    rule: `the model knows ids 0 to ${vocabSize - 1}`,
    fix: "encode the text with the model's own tokenizer",
  });
}
