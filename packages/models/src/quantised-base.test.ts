import { loadModel, readModules, saveModel, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it, withFolder } from '@lowrank/testing';
import { memory, tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder, idsTensor } from '../test/golden.js';
import { expectNearestCodes, formats } from '../test/quantised.js';
import { tensorsOf } from '../test/tensors-of.js';
import { tinyBase } from '../test/tiny-base.js';

/** Bytes a parameter: the codes, a float32 scale for each 64 of them, and the norms in float32. */
const atRest = { int8: 1.065, nf4: 0.565, q4: 0.565 };

/** Root mean square distance of logits from the dense model's, as a share of those. */
const distance = { int8: 0.006, nf4: 0.08, q4: 0.08 };

const because = 'the same products of the same weights, summed in another order';

const weightsIn = (folder: string) => tensorsOf(join(folder, 'model.safetensors'));

async function heldOut(): Promise<number[][]> {
  const { input_ids: ids } = JSON.parse(await readFile(join(goldenFolder('tiny-base'), 'expected.json'), 'utf8'));
  return [ids];
}

function logitsOf(model: CausalModel, ids: number[][]): Float32Array {
  const output = tidy(() => model.forward(idsTensor(ids)));
  const values = output.dataSync().slice() as Float32Array;
  output.dispose();
  return values;
}

for (const quantise of formats) {
  describe(`the embedded base in ${quantise}`, () => {
    it.onEachBackend(`takes ${atRest[quantise]} bytes a parameter at most, as its modules say`, async () => {
      const before = memory();
      const model = await loadModel(tinyBase, { quantise });
      const bytes = memory().numBytes - before.numBytes;
      const modules = model.modules();
      const sum = (of: 'bytes' | 'parameters') => modules.reduce((total, module) => total + module[of], 0);
      expect(sum('parameters')).toBe(3475712);
      expect(bytes / sum('parameters')).toBeLessThan(atRest[quantise]);
      expect(bytes).toBe(sum('bytes'));
      expect(await readModules(tinyBase, { quantise })).toEqual(modules);
      model.dispose();
      expect(memory().numBytes).toBe(before.numBytes);
    });

    it.onEachBackend('computes with the weights that it is saved as, in the tied head too', () =>
      withFolder(async (to) => {
        const ids = await heldOut();
        using model = await loadModel(tinyBase, { quantise });
        await saveModel(model, { from: tinyBase, to });
        using dense = await loadModel(to);
        expectClose(logitsOf(model, ids), logitsOf(dense, ids), { atol: 2e-5, because });
      }),
    );

    it.onEachBackend(`has logits within ${100 * distance[quantise]} % of the dense ones`, async () => {
      const ids = await heldOut();
      using model = await loadModel(tinyBase, { quantise });
      using dense = await loadModel(tinyBase);
      const [ours, theirs] = [logitsOf(model, ids), logitsOf(dense, ids)];
      const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
      const apart = norm(ours.map((value, index) => value - theirs[index]!)) / norm(theirs);
      expect(apart).toBeLessThan(distance[quantise]);
      expect(apart).toBeGreaterThan(distance[quantise] / 2);
    });
  });

  describe(`a base in ${quantise}`, () => {
    for (const from of [tinyBase, goldenFolder('llama-tied'), goldenFolder('llama-untied')]) {
      it.onEachBackend(`is saved as the nearest values of its format: ${from.split('/').at(-1)}`, () =>
        withFolder(async (to) => {
          using model = await loadModel(from, { quantise });
          await saveModel(model, { from, to });
          const [saved, values] = [await weightsIn(to), await weightsIn(from)];
          expect([...saved.keys()].sort()).toEqual([...values.keys()].sort());
          for (const [name, tensor] of values) {
            if (tensor.shape.length === 2) expectNearestCodes(saved.get(name)!, tensor, quantise);
            else expect(saved.get(name), name).toEqual(tensor);
          }
        }),
      );
    }

    it.onEachBackend('computes with the weights that it is saved as, though rows end within a block', () =>
      withFolder(async (to) => {
        const from = goldenFolder('llama-untied');
        using model = await loadModel(from, { quantise });
        await saveModel(model, { from, to });
        using dense = await loadModel(to);
        const ids = [[5, 90, 17, 3]];
        expectClose(logitsOf(model, ids), logitsOf(dense, ids), { atol: 1e-5, because });
      }),
    );
  });
}
