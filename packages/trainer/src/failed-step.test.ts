import { useBackend, type Checkpoint, type Kernels } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';
import { memory, sum } from '@tensorflow/tfjs-core';
import { collect } from '../test/collect.js';
import { failingKernels } from '../test/failing-kernels.js';
import { points, twoLayers, type TwoLayers } from '../test/two-layers.js';
import { train } from './train.js';
import { TrainingRun } from './training-run.js';

const settings = { batches: points(4), steps: 8, accumulate: 2, learningRate: 0.05, clipNorm: 0.5 };

/** A run after two updates, so that its moments are not zeros. */
async function begun({ task }: TwoLayers, loss = task.loss) {
  const run = new TrainingRun({ ...task, ...settings, loss });
  await run.update();
  await run.update();
  return run;
}

/** What a third update makes of everything where nothing fails. */
async function unfailed(): Promise<Checkpoint> {
  using model = twoLayers({ dropout: 0.2 });
  const run = await begun(model);
  await run.update();
  const checkpoint = await run.checkpoint();
  run.dispose();
  return checkpoint;
}

describe('a step that fails', () => {
  it.onEachBackend(
    'at any kernel after a forward pass leaves weights and moments as they were, and can be done again to the same bits',
    async () => {
      const expected = await unfailed();
      using model = twoLayers({ dropout: 0.2 });
      using kernels = failingKernels();
      let call = 0;
      const run = await begun(model, (batch, context) => {
        kernels.failAt(0);
        const value = model.task.loss(batch, context);
        kernels.failAt(call);
        return value;
      });
      const before = await run.checkpoint();
      const { numTensors } = memory();
      for (call = 1; ; call++) {
        const outcome = await run.update().catch((error: Error) => error);
        kernels.failAt(0);
        if (!(outcome instanceof Error)) break;
        expect(outcome.message).toMatch(/^no memory/);
        const now = [run.step, memory().numTensors, await run.checkpoint()];
        expect(now, outcome.message).toEqual([2, numTensors, before]);
      }
      expect(call).toBeGreaterThan(30);
      expect(await run.checkpoint()).toEqual(expected);
      run.dispose();
    },
    60_000,
  );

  for (const phase of ['forward', 'backward', 'update'] as const) {
    it.onEachBackend(`in a kernel of the backend's own, ${phase}, changes nothing`, async ({ backend }) => {
      using model = twoLayers();
      const run = await begun(model);
      const before = await run.checkpoint();
      const { numTensors } = memory();
      await useBackend({ ...backend, kernels: { ...backend.kernels, ...failing[phase] } });
      try {
        await expect(run.update()).rejects.toThrow(`lost while ${phase}`);
      } finally {
        await useBackend(backend);
      }
      expect([run.step, await run.checkpoint(), memory().numTensors]).toEqual([2, before, numTensors]);
      run.dispose();
    });
  }

  it.onEachBackend("ends its run with that error, and frees all that was the run's", async () => {
    using model = twoLayers();
    const { numTensors } = memory();
    let calls = 0;
    const loss: TwoLayers['task']['loss'] = (batch, context) => {
      if (++calls === 4) throw new Error('lost');
      return model.task.loss(batch, context);
    };
    await expect(collect(train({ ...model.task, ...settings, loss }))).rejects.toThrow('lost');
    expect(memory().numTensors).toBe(numTensors);
  });
});

const lost = (phase: string) => {
  throw new Error(`lost while ${phase}`);
};

const failing: Record<'forward' | 'backward' | 'update', Kernels> = {
  forward: { loraLinear: () => lost('forward') },
  backward: {
    crossEntropy: ({ logits }) => ({ value: sum(logits), gradient: () => lost('backward') }),
  },
  update: { adamw: () => lost('update') },
};
