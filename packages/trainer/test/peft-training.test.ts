import { loraConfig, parseLoraTensorName, type Adapter, type PlainTensor } from '@lowrank/core';
import { fileSource, openSafetensors } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel } from '@lowrank/models';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { train, type BatchSource } from '@lowrank/trainer';
import { dispose } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gradientStep } from '../src/step.js';
import { collect, only } from './collect.js';

describe('training as peft and torch do it', () => {
  it.onEachBackend('has their gradients, losses and factors after three AdamW steps', async () => {
    const [initial, gradients, final] = [await factors('initial'), await factors('gradients'), await factors('final')];
    const { input_ids, lr, steps, losses, loss_after } = JSON.parse(
      await readFile(golden('peft-training/training.json'), 'utf8'),
    );
    using model = await loadModel(golden('llama-untied'));
    using manager = new LoraManager(model);
    const config = loraConfig({ rank: 4, alpha: 12, targetModules: ['q_proj', 'v_proj', 'down_proj'] });
    manager.add('golden', { config, tensors: initial });
    const parameters = manager.parameters('golden');
    const loss = (batch: ReturnType<typeof shifted>) => causalLoss(model, batch);
    const batches: BatchSource<ReturnType<typeof shifted>> = {
      at: () => shifted(input_ids),
      weight: () => 20,
      batchesPerEpoch: 1,
    };

    const first = await gradientStep({ parameters, loss, batches, accumulate: 1, seed: 0 }, 1);
    expect(Object.keys(first.gradients).toSorted()).toEqual([...gradients.keys()].toSorted());
    const close = { atol: 2e-6, because: 'two layers of float32 sums in another order than torch' };
    for (const [name, gradient] of Object.entries(first.gradients))
      expectClose(gradient, gradients.get(name)!.data, close);
    dispose(first.gradients);

    const constant = { learningRate: lr, warmupSteps: 0, finalLearningRate: 1, clipNorm: 0 };
    const events = await collect(train({ parameters, loss, batches, steps, ...constant }));
    expectClose(
      only(events, 'step-end').map((event) => event.loss),
      losses,
      { ...close, atol: 1e-5 },
    );
    const after = loss(batches.at(0));
    expectClose(after, [loss_after], { ...close, atol: 1e-5 });
    after.dispose();
    const { tensors } = await manager.adapter('golden');
    for (const [name, { data }] of tensors) {
      expectClose(data, final.get(name)!.data, {
        atol: 2e-6,
        because: "AdamW's first steps turn 1e-6 of a small gradient into its sign",
      });
    }
  });
});

function golden(name: string): string {
  return fileURLToPath(new URL(`../../../tooling/goldens/data/${name}`, import.meta.url));
}

/** PEFT's tensors of one file under canonical names, transposed to `[in, out]`. */
async function factors(name: string): Promise<Adapter['tensors']> {
  const file = await openSafetensors(await fileSource(golden(`peft-training/${name}.safetensors`)));
  const tensors = new Map<string, PlainTensor>();
  for (const [peftName, { shape, data }] of await file.readAll()) {
    const canonical = peftName.replace('base_model.model.', '');
    expect(parseLoraTensorName(canonical)).toBeDefined();
    const [rows, columns] = shape as [number, number];
    tensors.set(canonical, {
      shape: [columns, rows],
      data: data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!),
    });
  }
  await file.close();
  return tensors;
}

/** The sequences as a batch whose targets are the ids one step on, the last of each ignored. */
function shifted(ids: number[][]) {
  const targets = ids.map((row) => [...row.slice(1), -100]);
  return {
    ids: Int32Array.from(ids.flat()),
    targets: Int32Array.from(targets.flat()),
    batch: ids.length,
    seq: ids[0]!.length,
  };
}
