import type { Checkpoint } from '@lowrank/core';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { train, type RankAllocator } from '@lowrank/trainer';
import { mul, scalar, type Tensor } from '@tensorflow/tfjs-core';
import { collect, valuesOf } from '../../test/collect.js';
import { points, twoLayers } from '../../test/two-layers.js';

/** Counts updates, and lets the first layer's B keep nothing from the sixth on, once B was seen to move. */
const allocator: RankAllocator = {
  fingerprint: 'sixth',
  init: () => ({ count: scalar(0) }),
  observe: async ({ step, gradients }) => {
    expect(Object.keys(gradients)).toHaveLength(4);
    return { count: scalar(step) };
  },
  prune: (updated, state) => {
    const [count] = (state['count'] as Tensor).dataSync();
    const name = 'first.lora_B.weight';
    return (count as number) < 6 ? updated : { ...updated, [name]: mul(updated[name] as Tensor, 0) };
  },
};
const options = { batches: points(3), steps: 7, learningRate: 0.05, allocator };

describe('allocator', () => {
  it.onEachBackend('is asked before each update, prunes what it makes, and is kept in checkpoints', async () => {
    using model = twoLayers();
    const checkpoints: Checkpoint[] = [];
    const checkpoint = { every: 1, write: async (each: Checkpoint) => void checkpoints.push(each) };
    await collect(train({ ...model.task, ...options, checkpoint }));
    const largest = checkpoints.map(({ tensors }) =>
      Math.max(...tensors.get('first.lora_B.weight')!.data.map(Math.abs)),
    );
    expect(largest.map((value) => value > 0)).toEqual([true, true, true, true, true, false, false]);
    expect(checkpoints.map(({ tensors }) => tensors.get('optimizer/count')!.data[0])).toEqual([1, 2, 3, 4, 5, 6, 7]);

    using other = twoLayers();
    await collect(train({ ...other.task, ...options, resume: checkpoints[1]! }));
    expect(valuesOf(other.task.parameters)).toEqual(valuesOf(model.task.parameters));
    const error = await errorOf(() =>
      collect(train({ ...other.task, ...options, allocator: undefined, resume: checkpoints[1]! })),
    );
    expect(error.code).toBe('checkpoint-mismatch');
  });

  it.onEachBackend('that throws leaves weights as they were, and nothing behind', async () => {
    for (const failing of ['observe', 'prune'] as const) {
      using model = twoLayers();
      const before = valuesOf(model.task.parameters);
      const broken = { ...allocator, [failing]: () => Promise.reject(new Error('no')) };
      if (failing === 'prune') broken.prune = () => fail();
      const run = collect(train({ ...model.task, ...options, allocator: broken }));
      await expect(run).rejects.toThrow('no');
      expect(valuesOf(model.task.parameters)).toEqual(before);
    }
  });
});

function fail(): never {
  throw new Error('no');
}
