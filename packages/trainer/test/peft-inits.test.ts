import { initialFactors, loraTensorName, planAdapter, type Adapter } from '@lowrank/core';
import { fileSource, openSafetensors, readPeft, writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it, matMul64, withFolder } from '@lowrank/testing';
import { train } from '@lowrank/trainer';
import { tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collect, only } from './collect.js';
import { goldenPath, loadBase, type Base } from './golden-base.js';

const close = { atol: 1e-5, because: 'a float64 and a float32 decomposition, then two layers of float32 sums' };

for (const init of ['pissa', 'olora'] as const) {
  const folder = goldenPath(`lora-init/${init}`);

  describe(`training from ${init} as PEFT does it`, () => {
    it.onEachBackend('has its losses, and is saved as the plain LoRA that it converts to', async () => {
      const { lr, steps, losses, loss_after, ...options } = JSON.parse(
        await readFile(join(folder, 'training.json'), 'utf8'),
      );
      const logits = await logitsOf(folder);
      using model = await loadBase('llama-untied');
      using manager = new LoraManager(model.host);
      const untouched = outputOf(model);
      const plan = planAdapter(
        {
          rank: options.r,
          alpha: options.lora_alpha,
          targetModules: options.target_modules,
          rankPattern: options.rank_pattern ?? {},
          useRslora: options.use_rslora ?? false,
          init,
        },
        model.host.modules(),
      );
      manager.add('ours', plan, { start: await initialFactors(plan, model.host) });
      const constant = { learningRate: lr, warmupSteps: 0, finalLearningRate: 1, clipNorm: 0 };
      const batches = { at: () => 0, weight: () => 1, batchesPerEpoch: 1 };
      const parameters = manager.parameters('ours');
      const events = await collect(train({ parameters, loss: () => model.loss(), batches, steps, ...constant }));
      expectClose(
        only(events, 'step-end').map(({ loss }) => loss),
        losses,
        close,
      );
      expectClose(await lossOf(model), [loss_after], close);
      const apart = outputOf(model);
      expectClose(apart, logits, { ...close, atol: 1e-4 });

      const ours = await manager.adapter('ours');
      const theirs = await readPeft(folder);
      const { rank, alpha, rankPattern } = theirs.config;
      expect(ours.config).toMatchObject({ rank, alpha, rankPattern, init: 'kaiming' });
      for (const { path, in: from, out } of plan.modules) {
        expectClose(productOf(ours, path, from, out), productOf(theirs, path, from, out), {
          ...close,
          atol: 5e-5,
          because: "AdamW's first steps turn rounding of a small gradient into a step",
        });
      }
      await withFolder(async (place) => {
        await writePeft(place, ours);
        manager.add('again', await readPeft(place));
      });
      manager.activate('again');
      expectClose(outputOf(model), apart, close);
      manager.activate(undefined);
      expect(outputOf(model)).toEqual(untouched);
    });
  });
}

/** `A B` of a module, which the signs of the pairs that make it up do not change. */
function productOf({ tensors }: Adapter, path: string, from: number, out: number): Float64Array {
  const [a, b] = (['lora_A', 'lora_B'] as const).map((role) => tensors.get(loraTensorName(path, role))!);
  expect(a!.shape[0]).toBe(from);
  return matMul64(a!.data, b!.data, [from, a!.shape[1]!, out]);
}

async function logitsOf(folder: string): Promise<Float32Array> {
  const file = await openSafetensors(await fileSource(join(folder, 'expected.safetensors')));
  const { data } = await file.read('logits');
  await file.close();
  return data;
}

function outputOf({ logits }: Base): Float32Array {
  let values = new Float32Array();
  tidy(() => {
    values = Float32Array.from(logits().dataSync());
  });
  return values;
}

async function lossOf({ loss }: Base): Promise<Float32Array> {
  const value = loss();
  const values = Float32Array.from(await value.data());
  value.dispose();
  return values;
}
