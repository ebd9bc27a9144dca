import { FrozenConv, hostOf, type Adapter, type ConvGeometry, type PlainTensor } from '@lowrank/core';
import { readPeft, writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { channelsLast, describe, expect, expectClose, it, withFolder, type Tensors } from '@lowrank/testing';
import { train } from '@lowrank/trainer';
import { dispose, mean, square, tanh, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { gradientStep } from '../src/step.js';
import { collect } from './collect.js';
import { goldenPath } from './golden-base.js';
import { readTensors } from './torch-tensors.js';

const close = { atol: 5e-6, because: 'five layers of float32 sums in another order than torch' };

const plane: Record<string, Partial<ConvGeometry>> = {
  first: { padding: 'same' },
  second: { strides: [2, 2] },
  grouped: { padding: 'same', groups: 2 },
  dilated: { padding: 'same', dilations: [2, 2] },
  last: {},
};
const line: Record<string, Partial<ConvGeometry>> = { first: { padding: 'same' }, second: { strides: [2] }, last: {} };

const cases = [
  'plain',
  'ranks',
  'biases',
  'dora',
  'grouped',
  'dilated',
  'dilated-dora',
  'whole',
  'bias-all',
  'line',
  'line-dora',
  'line-whole',
];
const unmergeable = ['grouped', 'dilated', 'dilated-dora'];

for (const name of cases) {
  const folder = goldenPath(`peft-convs/${name}`);

  describe(`an adapter of convolutions that PEFT made (${name})`, () => {
    it.onEachBackend("gives PEFT's output apart and merged, and the base to the bit when it is off", async (test) => {
      const { output } = await expected(folder);
      const { manager, run, host } = await load(name, test.tensors);
      const untouched = run();
      manager.add('theirs', await readPeft(folder));
      expectClose(run(), output.data, close);
      const apart = run();
      if (unmergeable.includes(name)) {
        await expect(manager.merge()).rejects.toThrow(expect.objectContaining({ code: 'config-unsupported' }));
      } else {
        await manager.merge();
        expectClose(run(), output.data, close);
        for (const [path, kernel] of (await expected(folder)).merged) {
          expectClose((host.get(path) as FrozenConv).weight, kernel.data, close);
        }
        manager.unmerge();
      }
      expect(run()).toEqual(apart);
      manager.activate(undefined);
      expect(run()).toEqual(untouched);
      manager.dispose();
    });

    it.onEachBackend("has PEFT's gradients, and its values after an update", async ({ tensors }) => {
      const { gradients, final } = await expected(folder);
      const { manager, loss } = await load(name, tensors);
      manager.add('theirs', await readPeft(folder));
      const parameters = manager.parameters('theirs');
      const batches = { at: () => 0, weight: () => 1, batchesPerEpoch: 1 };
      const task = { parameters, loss, batches };

      const first = await gradientStep({ ...task, accumulate: 1, seed: 0 }, 1);
      expect(Object.keys(first.gradients).toSorted()).toEqual([...gradients.keys()].toSorted());
      for (const [key, { data }] of gradients) expectClose(first.gradients[key]!, data, close);
      dispose(first.gradients);

      const options = { steps: 1, learningRate: 1e-2, warmupSteps: 0, finalLearningRate: 1, clipNorm: 0 };
      await collect(train({ ...task, ...options }));
      const { tensors: values } = await manager.adapter('theirs');
      for (const [key, { data }] of final) {
        expectClose(values.get(key)!.data, data, {
          atol: 1e-4,
          because: "AdamW's first step turns rounding of a small gradient into a step",
        });
      }
      manager.dispose();
    });

    it.onEachBackend('is written as PEFT wrote it, byte for byte, after it was live', async ({ tensors }) => {
      const { manager } = await load(name, tensors);
      manager.add('theirs', await readPeft(folder));
      await withFolder(async (out) => {
        await writePeft(out, await manager.adapter('theirs'));
        const [ours, theirs] = await Promise.all(
          [out, folder].map((place) => readFile(`${place}/adapter_model.safetensors`)),
        );
        expect(ours!.equals(theirs!)).toBe(true);
      });
      manager.dispose();
    });
  });
}

async function load(name: string, tensors: Tensors) {
  const [net, layers] = name.startsWith('line') ? (['line', line] as const) : (['plane', plane] as const);
  const values = await readTensors(goldenPath(`peft-convs/${net}.safetensors`));
  const own = (key: string, kernel: boolean): Tensor | undefined => {
    const found = values.get(key);
    if (!found) return undefined;
    const { data, shape } = channelsLast(found, kernel);
    return tensors.of(data, shape);
  };
  const paths = Object.keys(layers);
  const host = hostOf(
    Object.fromEntries(
      paths.map((path) => [
        path,
        new FrozenConv(own(`${path}.weight`, true) as never, own(`${path}.bias`, true) as never, layers[path]),
      ]),
    ),
  );
  const x = own('x', false) as Tensor;
  const forward = () => paths.reduce((state, path) => tanh(host.get(path).forward(state)), x);
  const run = () => {
    const output = tidy(forward);
    const now = output.dataSync().slice() as Float32Array;
    output.dispose();
    return now;
  };
  return { host, manager: new LoraManager(host), run, loss: () => tidy(() => mean(square(forward()))) as never };
}

interface Expected {
  output: PlainTensor;
  gradients: Adapter['tensors'];
  final: Adapter['tensors'];
  merged: Adapter['tensors'];
}

/** What torch computed, under canonical names and in our layout. */
async function expected(folder: string): Promise<Expected> {
  const all = await readTensors(`${folder}/expected.safetensors`);
  // Of a module that is saved whole an `Adapter` has the values as the base's file has them.
  const under = (prefix: string, saved = false) => {
    const own = [...all].filter(([key]) => key.startsWith(prefix));
    return new Map(
      own.map(([key, value]) => [
        key.slice(prefix.length).replace('.base_layer', ''),
        saved && !key.includes('lora_') ? value : channelsLast(value, true),
      ]),
    );
  };
  const merged = [...under('merged/')].filter(([key]) => key.endsWith('.weight'));
  return {
    output: channelsLast(all.get('output') as PlainTensor, false),
    gradients: under('gradients/base_model.model.'),
    final: under('final/base_model.model.', true),
    merged: new Map(merged.map(([key, value]) => [key.replace('.weight', ''), value])),
  };
}
