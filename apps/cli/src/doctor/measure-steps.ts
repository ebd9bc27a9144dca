import { planAdapter, type TokenBatch } from '@lowrank/core';
import { fitSpeed, stepWork, type KernelMemory, type Speed, type SpeedSample } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import { outlineOf } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { measuredModels, type MeasuredModel } from './measured-models.js';

/** Seconds after which no larger batch of a model is begun. */
const patience = 4;

/** Steps of each batch. The first third warms up: JavaScript engines are slow at first. Of the rest the median counts. */
const steps = { least: 6, most: 30 };

/** Seconds after which a batch has been measured enough. */
const enough = 0.5;

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
    const begun = performance.now();
    for await (const event of train({ parameters, loss, batches, steps: steps.most, warmupSteps: 0 })) {
      if (event.type === 'step-end') times.push(event.milliseconds / 1000);
      if (times.length >= steps.least && performance.now() > begun + 1000 * enough) break;
    }
    samples.push({ work: stepWork(outline, plan, { ...shape, kernels }), seconds: settled(times) });
  }
  return samples;
}

function settled(times: number[]): number {
  const rest = times.slice(Math.ceil(times.length / 3)).toSorted((a, b) => a - b);
  return rest[Math.floor(rest.length / 2)]!;
}

function batchOf({ batch, seq }: { batch: number; seq: number }, words: number): TokenBatch {
  const ids = Int32Array.from({ length: batch * seq }, (_, index) => (7 * index) % words);
  return { ids, targets: ids.map((id) => id % 512), batch, seq };
}
