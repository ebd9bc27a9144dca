import type { Checkpoint } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { train, type TrainOptions } from '@lowrank/trainer';
import { add, mul, sqrt, square, sum, tensor1d, tidy, variable, zerosLike } from '@tensorflow/tfjs-core';
import { collect, valuesOf } from '../test/collect.js';
import { points, twoLayers, type Points, type TwoLayers } from '../test/two-layers.js';

describe('a run watches itself', () => {
  it.onEachBackend('and stops where the loss does not reach a layer', async () => {
    using model = twoLayers();
    model.second.enabled = false;
    await stops(model, {}, 'not-training', '1 of 2 layers (second) without a gradient at step 1');
    model.first.enabled = false;
    await stops(model, {}, 'not-training', '2 of 2 layers (first, second) without a gradient');
  });

  it.onEachBackend('and stops where an adapter is switched off half-way', async () => {
    using model = twoLayers();
    const events = async () => {
      for await (const { type, step } of train(run(model)))
        if (type === 'step-end' && step === 2) model.first.enabled = false;
    };
    const given = '1 of 2 layers (first) without a gradient at step 3';
    await expect(events()).rejects.toMatchObject({ code: 'not-training', given });
  });

  it.onEachBackend('and stops where neither A nor B has a gradient at first', async () => {
    using model = twoLayers();
    tidy(() => model.first.a.assign(zerosLike(model.first.a)));
    await stops(model, {}, 'not-training', '1 of 2 layers (first) with a gradient of 0 at step 1');
  });

  it.onEachBackend('and stops where a B has not moved after five updates, or at the end of fewer', async () => {
    for (const [steps, at] of [
      [3, 3],
      [9, 5],
    ] as const) {
      using model = twoLayers();
      const { b } = model.second;
      const assign = b.assign.bind(b);
      b.assign = (value) => tidy(() => assign(mul(value, 0)));
      const events = collect(train({ ...run(model), steps }));
      await expect(events).rejects.toMatchObject({
        code: 'not-training',
        given: `1 of 2 layers (second) where B has not moved in ${at} updates`,
      });
    }
  });

  it.onEachBackend('and stops at a loss that is not finite, before anything is changed', async () => {
    using model = twoLayers();
    const loss: TwoLayers['task']['loss'] = (batch, context) => mul(model.task.loss(batch, context), NaN);
    await stops(
      model,
      { loss },
      'not-finite',
      'loss NaN at step 1; gradients not finite in 2 of 2 layers (first, second)',
    );
  });

  it.onEachBackend('and stops at gradients that are not finite though the loss is', async () => {
    using model = twoLayers();
    const norm = () => sqrt(sum(square(model.second.b)));
    const loss: TwoLayers['task']['loss'] = (batch, context) => add(model.task.loss(batch, context), norm());
    await stops(model, { loss }, 'not-finite', 'at step 1; gradients not finite in 1 of 2 layers (second)');
  });

  it.onEachBackend('and leaves a bias that the loss does not reach as it is, through a checkpoint too', async () => {
    using model = twoLayers();
    const bias = tidy(() => variable(tensor1d([1, 2])));
    const parameters = [
      ...model.task.parameters,
      { name: 'pooler.bias', path: 'pooler', role: 'bias' as const, variable: bias },
    ];
    const written: Checkpoint[] = [];
    const checkpoint = { every: 4, write: async (now: Checkpoint) => void written.push(now) };
    await collect(train({ ...run(model), parameters, checkpoint }));
    await collect(train({ ...run(model), parameters, checkpoint, resume: written[0] }));
    expect(written.map(({ tensors }) => [...tensors.get('pooler.bias')!.data])).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect([...bias.dataSync()]).toEqual([1, 2]);
    bias.dispose();
  });

  it('and names the first three of many layers', async () => {
    const models = Array.from({ length: 5 }, () => twoLayers());
    const parameters = models.flatMap(({ first }, index) => first.parameters(`layers.${index}`));
    const first = models[0] as TwoLayers;
    const events = collect(train({ ...run(first), parameters }));
    await expect(events).rejects.toThrow('4 of 5 layers (layers.1, layers.2, layers.3 and 1 more) without a gradient');
    for (const model of models) model[Symbol.dispose]();
  });
});

function run(model: TwoLayers): TrainOptions<Points> {
  return { ...model.task, batches: points(4), steps: 8, learningRate: 0.01 };
}

async function stops(
  model: TwoLayers,
  change: Partial<TrainOptions<Points>>,
  code: string,
  given: string,
): Promise<void> {
  const start = valuesOf(model.task.parameters);
  const events = collect(train({ ...run(model), ...change }));
  await expect(events).rejects.toMatchObject({ code, given: expect.stringContaining(given) });
  expect(valuesOf(model.task.parameters)).toEqual(start);
}
