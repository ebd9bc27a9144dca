import { describe, expect, expectClose, it } from '@lowrank/testing';
import { evaluateLoss, type BatchSource } from '@lowrank/trainer';
import { scalar } from '@tensorflow/tfjs-core';

/** Each batch is its own mean loss and its number of targets. */
type Known = [loss: number, targets: number];
const source = (batches: Known[]): BatchSource<Known> => ({
  at: (index) => batches[index]!,
  weight: ([, targets]) => targets,
  batchesPerEpoch: batches.length,
});
const loss = ([value]: Known) => scalar(value);

describe('evaluateLoss', () => {
  it.onEachBackend('is the mean over targets, not over batches', async () => {
    const batches = source([
      [1, 10],
      [NaN, 0],
      [4, 5],
    ]);
    expectClose([await evaluateLoss({ loss, batches })], [2], {
      atol: 1e-12,
      because: 'a float64 sum of exact numbers',
    });
    expect(await evaluateLoss({ loss, batches, count: 1 })).toBe(1);
  });

  it('sums in float64', async () => {
    const batches = source(Array.from({ length: 300 }, (): Known => [Math.fround(0.1), 100_000]));
    expectClose([await evaluateLoss({ loss, batches })], [Math.fround(0.1)], {
      atol: 1e-13,
      because: 'float64; float32 is off by 1e-6',
    });
  });

  it('refuses a loss that is not finite, and batches without a target', async () => {
    const broken = evaluateLoss({
      loss,
      batches: source([
        [1, 1],
        [Infinity, 1],
      ]),
    });
    await expect(broken).rejects.toMatchObject({ code: 'not-finite', given: 'loss Infinity on evaluation batch 1' });
    await expect(evaluateLoss({ loss, batches: source([[1, 0]]) })).rejects.toMatchObject({ code: 'data-invalid' });
  });

  it('stops at the signal between batches, though the backend never waits', async () => {
    const controller = new AbortController();
    let calls = 0;
    const counting = (batch: Known) => (calls++, loss(batch));
    setImmediate(() => controller.abort());
    const batches = source(Array.from({ length: 100 }, (): Known => [1, 1]));
    const stopped = evaluateLoss({ loss: counting, batches, signal: controller.signal });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toBe(1);
  });
});
