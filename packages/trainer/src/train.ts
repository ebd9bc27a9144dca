import { holdForTraining } from '@lowrank/core';
import type { TrainEvent } from './events.js';
import type { Evaluation, TrainOptions } from './options.js';
import { settled } from './settled.js';
import { TrainingRun } from './training-run.js';

/**
 * Trains `parameters` on `batches` with AdamW, and tells what happens as it happens. The parameters' variables are
 * changed in place and stay the caller's; all else is freed when the run ends, throws or is left by `break`.
 *
 * An aborted `signal` lets the update under way finish. Resuming from a checkpoint goes on to the same bits that
 * an uninterrupted run reaches.
 *
 * @throws at the first event: `config-invalid`, `checkpoint-mismatch`; later: `not-finite`, `not-training`,
 *   `data-invalid`, and whatever `loss`, `evaluate` and `checkpoint` throw
 */
export async function* train<Batch>(options: TrainOptions<Batch>): AsyncGenerator<TrainEvent, void> {
  const { parameters, evaluate, checkpoint, signal } = options;
  const run = new TrainingRun(options);
  using _ = holdForTraining(parameters);
  const aborted = () => signal?.aborted === true;
  let [evaluated, written] = [-1, -1];
  try {
    const trainableParameters = parameters.reduce((total, { variable }) => total + variable.size, 0);
    yield { type: 'train-start', step: run.step, steps: run.steps, trainableParameters };
    if (run.step === 0) yield* evaluation();
    // A fault of the first step must not be taken for one of what was made before it.
    await settled();
    while (run.step < run.steps && !aborted()) {
      yield await run.update();
      if (evaluate && run.step % evaluate.every === 0) yield* evaluation();
      if (checkpoint && run.step % checkpoint.every === 0) yield* writing();
    }
    yield* evaluation();
    yield* writing();
    yield { type: 'train-end', step: run.step, reason: aborted() ? 'aborted' : 'done' };
  } finally {
    run.dispose();
  }

  async function* evaluation(): AsyncGenerator<TrainEvent, void> {
    if (!evaluate || evaluated === run.step || aborted()) return;
    const start = performance.now();
    try {
      const scores = scoresOf(await evaluate.loss());
      evaluated = run.step;
      yield { type: 'eval-end', step: run.step, ...scores, milliseconds: performance.now() - start };
    } catch (error) {
      // An evaluation may stop at the same signal; that ends the run, it does not break it.
      if (!aborted()) throw error;
    }
  }

  async function* writing(): AsyncGenerator<TrainEvent, void> {
    if (!checkpoint || written === run.step) return;
    await checkpoint.write(await run.checkpoint());
    written = run.step;
    yield { type: 'checkpoint-write', step: run.step };
  }
}

function scoresOf(measured: number | Evaluation): { loss: number } | Evaluation {
  if (typeof measured === 'number') return { loss: measured };
  const { loss, accuracy, macroF1 } = measured;
  return { loss, accuracy, macroF1 };
}
