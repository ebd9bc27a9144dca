import { crossEntropy, LowrankError, type LabelledBatch } from '@lowrank/core';
import { argMax, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { classScores, type ClassScores } from './class-scores.js';
import type { BatchSource } from './data/batch-source.js';
import { nextTurn } from './next-turn.js';

export interface EvaluateClassesOptions {
  /** A batch's logits, `[batch, classes]`. */
  logits: (batch: LabelledBatch) => Tensor2D;
  batches: BatchSource<LabelledBatch>;
  /** How many batches, from the first. Default one epoch. */
  count?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** What a classifier scores on labelled sequences. */
export interface ClassEvaluation extends ClassScores {
  /** Mean cross-entropy in nats a sequence. */
  loss: number;
  /** The class with the largest logit of each, in the order of the batches. */
  predicted: number[];
}

/**
 * Loss, accuracy and macro F1 of a classifier, in one pass.
 *
 * @throws `data-invalid` without a sequence, or for a label that is no class; `not-finite` for such a loss; the signal's
 *   reason when it aborts
 */
export async function evaluateClasses(options: EvaluateClassesOptions): Promise<ClassEvaluation> {
  const { logits, batches, count = batches.batchesPerEpoch, signal } = options;
  const predicted: number[] = [];
  const labels: number[] = [];
  let total = 0;
  for (let index = 0; index < count; index++) {
    signal?.throwIfAborted();
    const batch = batches.at(index);
    const { loss, classes } = await read(logits, batch);
    if (!Number.isFinite(loss)) throw notFinite(loss, index);
    total += loss * batch.batch;
    predicted.push(...classes);
    labels.push(...batch.labels);
    await nextTurn();
  }
  if (labels.length === 0) throw nothing();
  return { loss: total / labels.length, ...classScores(predicted, labels), predicted };
}

async function read(
  logits: EvaluateClassesOptions['logits'],
  batch: LabelledBatch,
): Promise<{ loss: number; classes: Int32Array }> {
  const [loss, classes] = tidy(() => {
    const values = logits(batch);
    return [crossEntropy(values, batch.labels), argMax(values, 1)] as const;
  });
  try {
    return { loss: (await loss.data())[0] as number, classes: (await classes.data()) as Int32Array };
  } finally {
    loss.dispose();
    classes.dispose();
  }
}

function notFinite(loss: number, index: number): LowrankError {
  return new LowrankError('not-finite', {
    given: `loss ${loss} on evaluation batch ${index}`,
    rule: 'a loss must be finite',
    fix: "lower the learning rate or the adapter's alpha, or look at the data",
  });
}

function nothing(): LowrankError {
  return new LowrankError('data-invalid', {
    given: 'no labelled sequences to evaluate on',
    rule: 'there must be one at least',
    fix: 'give a count of 1 or more',
  });
}
