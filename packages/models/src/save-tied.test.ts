import { planAdapter } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadModel, saveModel, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { mul, tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden, goldenFolder, idsTensor } from '../test/golden.js';
import { tensorsOf } from '../test/tensors-of.js';

const close = { atol: 5e-6, because: 'two layers of float32 sums in another order than torch' };

async function logitsOf(model: CausalModel, ids?: number[][]): Promise<Float32Array> {
  ids ??= (await golden('llama-tied')).ids;
  const output = tidy(() => model.forward(idsTensor(ids)));
  const values = output.dataSync().slice() as Float32Array;
  output.dispose();
  return values;
}

const config = async (folder: string) => JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));

describe('saveModel of a tied model', () => {
  for (const kind of ['embedding', 'embedding-dora']) {
    it.onEachBackend(`writes the head apart where only the embedding was adapted (${kind})`, () =>
      withFolder(async (to) => {
        const from = goldenFolder('llama-tied');
        const folder = goldenFolder(`peft-kinds/llama-tied/${kind}`);
        using model = await loadModel(from);
        using manager = new LoraManager(model);
        manager.add('theirs', await readPeft(folder));
        await manager.merge();
        await saveModel(model, { from, to });
        using saved = await loadModel(to);
        expect(Array.from(await logitsOf(saved))).toEqual(Array.from(await logitsOf(model)));
        const expected = await tensorsOf(join(folder, 'expected.safetensors'));
        expectClose(await logitsOf(saved), expected.get('logits')!.data, close);
        const [ours, theirs] = await Promise.all([to, from].map((at) => tensorsOf(join(at, 'model.safetensors'))));
        expect(ours!.get('lm_head.weight')).toEqual(theirs!.get('model.embed_tokens.weight'));
        expect(ours!.get('model.embed_tokens.weight')).not.toEqual(theirs!.get('model.embed_tokens.weight'));
        expect(await config(to)).toEqual({ ...(await config(from)), tie_word_embeddings: false });
      }),
    );
  }

  it('keeps them one where rows of both were trained, or the adapter is off', () =>
    withFolder(async (to) => {
      const from = goldenFolder('llama-tied');
      using model = await loadModel(from);
      using manager = new LoraManager(model);
      manager.add('rows', await readPeft(goldenFolder('peft-kinds/llama-tied/tokens')));
      await manager.merge();
      await saveModel(model, { from, to });
      expect(await config(to)).toEqual(await config(from));
      using saved = await loadModel(to);
      expectClose(await logitsOf(saved), await logitsOf(model), close);
      manager.add('table', await readPeft(goldenFolder('peft-kinds/llama-tied/embedding')));
      manager.activate(undefined);
      await saveModel(model, { from, to });
      const [ours, theirs] = await Promise.all([to, from].map((at) => tensorsOf(join(at, 'model.safetensors'))));
      expect(ours).toEqual(theirs);
    }));

  it('writes the head apart for a table that was trained whole, in GPT-2 too', () =>
    withFolder(async (to) => {
      const ids = [[1, 30, 7, 7, 19]];
      const from = goldenFolder('families/gpt2');
      using model = await loadModel(from);
      using manager = new LoraManager(model);
      manager.add(
        'whole',
        planAdapter({ rank: 1, targetModules: ['c_proj'], modulesToSave: ['wte'] }, model.modules()),
      );
      const table = manager.parameters('whole').find(({ name }) => name === 'transformer.wte.weight')!;
      tidy(() => table.variable.assign(mul(table.variable, 2)));
      await manager.merge();
      await saveModel(model, { from, to });
      const [ours, theirs] = await Promise.all([to, from].map((at) => tensorsOf(join(at, 'model.safetensors'))));
      expect(ours!.get('lm_head.weight')).toEqual(theirs!.get('transformer.wte.weight'));
      expect((await config(to)).tie_word_embeddings).toBe(false);
      using saved = await loadModel(to);
      expect(Array.from(await logitsOf(saved, ids))).toEqual(Array.from(await logitsOf(model, ids)));
    }));
});
