import { planAdapter, type TokenBatch } from '@lowrank/core';
import {
  fitSpeed,
  stepWork,
  type BatchShape,
  type KernelMemory,
  type Speed,
  type SpeedSample,
} from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import { outlineOf } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { measuredModels, type MeasuredModel } from './measured-models.js';

/** Seconds after which no larger batch of a model is begun. */
const patience = 2;

/** Steps of each batch, of the last two thirds of which the median counts. */
const steps = { least: 6, most: 30 };

/** Seconds after which a batch has been measured enough. */
const enough = 0.3;

/** Seconds of steps before the first that is measured: JavaScript engines are slow until they know what runs often. */
const warmUp = 0.8;

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
  const words = measured.config['vocab_size'] as number;
  const timesOf = async (shape: BatchShape, { most, seconds }: { most: number; seconds: number }) => {
    const batch = batchOf(shape, words);
    const batches = { at: () => batch, weight: () => batch.targets.length, batchesPerEpoch: 1 };
    const times: number[] = [];
    const end = performance.now() + 1000 * seconds;
    const parameters = manager.parameters('measured');
    for await (const event of train({ parameters, loss, batches, steps: most, warmupSteps: 0 })) {
      if (event.type === 'step-end') times.push(event.milliseconds / 1000);
      if (times.length >= steps.least && performance.now() > end) break;
    }
    return times;
  };
  await timesOf(measured.batches[0]!, { most: 1000, seconds: warmUp });
  const samples: SpeedSample[] = [];
  const end = performance.now() + 1000 * patience;
  for (const shape of measured.batches) {
    if (samples.length > 0 && performance.now() > end) break;
    const seconds = settled(await timesOf(shape, { most: steps.most, seconds: enough }));
    samples.push({ work: stepWork(outline, plan, { ...shape, kernels }), seconds });
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
