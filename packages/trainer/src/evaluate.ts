import { LowrankError, type ForwardContext } from '@lowrank/core';
import { tidy, type Scalar } from '@tensorflow/tfjs-core';
import type { BatchSource } from './data/batch-source.js';
import { nextTurn } from './next-turn.js';

export interface EvaluateOptions<Batch> {
  /** The mean loss over the batch's targets; called without a context, which means evaluation. */
  loss: (batch: Batch, context?: ForwardContext) => Scalar;
  batches: BatchSource<Batch>;
  /** How many batches, from the first. Default one epoch. */
  count?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The mean loss over all targets of the batches, summed in float64.
 *
 * @throws `data-invalid` when no target counts, `not-finite` for such a loss, and the signal's reason when it aborts
 */
export async function evaluateLoss<Batch>({
  loss,
  batches,
  count = batches.batchesPerEpoch,
  signal,
}: EvaluateOptions<Batch>): Promise<number> {
  let [total, targets] = [0, 0];
  for (let index = 0; index < count; index++) {
    signal?.throwIfAborted();
    const batch = batches.at(index);
    const weight = batches.weight(batch);
    if (weight === 0) continue;
    total += weight * (await lossOf(loss, batch, index));
    targets += weight;
    await nextTurn();
  }
  if (targets > 0) return total / targets;
  throw new LowrankError('data-invalid', {
    given: `${count} batches to evaluate on`,
    rule: 'at least one of their targets must count',
    fix: 'give text of two tokens or more, and a count of 1 or more',
  });
}

async function lossOf<Batch>(loss: (batch: Batch) => Scalar, batch: Batch, index: number): Promise<number> {
  const mean = tidy(() => loss(batch));
  const [value = NaN] = await mean.data().finally(() => mean.dispose());
  if (Number.isFinite(value)) return value;
  throw new LowrankError('not-finite', {
    given: `loss ${value} on evaluation batch ${index}`,
    rule: 'a loss must be finite',
    fix: "lower the learning rate or the adapter's alpha, or look at the data",
  });
}
