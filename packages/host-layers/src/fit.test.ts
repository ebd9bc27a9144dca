import { planAdapter, type LoraConfigInput } from '@lowrank/core';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, it, type Tensors } from '@lowrank/testing';
import { oneHot, profile, tensor1d, tidy, train, type Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classifier, free, joined, read } from '../test/models.js';

const everything: LoraConfigInput = { rank: 2, alpha: 8, targetModules: 'all-linear' };

function setUp(tensors: Tensors, config = everything) {
  const model = classifier();
  const host = new LayersHost(model);
  const manager = new LoraManager(host);
  manager.add('a', planAdapter(config, host.modules()));
  const x = tensors.randn([12, 8, 8, 3]);
  const y = tidy(() => oneHot(tensor1d([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], 'int32'), 4));
  return { model, host, manager, x, y };
}

const fit = { epochs: 6, batchSize: 6, shuffle: false, verbose: 0 } as const;
const weightsOf = (model: LayersModel) => model.getWeights().map((value) => value.dataSync().slice());

describe('model.fit on an adapted model', () => {
  it.onEachBackend('trains the adapter and not a bit of the base, moving averages included', async ({ tensors }) => {
    const { model, manager, x, y } = setUp(tensors);
    const untouched = weightsOf(model);
    const flags = model.layers.map(({ trainable }) => trainable);
    manager.activate(undefined);
    const outputs = read(model.predict(x) as Tensor);
    manager.activate('a');
    const optimizer = train.adam(0.05);
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    expect(model.trainableWeights.map(({ name }) => name)).toEqual(manager.parameters('a').map(({ name }) => name));
    const { history } = await model.fit(x, y, fit);
    expect(history['loss']!.at(-1)).toBeLessThan(0.9 * (history['loss']![0] as number));
    expect(weightsOf(model)).toEqual(untouched);
    expect(model.layers.map(({ trainable }) => trainable)).toEqual(flags);
    for (const { name, variable, role } of manager.parameters('a')) {
      if (role === 'lora_B')
        expect(
          variable.dataSync().some((value) => value !== 0),
          name,
        ).toBe(true);
    }
    expect(read(model.predict(x) as Tensor)).not.toEqual(outputs);
    manager.activate(undefined);
    expect(read(model.predict(x) as Tensor)).toEqual(outputs);
    manager.dispose();
    optimizer.dispose();
    y.dispose();
    free(model);
  });

  it.onEachBackend(
    'trains only the adapter of a model that was compiled before, and the base again after',
    async (test) => {
      const { model, host, manager, x, y } = setUp(test.tensors);
      manager.activate(undefined);
      const optimizer = train.sgd(0.1);
      model.compile({ optimizer, loss: 'categoricalCrossentropy' });
      manager.activate('a');
      const untouched = weightsOf(model);
      await model.fit(x, y, fit);
      expect(weightsOf(model)).toEqual(untouched);
      manager.dispose();
      host.dispose();
      await model.fit(x, y, fit);
      expect(weightsOf(model)).not.toEqual(untouched);
      optimizer.dispose();
      y.dispose();
      free(model);
    },
  );

  it.onEachBackend('never computes the gradient of a frozen kernel', async ({ tensors }) => {
    const { model, manager, x, y } = setUp(tensors, { rank: 2, targetModules: ['stem.conv'] });
    const optimizer = train.sgd(0.1);
    model.compile({ optimizer, loss: 'categoricalCrossentropy' });
    const { kernels } = await profile((async () => {
      await model.trainOnBatch(x, y);
    }) as never);
    const filters = kernels
      .filter(({ name }) => /BackpropFilter/.test(name))
      .map(({ outputShapes }) => outputShapes[0]);
    expect(filters).toEqual([[3, 3, 3, 2]]);
    expect(kernels.map(({ outputShapes }) => String(outputShapes[0]))).not.toContain('80,7');
    manager.dispose();
    optimizer.dispose();
    y.dispose();
    free(model);
  });

  it.onEachBackend('trains embeddings and shared layers of a model with two inputs', async ({ tensors }) => {
    const model = joined();
    using host = new LayersHost(model);
    using manager = new LoraManager(host);
    manager.add('a', planAdapter({ rank: 2, targetModules: ['table', 'line', 'shared', 'out'] }, host.modules()));
    const untouched = weightsOf(model);
    const inputs = [tensors.of([0, 1, 2, 3, 8, 5, 5, 7, 0, 1], [2, 5]), tensors.randn([2, 6])];
    const optimizer = train.adam(0.03);
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const y = tensors.randn([2, 2]);
    const { history } = await model.fit(inputs, y, { ...fit, epochs: 20 });
    expect(history['loss']!.at(-1)).toBeLessThan(0.5 * (history['loss']![0] as number));
    expect(weightsOf(model)).toEqual(untouched);
    manager.dispose();
    optimizer.dispose();
    free(model);
  });
});
