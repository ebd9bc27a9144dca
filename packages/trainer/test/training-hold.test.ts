import { crossEntropy, FrozenLinear, hostOf, planAdapter, type ForwardContext } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, it, type Tensors } from '@lowrank/testing';
import { train } from '@lowrank/trainer';
import { tensor2d, tidy, type Scalar, type Tensor2D } from '@tensorflow/tfjs-core';
import { points, type Points } from './two-layers.js';

function setUp(tensors: Tensors) {
  const host = hostOf({ layer: new FrozenLinear(tensors.randn([6, 4]) as Tensor2D) });
  const manager = new LoraManager(host);
  const plan = planAdapter({ rank: 2, targetModules: ['layer'] }, host.modules());
  manager.add('pupil', plan);
  manager.add('other', plan);
  const loss = ({ x, targets }: Points, context?: ForwardContext) =>
    tidy(() => {
      const input = tensor2d(x, [targets.length, 6]);
      return crossEntropy(host.get('layer').forward(input, context) as Tensor2D, targets) as Scalar;
    });
  const run = () =>
    train({ parameters: manager.parameters('pupil'), loss, batches: points(8), steps: 3, learningRate: 0.1 });
  return { manager, run };
}

describe('an adapter in training', () => {
  it.onEachBackend('is not merged, swapped or deleted until the run ends', async ({ tensors }) => {
    const { manager, run } = setUp(tensors);
    const other = await manager.adapter('other');
    const busy = expect.objectContaining({ code: 'adapter-busy' });
    let steps = 0;
    for await (const event of run()) {
      if (event.type !== 'step-end') continue;
      steps++;
      await expect(manager.merge()).rejects.toThrow(/merging "pupil": a run trains it now/);
      expect(() => manager.swap('pupil', other)).toThrow(busy);
      expect(() => manager.delete('pupil')).toThrow(busy);
      await manager.withActive('other', () => manager.merge());
    }
    expect(steps).toBe(3);
    await manager.merge();
    expect(manager.status()).toMatchObject({ merged: true, active: { pupil: 1 } });
    manager.dispose();
  });

  it.onEachBackend('is free again once its run was left, and so is one whose run failed', async ({ tensors }) => {
    const { manager, run } = setUp(tensors);
    for await (const { step } of run()) if (step === 1) break;
    await manager.merge();
    manager.activate(undefined);
    await expect(async () => {
      for await (const { type } of run()) expect(type).toBeDefined();
    }).rejects.toMatchObject({ code: 'not-training' });
    manager.swap('pupil', await manager.adapter('other'));
    manager.delete('pupil');
    manager.dispose();
  });
});
