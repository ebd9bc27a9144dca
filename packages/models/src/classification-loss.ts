import { crossEntropy, type ForwardContext, type LabelledBatch } from '@lowrank/core';
import { tensor2d, tidy, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import { checkIds } from './check-ids.js';
import type { EncoderModel } from './encoder-model.js';

/**
 * A batch's logits, differentiable in the adapters.
 *
 * @returns `[batch, classes]`, owned by the caller
 * @throws `data-invalid` for an id outside the model's vocabulary; as `classify`
 */
export function classLogits(model: EncoderModel, batch: LabelledBatch, context?: ForwardContext): Tensor2D {
  checkIds(batch.ids, model.config.vocabSize);
  const shape: [number, number] = [batch.batch, batch.seq];
  return tidy(() => {
    const ids = tensor2d(batch.ids, shape, 'int32');
    const types = tensor2d(batch.types, shape, 'int32');
    return model.classify({ ids, types, mask: tensor2d(batch.mask, shape) }, context);
  });
}

/**
 * Mean cross-entropy of a batch's classes, in nats a sequence.
 *
 * @returns a scalar, owned by the caller
 * @throws as `classLogits`; `data-invalid` for a label that is no class
 */
export function classificationLoss(model: EncoderModel, batch: LabelledBatch, context?: ForwardContext): Scalar {
  return tidy(() => crossEntropy(classLogits(model, batch, context), batch.labels));
}
