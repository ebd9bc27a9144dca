import { planAdapter, type ForwardContext, type TokenBatch } from '@lowrank/core';
import { fitSpeed, stepWork, type KernelMemory, type Speed, type SpeedSample } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel, outlineOf, randomFolder } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { measuredBatches, measuredConfig, measuredModel } from './measured-model.js';

/** Seconds after which no larger batch is begun. */
const patience = 2;

/** Steps of each batch whose median counts, after one that warms up. */
const stepsEach = 3;

/**
 * How fast the active backend trains: real steps of a small model on batches of several shapes, and what they say of each
 * kind of work.
 *
 * @param linear floating-point operations a second of frozen linears, which the steps alone do not tell from bytes
 */
export async function measureSteps(kernels: KernelMemory, linear: number): Promise<Speed> {
  const outline = outlineOf(measuredModel);
  const plan = planAdapter(measuredConfig, outline.modules);
  using model = await loadModel(randomFolder(measuredModel));
  using manager = new LoraManager(model);
  manager.add('measured', plan);
  const samples: SpeedSample[] = [];
  const end = performance.now() + 1000 * patience;
  for (const shape of measuredBatches) {
    if (samples.length > 0 && performance.now() > end) break;
    const parameters = manager.parameters('measured');
    const loss = (batch: TokenBatch, context: ForwardContext) => causalLoss(model, batch, context);
    const batch = batchOf(shape);
    const batches = { at: () => batch, weight: () => batch.targets.length, batchesPerEpoch: 1 };
    const times: number[] = [];
    for await (const event of train({ parameters, loss, batches, steps: stepsEach + 1, warmupSteps: 0 })) {
      if (event.type === 'step-end') times.push(event.milliseconds / 1000);
    }
    const seconds = times.slice(1).sort((left, right) => left - right)[stepsEach >> 1]!;
    samples.push({ work: stepWork(outline, plan, { ...shape, kernels }), seconds });
  }
  return fitSpeed(samples, { linear });
}

function batchOf({ batch, seq }: { batch: number; seq: number }): TokenBatch {
  const ids = Int32Array.from(
    { length: batch * seq },
    (_, index) => (7 * index) % (measuredModel['vocab_size'] as number),
  );
  return { ids, targets: ids, batch, seq };
}
