import { LowrankError } from '@lowrank/core';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { dispose, memory, tensor1d, type Scalar } from '@tensorflow/tfjs-core';
import { points, twoLayers, type Points } from '../test/two-layers.js';
import type { BatchSource } from './data/batch-source.js';
import { gradientStep } from './step.js';

describe('an accumulated step', () => {
  it.onEachBackend(
    'has the loss and gradients of one large batch, with unequal counts of targets',
    async ({ tensors }) => {
      using model = twoLayers();
      model.task.parameters.forEach(({ variable }) => variable.assign(tensors.randn(variable.shape)));
      const small = points(4, (index) => [0, 3, 4, 1][index]!);
      const inputs = { ...model.task, seed: 0 };
      const micro = await gradientStep({ ...inputs, batches: small, accumulate: 4 }, 1);
      const large = await gradientStep({ ...inputs, batches: joined(small, 4), accumulate: 1 }, 1);

      expect([micro.targets, large.targets]).toEqual([8, 8]);
      const close = { atol: 1e-6, because: 'the same float32 sums in another order' };
      expectClose([micro.loss], [large.loss], close);
      expect(Object.keys(micro.gradients)).toEqual(model.task.parameters.map(({ name }) => name));
      for (const [name, gradient] of Object.entries(micro.gradients)) {
        expectClose(gradient, large.gradients[name]!, close);
        const values = gradient.dataSync() as Float32Array;
        expectClose([micro.squares.get(name)!], [values.reduce((sum, value) => sum + value * value, 0)], close);
      }
      dispose([micro.gradients, large.gradients]);
    },
  );

  it('goes through the micro-batches in order over the whole run', async () => {
    using model = twoLayers();
    const seen: number[] = [];
    const source = points(2);
    const batches = { ...source, at: (index: number) => (seen.push(index), source.at(index)) };
    for (const step of [1, 2])
      dispose((await gradientStep({ ...model.task, batches, accumulate: 3, seed: 0 }, step)).gradients);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('refuses a step where no target counts, weights that are none, and a loss that is no scalar', async () => {
    using model = twoLayers();
    const input = { ...model.task, accumulate: 2, seed: 0 };
    await expect(gradientStep({ ...input, batches: points(2, () => 2) }, 7)).rejects.toThrow(
      'the batches of step 7: at least one',
    );
    const odd = { ...points(2), weight: () => NaN };
    await expect(gradientStep({ ...input, batches: odd }, 1)).rejects.toThrow('micro-batch 0 of weight NaN');
    const loss = () => tensor1d([1, 2]) as unknown as Scalar;
    await expect(gradientStep({ ...input, loss, batches: points(2) }, 1)).rejects.toThrow('a loss of shape [2]');
  });

  it.onEachBackend('frees all when the loss throws half-way', async () => {
    using model = twoLayers();
    const before = memory().numTensors;
    let calls = 0;
    const loss: typeof model.task.loss = (batch, context) => {
      const value = model.task.loss(batch, context);
      if (++calls === 2) throw new LowrankError('data-invalid', { given: 'x', rule: 'y', fix: 'z' });
      return value;
    };
    const step = gradientStep({ ...model.task, loss, batches: points(2), accumulate: 3, seed: 0 }, 1);
    await expect(step).rejects.toSatisfy((error) => LowrankError.is(error, 'data-invalid'));
    expect(memory().numTensors).toBe(before);
  });
});

function joined(source: BatchSource<Points>, count: number): BatchSource<Points> {
  const batches = Array.from({ length: count }, (_, index) => source.at(index));
  const x = Float32Array.from(batches.flatMap((batch) => [...batch.x]));
  const targets = Int32Array.from(batches.flatMap((batch) => [...batch.targets]));
  return { ...source, at: () => ({ x, targets }) };
}
