import { planAdapter } from '@lowrank/core';
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
import { stepSeconds } from '@lowrank/trainer';
import { measuredModels, type MeasuredModel } from './measured-models.js';

/** Seconds after which no larger batch of a model is begun. */
const patience = 2;

/** Steps of each batch at the most. */
const most = 30;

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
  const secondsOf = (shape: BatchShape, limits: { most: number; seconds: number }) => {
    const parameters = manager.parameters('measured');
    return stepSeconds({ parameters, loss, shape, vocabSize: measured.config['vocab_size'] as number, ...limits });
  };
  await secondsOf(measured.batches[0]!, { most: 1000, seconds: warmUp });
  const samples: SpeedSample[] = [];
  const end = performance.now() + 1000 * patience;
  for (const shape of measured.batches) {
    if (samples.length > 0 && performance.now() > end) break;
    const seconds = await secondsOf(shape, { most, seconds: enough });
    samples.push({ work: stepWork(outline, plan, { ...shape, kernels }), seconds });
  }
  return samples;
}
