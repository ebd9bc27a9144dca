import type { FrozenLinear } from '@lowrank/core';
import { fileSource, openSafetensors } from '@lowrank/formats';
import { loadModel, openModelWeights, readModules } from '@lowrank/models';
import { errorOf, expect, it } from '@lowrank/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { goldenFolder } from '../test/golden.js';

for (const name of ['llama-untied', 'families/gpt2', 'bert-classifier']) {
  it(`reads each tensor of ${name} when it is asked for, as its file has it`, async () => {
    const weights = await openModelWeights(goldenFolder(name));
    const file = await openSafetensors(await fileSource(`${goldenFolder(name)}/model.safetensors`));
    expect(weights.modules).toEqual(await readModules(goldenFolder(name)));
    const names = weights.modules
      .filter(({ parameters }) => parameters > 0)
      .flatMap(({ path, bias }) => (bias ? [`${path}.weight`, `${path}.bias`] : [`${path}.weight`]));
    expect(names.length).toBeGreaterThan(10);
    for (const tensor of names) expect(await weights.read(tensor)).toEqual(await file.read(tensor));
    await file.close();
    await weights.close();
  });
}

for (const name of ['llama-untied', 'families/gpt2']) {
  it(`gives the linears of ${name} as layers have them, [in, out]`, async () => {
    using model = await loadModel(goldenFolder(name));
    const weights = await openModelWeights(goldenFolder(name));
    const linears = model.modules().filter(({ kind }) => kind === 'linear');
    expect(linears.length).toBeGreaterThan(3);
    for (const { path, in: from, out } of linears) {
      const { shape, data } = await weights.linear(path);
      expect(shape).toEqual([from, out]);
      expect(data).toEqual(((model.get(path) as FrozenLinear).weight as Tensor2D).dataSync());
    }
    await weights.close();
  });
}

it('names a folder that is no model', async () => {
  expect(await errorOf(() => openModelWeights(goldenFolder('peft-adapter')))).toMatchObject({ code: 'file-missing' });
});
