import { readPeft } from '@lowrank/formats';
import { causalLoss, loadModel, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { dispose, variableGrads, type Tensor } from '@tensorflow/tfjs-core';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apply, trainingAdapter } from '../../test/adapter.js';
import { golden, goldenFolder, idsTensor, shifted } from '../../test/golden.js';
import { tensorsOf } from '../../test/tensors-of.js';

const readJson = async (path: string) => JSON.parse(await readFile(goldenFolder(path), 'utf8'));
const because = 'two layers of float32 sums in another order than torch';

function expectLogits(model: CausalModel, ids: number[][], expected: ArrayLike<number>): void {
  const input = idsTensor(ids);
  const output = model.forward(input);
  expectClose(output, expected, { atol: 1e-5, because });
  dispose([input, output]);
}

for (const name of ['peft-adapter', 'peft-adapter-rslora']) {
  describe(name, () => {
    it.onEachBackend("gives peft's logits apart and merged, and the base's once it is off", async () => {
      const { ids, logits } = await golden(name);
      const { logits: base } = await golden('llama-untied');
      const merged = (await tensorsOf(join(goldenFolder(name), 'expected.safetensors'))).get('merged_logits')!.data;
      using model = await loadModel(goldenFolder('llama-untied'));
      using layers = apply(await readPeft(goldenFolder(name)), model);
      expectLogits(model, ids, logits);
      for (const layer of layers.values()) await layer.merge();
      expectLogits(model, ids, merged);
      for (const layer of layers.values()) layer.enabled = false;
      expectLogits(model, ids, base);
    });

    it.onEachBackend("gives peft's loss", async () => {
      const { ids, lossPerSequence } = await golden(name);
      using model = await loadModel(goldenFolder('llama-untied'));
      using _ = apply(await readPeft(goldenFolder(name)), model);
      const loss = causalLoss(model, shifted(ids));
      expectClose(loss, [(lossPerSequence[0]! + lossPerSequence[1]!) / 2], { atol: 1e-5, because });
      loss.dispose();
    });
  });
}

const trainings = [
  { golden: 'peft-training', base: 'llama-untied', ids: (await golden('llama-untied')).ids, loss: 4.886408805847168 },
  ...(await Promise.all(
    readdirSync(goldenFolder('families-training')).map(async (family) => ({
      golden: `families-training/${family}`,
      base: `families/${family}`,
      ids: await readJson('families/ids.json'),
      loss: (await readJson(`families-training/${family}/training.json`)).loss,
    })),
  )),
];

for (const { golden, base, ids, loss } of trainings) {
  describe(golden, () => {
    it.onEachBackend("gives torch's loss and its gradient of every A and B, through the whole model", async () => {
      const expected = (await trainingAdapter(golden, 'gradients')).tensors;
      using model = await loadModel(goldenFolder(base));
      using layers = apply(await trainingAdapter(golden, 'initial'), model);
      const parameters = Array.from(layers, ([path, layer]) => layer.parameters(path)).flat();
      expect(parameters.map(({ name }) => name).sort()).toEqual([...expected.keys()].sort());
      const { value, grads } = variableGrads(
        () => causalLoss(model, shifted(ids), { training: true, seed: 0 }),
        parameters.map(({ variable }) => variable),
      );
      expectClose(value, [loss], { atol: 1e-5, because });
      for (const { name, variable } of parameters) {
        const gradient = grads[variable.name] as Tensor;
        const { shape, data } = expected.get(name)!;
        expect(gradient.shape, name).toEqual(shape);
        // The largest are 0.07 to 0.8.
        expectClose(gradient, data, { atol: 2e-6, because: `${name}: ${because}` });
      }
      value.dispose();
      dispose(grads as never);
    });
  });
}
