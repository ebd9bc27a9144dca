import { planAdapter, type LabelledBatch } from '@lowrank/core';
import { LayersHost } from '@lowrank/host-layers';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, it } from '@lowrank/testing';
import { train } from '@lowrank/trainer';
import { losses, tidy, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { classifier, free } from '../test/models.js';

describe("the trainer on a LayersModel's adapter", () => {
  it.onEachBackend(
    'lowers the loss, leaves the base, and comes to the same values from the same seed',
    async ({ tensors }) => {
      const model = classifier();
      const untouched = model.getWeights().map((value) => value.dataSync().slice());
      const [x, y] = [tensors.randn([6, 8, 8, 3]), tensors.randn([6, 4])];
      using host = new LayersHost(model);
      using manager = new LoraManager(host);
      const run = async (name: string) => {
        manager.add(name, planAdapter({ rank: 2, dropout: 0.2, targetModules: 'all-linear' }, host.modules()));
        manager.activate(name);
        const loss = (_: LabelledBatch, context?: { training: boolean; seed: number }) =>
          tidy(() => losses.meanSquaredError(y, host.forward(x, context) as Tensor) as Scalar);
        const seen: number[] = [];
        const batches = { at: () => ({}) as LabelledBatch, weight: () => 1, batchesPerEpoch: 1 };
        const options = { steps: 8, learningRate: 0.02, seed: 4 };
        for await (const event of train({ parameters: manager.parameters(name), loss, batches, ...options })) {
          if (event.type === 'step-end') seen.push(event.loss);
        }
        return seen;
      };
      const first = await run('first');
      expect(first.at(-1)).toBeLessThan(first[0] as number);
      expect(await run('second')).toEqual(first);
      expect(model.getWeights().map((value) => value.dataSync())).toEqual(untouched);
      manager.dispose();
      free(model);
    },
  );
});
