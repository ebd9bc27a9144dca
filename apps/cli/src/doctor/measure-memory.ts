import type { KernelMemory, MemorySample } from '@lowrank/efficiency';
import { matMul, ones, tidy } from '@tensorflow/tfjs-core';
import { setTimeout } from 'node:timers/promises';
import { memoryBatches, type MeasuredModel } from './measured-models.js';
import { MeasuredSubject } from './measured-subject.js';
import { forgetPeak, peakMemory, residentMemory } from './peak-memory.js';

/** The first makes tensors' memory, and the next finds what its allocator could not use again. */
const steps = 2;

/** Steps, cheap ones, in which JavaScript's own memory grows to what it is in a longer run. */
const warmUp = 40;

/** Seconds after which no larger batch is begun. */
const patience = 10;

/**
 * By how much this process grows in steps of a small model, from where the active backend has started and nothing else has
 * been: beside what their tensors are predicted to take. Takes some seconds, and `global.gc`. Left out is a batch that needs no
 * more than was needed before, for it tells nothing, and one that needs over half of the memory that is left.
 *
 * @param folder the model's files: weights that were made in this process would leave memory behind that steps use
 */
export async function measureMemory(
  measured: MeasuredModel,
  kernels: KernelMemory,
  folder: string,
): Promise<MemorySample[]> {
  // A first op loads the rest of the backend.
  tidy(() => matMul(ones([64, 64]), ones([64, 64])).dataSync());
  await collect();
  const started = residentMemory();
  const subject = await MeasuredSubject.open(measured, kernels, folder);
  const samples: MemorySample[] = [];
  try {
    await subject.steps(measured.batches[0]!, warmUp);
    await collect();
    const end = performance.now() + 1000 * patience;
    for (const shape of memoryBatches) {
      const tensors = subject.tensorBytes(shape);
      if (performance.now() > end || tensors > process.availableMemory() / 2) break;
      forgetPeak();
      const before = peakMemory();
      await subject.steps(shape, steps);
      const peak = peakMemory();
      if (peak > before) samples.push({ tensors, peak: peak - started });
    }
    return samples;
  } finally {
    subject.dispose();
  }
}

/** Twice, for what a buffer was read from is freed some time after the buffer. */
async function collect(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await setTimeout(20);
  }
}
