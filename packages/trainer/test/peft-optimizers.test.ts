import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { train, type TrainOptions } from '@lowrank/trainer';
import { readFile } from 'node:fs/promises';
import { collect, only } from './collect.js';
import { goldenPath, loadBase } from './golden-base.js';

const cases: Record<string, Partial<TrainOptions<number>>> = {
  'lora-plus': { loraPlusRatio: 4, embeddingLearningRate: 3e-3, weightDecay: 0.1 },
  'lora-fa': { loraFa: true, weightDecay: 0 },
};

for (const [name, options] of Object.entries(cases)) {
  const folder = goldenPath(`peft-optimizers/${name}`);

  describe(`training with ${name} as PEFT's optimiser does it`, () => {
    it.onEachBackend('has its losses and its values after three steps, and frees what it held', async () => {
      const { lr, steps, losses } = JSON.parse(await readFile(`${folder}/training.json`, 'utf8'));
      const [initial, final] = [await readPeft(`${folder}/initial`), await readPeft(`${folder}/final`)];
      using model = await loadBase('llama-untied');
      using manager = new LoraManager(model.host);
      manager.add('theirs', initial);
      const task = {
        parameters: manager.parameters('theirs'),
        loss: () => model.loss(),
        batches: { at: () => 0, weight: () => 1, batchesPerEpoch: 1 },
      };
      const constant = { learningRate: lr, warmupSteps: 0, finalLearningRate: 1, clipNorm: 0 };
      const events = await collect(train({ ...task, ...constant, ...options, steps }));
      expectClose(
        only(events, 'step-end').map(({ loss }) => loss),
        losses,
        { atol: 1e-5, because: 'two layers of float32 sums in another order than torch' },
      );
      const { tensors } = await manager.adapter('theirs');
      expect([...tensors.keys()].toSorted()).toEqual([...final.tensors.keys()].toSorted());
      for (const [path, { data }] of final.tensors) {
        expectClose(tensors.get(path)!.data, data, {
          atol: 1e-4,
          because: "AdamW's first steps turn rounding of a small gradient into a step",
        });
        const moves = data.some((value, at) => value !== initial.tensors.get(path)!.data[at]);
        const held = path.includes('base_layer') || (options.loraFa && path.includes('lora_A'));
        expect(moves, path).toBe(!held);
      }
    });
  });
}
