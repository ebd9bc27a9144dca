import { planAdapter, type LabelledBatch } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { classificationLoss, classLogits, loadClassifier } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { evaluateClasses, train, type BatchSource } from '@lowrank/trainer';
import { tensor2d } from '@tensorflow/tfjs-core';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const golden = (name: string) => fileURLToPath(new URL(`../../../tooling/goldens/data/${name}`, import.meta.url));
const because = 'two layers of float32 sums in another order than torch';

async function adapterAt(file: 'initial' | 'final') {
  let adapter: Awaited<ReturnType<typeof readPeft>> | undefined;
  await withFolder(async (folder) => {
    const from = golden('classifier-training');
    await cp(join(from, 'adapter_config.json'), join(folder, 'adapter_config.json'));
    await cp(join(from, `${file}.safetensors`), join(folder, 'adapter_model.safetensors'));
    adapter = await readPeft(folder);
  });
  return adapter!;
}

async function goldenBatch(): Promise<LabelledBatch> {
  const read = async (path: string) => JSON.parse(await readFile(golden(path), 'utf8'));
  const { input_ids: ids, attention_mask: mask, token_type_ids: types } = await read('bert/expected.json');
  const { labels } = await read('classifier-training/training.json');
  const flat = (rows: number[][]) => Int32Array.from(rows.flat());
  return {
    ids: flat(ids),
    mask: Float32Array.from(mask.flat()),
    types: flat(types),
    labels: Int32Array.from(labels),
    batch: ids.length,
    seq: ids[0].length,
  };
}

const only = (batch: LabelledBatch): BatchSource<LabelledBatch> => ({
  batchesPerEpoch: 1,
  at: () => batch,
  weight: ({ labels }) => labels.length,
});

describe('a classifier with an adapter of task type SEQ_CLS', () => {
  it.onEachBackend("learns as PEFT's does with AdamW: losses, factors and head", async () => {
    const training = JSON.parse(await readFile(golden('classifier-training/training.json'), 'utf8'));
    const { classNames, steps, learningRate, weightDecay, losses } = training;
    const batch = await goldenBatch();
    using model = await loadClassifier(golden('bert'), { classNames, seed: 5 });
    using manager = new LoraManager(model);
    manager.add('mood', await adapterAt('initial'));
    const seen: number[] = [];
    for await (const event of train({
      parameters: manager.parameters('mood'),
      loss: (given, context) => classificationLoss(model, given, context),
      batches: only(batch),
      ...{ steps, learningRate, weightDecay, warmupSteps: 0, finalLearningRate: 1, clipNorm: 0 },
    })) {
      if (event.type === 'step-end') seen.push(event.loss);
    }
    expectClose(seen, losses, { atol: 1e-5, because });
    const [{ tensors }, { tensors: expected }] = [await manager.adapter('mood'), await adapterAt('final')];
    expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    expect(tensors.get('classifier.weight')!.shape).toEqual([3, 30]);
    for (const [name, { data }] of expected) {
      expectClose(tensors.get(name)!.data, data, {
        atol: 2e-5,
        because: `${name}: ${because}, through Adam's division`,
      });
    }
  });

  it('gets a fresh head of its own from a plan, saved with the factors', async () => {
    using model = await loadClassifier(golden('bert'), { classNames: ['a', 'b'] });
    using manager = new LoraManager(model);
    const plan = planAdapter({ rank: 2, alpha: 4, targetModules: ['query'], taskType: 'SEQ_CLS' }, model.modules());
    manager.add('fresh', plan);
    const trained = manager.parameters('fresh').map(({ name }) => name);
    expect(trained.filter((name) => !name.includes('lora_'))).toEqual(['classifier.weight', 'classifier.bias']);
    const base = Array.from(
      (model.get('classifier') as unknown as { weight: { dataSync(): Float32Array } }).weight.dataSync(),
    );
    const { data, shape } = (await manager.adapter('fresh')).tensors.get('classifier.weight')!;
    expect(shape).toEqual([2, 30]);
    expect(base).toEqual(Array.from({ length: 60 }, (_, index) => data[(index % 2) * 30 + Math.floor(index / 2)]));
  });
});

describe('evaluateClasses', () => {
  it.onEachBackend("gives the loss of transformers' logits, and their scores", async () => {
    const batch = await goldenBatch();
    using model = await loadClassifier(golden('bert-classifier'), {});
    const { loss, accuracy, predicted } = await evaluateClasses({
      logits: (given) => classLogits(model, given),
      batches: only(batch),
    });
    expectClose([loss], [1.121444747744058], { atol: 1e-5, because });
    expect([accuracy, predicted]).toEqual([1 / 3, [1, 1, 1]]);
  });

  it('weighs batches by their size, and refuses none and a loss that is not finite', async () => {
    const batch = await goldenBatch();
    const rows = (from: number, to: number): LabelledBatch => ({
      ...batch,
      labels: batch.labels.slice(from, to),
      batch: to - from,
    });
    const parts = [rows(0, 2), rows(2, 3)];
    const batches: BatchSource<LabelledBatch> = { batchesPerEpoch: 2, at: (index) => parts[index]!, weight: () => 1 };
    const logits = ({ labels }: LabelledBatch) =>
      tensor2d(Array.from(labels, (_, row) => [0, row === 0 ? 0 : Math.log(2), 0]));
    // Rows of probabilities 1/3 each, or 1/4, 1/2, 1/4; labels 2, 0 and 1.
    const { loss, accuracy } = await evaluateClasses({ logits, batches });
    expectClose([loss], [(Math.log(3) + Math.log(4) + Math.log(3)) / 3], { atol: 1e-6, because: 'float32 logarithms' });
    expect(accuracy).toBe(0);
    await expect(evaluateClasses({ logits, batches, count: 0 })).rejects.toMatchObject({ code: 'data-invalid' });
    const broken = ({ batch: size }: LabelledBatch) => tensor2d(Array.from({ length: size }, () => [NaN, 0, 0]));
    await expect(evaluateClasses({ logits: broken, batches })).rejects.toMatchObject({ code: 'not-finite' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(evaluateClasses({ logits, batches, signal })).rejects.toThrow('enough');
  });
});
