import type { Adapter, Host, PlainTensor } from '@lowrank/core';
import { fileSource, openSafetensors, readPeft, writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { train } from '@lowrank/trainer';
import { dispose, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gradientStep } from '../src/step.js';
import { collect } from './collect.js';
import { goldenPath, loadBase, type Base } from './golden-base.js';

const close = { atol: 5e-6, because: 'two layers of float32 sums in another order than torch' };

for (const base of readdirSync(goldenPath('peft-kinds'))) {
  for (const kind of readdirSync(goldenPath(`peft-kinds/${base}`))) {
    const folder = goldenPath(`peft-kinds/${base}/${kind}`);

    describe(`an adapter that PEFT made on ${base} (${kind})`, () => {
      it.onEachBackend("gives PEFT's logits apart and merged, and the base to the bit when it is off", async () => {
        const { logits } = await expected(folder);
        using model = await loadBase(base);
        using manager = new LoraManager(model.host);
        const untouched = outputOf(model);
        manager.add('theirs', await readPeft(folder));
        expectClose(outputOf(model), logits!.data, close);
        const apart = outputOf(model);
        if (!cannotMerge(kind)) {
          await manager.merge();
          expectClose(outputOf(model), logits!.data, close);
          manager.unmerge();
          expect(outputOf(model)).toEqual(apart);
        }
        manager.activate(undefined);
        expect(outputOf(model)).toEqual(untouched);
      });

      it.onEachBackend("has PEFT's gradients, and its values after an update", async () => {
        const { gradients, final } = await expected(folder);
        using model = await loadBase(base);
        using manager = new LoraManager(model.host);
        const adapter = await readPeft(folder);
        manager.add('theirs', adapter);
        const parameters = manager.parameters('theirs');
        const batches = { at: () => 0, weight: () => 1, batchesPerEpoch: 1 };
        const task = { parameters, loss: () => model.loss(), batches };

        const first = await gradientStep({ ...task, accumulate: 1, seed: 0 }, 1);
        const ours = await plain(first.gradients, model.host);
        expect([...ours.keys()].toSorted()).toEqual([...gradients.keys()].toSorted());
        for (const [name, { data }] of gradients) expectClose(ours.get(name)!.data, data, close);
        dispose(first.gradients);

        const options = { steps: 1, learningRate: 1e-2, warmupSteps: 0, finalLearningRate: 1, clipNorm: 0 };
        await collect(train({ ...task, ...options }));
        const { tensors } = await manager.adapter('theirs');
        for (const [name, { data }] of final) {
          expectClose(noticed(name, tensors.get(name)!.data), noticed(name, data), {
            atol: 1e-4,
            because: "AdamW's first step turns rounding of a small gradient into a step",
          });
        }
      });

      it.onEachBackend('is written as PEFT wrote it, byte for byte, after it was live', async () => {
        using model = await loadBase(base);
        using manager = new LoraManager(model.host);
        manager.add('theirs', await readPeft(folder));
        await withFolder(async (out) => {
          await writePeft(out, await manager.adapter('theirs'));
          const [ours, theirs] = await Promise.all([out, folder].map((place) => filesOf(place)));
          if (kind === 'bias-all-whole') expect(await valuesOf(out)).toEqual(onlyOnce(await valuesOf(folder)));
          else expect(ours!.weights.equals(theirs!.weights)).toBe(true);
          const { peft_version: _, ...config } = theirs!.config;
          expect(ours!.config).toEqual({ ...config, auto_mapping: null });
        });
      });
    });
  }
}

/** A bias but for what it adds to keys: softmax takes no notice of that, and its gradient is rounding alone. */
function noticed(name: string, values: ArrayLike<number>): Float32Array {
  const all = Float32Array.from(values);
  if (name.endsWith('key.bias')) return all.slice(0, 0);
  const third = all.length / 3;
  const joint = /c_attn\.(lora_B\.)?bias$/.test(name); // queries, keys, values
  return joint ? all.filter((_, at) => at < third || at >= 2 * third) : all;
}

/** A bias on B has nowhere to go where the base has none. */
function cannotMerge(kind: string): boolean {
  return kind === 'lora-bias-bare';
}

function outputOf({ logits }: Base): Float32Array {
  const output = tidy(logits);
  const values = output.dataSync().slice() as Float32Array;
  output.dispose();
  return values;
}

interface Expected {
  logits: PlainTensor | undefined;
  gradients: Adapter['tensors'];
  final: Adapter['tensors'];
}

/** What torch computed, under canonical names and in the layout of an `Adapter`. */
async function expected(folder: string): Promise<Expected> {
  const file = await openSafetensors(await fileSource(`${folder}/expected.safetensors`));
  const all = await file.readAll();
  await file.close();
  const under = (slot: string) => {
    const own = [...all].filter(([name]) => name.startsWith(`${slot}/base_model.model.`));
    return new Map(own.map(([name, value]) => ours(name.slice(`${slot}/base_model.model.`.length), value)));
  };
  return { logits: all.get('logits'), gradients: under('gradients'), final: under('final') };
}

function ours(name: string, tensor: PlainTensor): [string, PlainTensor] {
  const factor = /\.lora_(embedding_)?[AB](\.weight)?$/.test(name);
  return [name.replace('.base_layer.bias', '.bias'), factor ? onItsSide(tensor) : tensor];
}

function onItsSide({ shape, data }: PlainTensor): PlainTensor {
  const [rows, columns] = shape as [number, number];
  const turned = data.map((_, at) => data[(at % rows) * columns + Math.floor(at / rows)]!);
  return { shape: [columns, rows], data: turned };
}

/** Gradients as plain data, those of a linear's whole weight on their side as in an `Adapter`. */
async function plain(gradients: Record<string, Tensor>, host: Host): Promise<Adapter['tensors']> {
  const linears = new Set(
    host
      .modules()
      .flatMap(({ path, kind, fanInFanOut }) => (kind === 'linear' && !fanInFanOut ? [`${path}.weight`] : [])),
  );
  const entries = Object.entries(gradients).map(([name, { shape, dataSync }]): [string, PlainTensor] => {
    const value = { shape, data: dataSync.call(gradients[name]) as Float32Array };
    return [name, linears.has(name) ? onItsSide(value) : value];
  });
  return new Map(entries);
}

async function valuesOf(folder: string): Promise<Map<string, PlainTensor>> {
  const file = await openSafetensors(await fileSource(`${folder}/adapter_model.safetensors`));
  const all = await file.readAll();
  await file.close();
  return all;
}

/** With `bias: all`, PEFT writes the bias of a saved module under three names, and needs one of them. */
function onlyOnce(values: Map<string, PlainTensor>): Map<string, PlainTensor> {
  return new Map([...values].filter(([name]) => !/\.(original_module|modules_to_save)\./.test(name)));
}

async function filesOf(folder: string) {
  const [weights, config] = await Promise.all(
    ['adapter_model.safetensors', 'adapter_config.json'].map((name) => readFile(`${folder}/${name}`)),
  );
  return { weights: weights!, config: JSON.parse(String(config)) as Record<string, unknown> };
}
