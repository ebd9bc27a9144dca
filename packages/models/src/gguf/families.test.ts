import type { BlockWeight, FrozenWeight } from '@lowrank/core';
import { loadModel, readModules, saveModel } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder, idsTensor } from '../../test/golden.js';
import { tensorsOf } from '../../test/tensors-of.js';

const because = 'float32 sums in another order than torch, of logits up to 5';
const families = goldenFolder('families');
const files = readdirSync(goldenFolder('gguf-families'));
const ids: number[][] = JSON.parse(await readFile(join(families, 'ids.json'), 'utf8'));

it("there are goldens of every family that llama.cpp's converter wrote", () => {
  expect(new Set(files.map((name) => name.split(/[-.]/)[0]))).toEqual(new Set(['gpt2', 'llama', 'mistral', 'qwen2']));
  expect(files).toHaveLength(8);
});

for (const file of files) {
  describe(file, () => {
    const path = join(goldenFolder('gguf-families'), file);
    const original = join(families, file.replace('.gguf', ''));

    it.onEachBackend("has transformers' logits of the folder that it was made from, and its modules", async () => {
      using model = await loadModel(path);
      const { logits } = Object.fromEntries(await tensorsOf(join(original, 'expected.safetensors')));
      const input = idsTensor(ids);
      const output = model.forward(input);
      expectClose(output, logits!.data, { atol: 2e-5, because });
      input.dispose();
      output.dispose();
      expect(await readModules(path)).toEqual(await readModules(original));
    });

    it('is saved as that folder, tensor by tensor', () =>
      withFolder(async (to) => {
        {
          using model = await loadModel(path);
          await saveModel(model, { from: path, to });
        }
        const [saved, theirs] = await Promise.all(
          [to, original].map((folder) => tensorsOf(join(folder, 'model.safetensors'))),
        );
        expect(Object.fromEntries(saved!)).toEqual(Object.fromEntries(theirs!));
        using again = await loadModel(to);
        using source = await loadModel(original);
        const { modelType, ...config } = source.config;
        // llama.cpp has no architecture of Mistral's own.
        expect(again.config).toEqual({ ...config, modelType: modelType.replace('mistral', 'llama') });
      }));
  });
}

it('a Conv1D is packed by its outputs, as it lies in the file', async () => {
  const path = join(goldenFolder('gguf-families'), 'gpt2.gguf');
  using packed = await loadModel(path, { quantise: 'int8' });
  using original = await loadModel(join(families, 'gpt2'), { quantise: 'int8' });
  const weightOf = (model: typeof packed) =>
    (model.get('transformer.h.1.mlp.c_fc') as unknown as { weight: FrozenWeight }).weight as BlockWeight;
  expect(weightOf(packed).shape).toEqual([16, 64]);
  expect(weightOf(packed).packed.dataSync()).toEqual(weightOf(original).packed.dataSync());
});
