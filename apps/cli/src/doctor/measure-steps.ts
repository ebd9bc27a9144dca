import { planAdapter, type TokenBatch } from '@lowrank/core';
import { fitSpeed, stepWork, type KernelMemory, type Speed, type SpeedSample } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import { outlineOf } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { measuredModels, type MeasuredModel } from './measured-models.js';

/** Seconds after which no larger batch of a model is begun. */
const patience = 2;

/** Steps of each batch, after one that warms up. The fastest counts: whatever else the machine does only makes one slower. */
const stepsEach = 4;

/**
 * How fast the active backend trains: real steps of small models on batches of several shapes, and what they say of each
 * kind of work.
 *
 * @param linear floating-point operations a second of frozen linears, which the steps alone do not tell from bytes
 */
export async function measureSteps(kernels: KernelMemory, linear: number): Promise<Speed> {
  const samples: SpeedSample[] = [];
  for (const measured of measuredModels) samples.push(...(await stepsOf(measured, kernels)));
  return fitSpeed(samples, { linear });
}

async function stepsOf(measured: MeasuredModel, kernels: KernelMemory): Promise<SpeedSample[]> {
  const outline = outlineOf(measured.config);
  const plan = planAdapter({ rank: 8, alpha: 16, targetModules: measured.targetModules }, outline.modules);
  const { host, loss } = await measured.open();
  using _host = host;
  using manager = new LoraManager(host);
  manager.add('measured', plan);
  const samples: SpeedSample[] = [];
  const end = performance.now() + 1000 * patience;
  for (const shape of measured.batches) {
    if (samples.length > 0 && performance.now() > end) break;
    const parameters = manager.parameters('measured');
    const batch = batchOf(shape, measured.config['vocab_size'] as number);
    const batches = { at: () => batch, weight: () => batch.targets.length, batchesPerEpoch: 1 };
    const times: number[] = [];
    for await (const event of train({ parameters, loss, batches, steps: stepsEach + 1, warmupSteps: 0 })) {
      if (event.type === 'step-end') times.push(event.milliseconds / 1000);
    }
    samples.push({ work: stepWork(outline, plan, { ...shape, kernels }), seconds: Math.min(...times.slice(1)) });
  }
  return samples;
}

function batchOf({ batch, seq }: { batch: number; seq: number }, words: number): TokenBatch {
  const ids = Int32Array.from({ length: batch * seq }, (_, index) => (7 * index) % words);
  return { ids, targets: ids.map((id) => id % 512), batch, seq };
}
