import { FrozenLinear, planAdapter, type LoraConfigInput } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { memory } from '@tensorflow/tfjs-core';
import { layeredHost } from '../test/layered-host.js';
import { addTrained, managerOf, valuesOf } from '../test/set-up.js';

const configs: Record<string, LoraConfigInput> = {
  everything: {
    rank: 2,
    targetModules: ['query', 'value', 'positions'],
    useDora: true,
    bias: 'all',
    modulesToSave: ['norm'],
    trainableTokenIndices: { embed: [2, 7] },
  },
  plain: { rank: 1, targetModules: ['query'] },
  whole: { rank: 1, targetModules: ['query'], modulesToSave: ['out', 'positions'] },
};
const close = { atol: 2e-5, because: 'float32 sums in another order' };

describe('mergeAndUnload', () => {
  for (const activation of ['everything', { plain: 0.5, whole: 1 }, 'whole'] as const) {
    it.onEachBackend(`leaves plain modules, and no adapter: ${JSON.stringify(activation)}`, async ({ tensors }) => {
      const host = layeredHost(tensors);
      const ids = tensors.of([2, 7, 1, 9, 4, 2], [2, 3], 'int32');
      const output = () => valuesOf(host.run(ids));
      const base = output();
      const start = memory().numTensors;
      const manager = managerOf(host, configs);
      manager.activate(activation);
      const apart = output();
      const model = await manager.mergeAndUnload();
      const unloaded = output();
      expectClose(unloaded, apart, close);
      expect(manager.status()).toMatchObject({ active: {}, adapters: [], layers: [] });
      const own = model.paths.flatMap((path) => {
        const { weight, bias } = host.get(path) as { weight?: object; bias?: object };
        return [weight, bias].filter((tensor) => tensor !== undefined);
      });
      expect(memory().numTensors - start).toBeLessThanOrEqual(new Set(own).size);
      expect(host.get('query')).toBeInstanceOf(FrozenLinear);

      addTrained(manager, 'more', { rank: 1, targetModules: ['query', 'embed'] }, 5);
      expect(output()).not.toEqual(unloaded);
      await manager.merge();
      manager.dispose();
      expect(output()).toEqual(unloaded);

      model.dispose();
      model.dispose();
      expect(output()).toEqual(base);
      expect(memory().numTensors).toBe(start);
    });
  }

  it.onEachBackend('changes nothing where something cannot be merged', async ({ tensors }) => {
    const host = layeredHost(tensors);
    const ids = tensors.of([2, 7, 1, 9, 4, 2], [2, 3], 'int32');
    using manager = managerOf(host, configs);
    manager.activate('plain');
    const { variable } = manager.parameters('plain')[0]!;
    variable.assign(tensors.of(new Float32Array(variable.size).fill(NaN), variable.shape));
    const before = [manager.status(), memory().numTensors, valuesOf(host.run(ids))];
    await expect(manager.mergeAndUnload()).rejects.toMatchObject({ code: 'not-finite' });
    expect([manager.status(), memory().numTensors, valuesOf(host.run(ids))]).toEqual(before);
  });

  it.onEachBackend('is the base alone where nothing is active', async ({ tensors }) => {
    const host = layeredHost(tensors);
    const manager = new LoraManager(host);
    manager.add('plain', planAdapter(configs['plain']!, host.modules()));
    manager.activate(undefined);
    const model = await manager.mergeAndUnload();
    expect(model.paths).toEqual([]);
    expect(host.get('query')).toBeInstanceOf(FrozenLinear);
  });
});
